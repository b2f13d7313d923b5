/** What can be chosen for a count. */
import * as Options from "@effect/cli/Options"
import * as Flags from "../Flags.js"

/** The options. */
export const options = Options.all({
  model: Flags.text({
    name: "model",
    alias: "m",
    value: "provider/model",
    help: "Whose tokens are counted; LLM_MODEL or else openai/gpt-4o-mini by default"
  }),
  files: Flags.texts({ name: "file", alias: "f", value: "path", help: "A text to count; may be repeated" }),
  asks: Flags.isSet({
    name: "ask",
    help: "Let the provider count, which is exact for Anthropic and Google too; it needs the provider's key, and is sent the text"
  }),
  json: Flags.isSet({ name: "json", help: 'Write {"tokens":…,"isExact":…,"model":…}' })
})

/** What was chosen for a count. */
export type TokensOptions = Flags.Chosen<typeof options>
