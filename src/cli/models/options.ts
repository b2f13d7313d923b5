/** Which models can be chosen. */
import * as Options from "@effect/cli/Options"
import * as Flags from "../Flags.js"

/** The capabilities as they are written here. */
const capabilities = ["reasoning", "tools", "structured-output", "temperature"] as const

/** What a model may read, apart from text. */
const modalities = ["image", "pdf", "audio", "video"] as const

/** The options. */
export const options = Options.all({
  providers: Flags.texts({
    name: "provider",
    alias: "p",
    value: "name",
    help: "Only models of this provider; may be repeated"
  }),
  can: Flags.words(
    {
      name: "can",
      value: "ability",
      help: `Only models that can do this (${capabilities.join(", ")}); may be repeated`
    },
    capabilities
  ),
  reads: Flags.words(
    { name: "reads", value: "kind", help: `Only models that read this (${modalities.join(", ")}); may be repeated` },
    modalities
  ),
  all: Flags.isSet({ name: "all", alias: "a", help: "Also models that their provider advises against by now" }),
  json: Flags.isSet({ name: "json", help: "Write a JSON object per line with everything that is known of a model" })
})

/** Which models were chosen. */
export type ModelsOptions = Flags.Chosen<typeof options>
