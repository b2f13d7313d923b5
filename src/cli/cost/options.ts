/** What can be chosen for an estimate. */
import * as Options from "@effect/cli/Options"
import * as Flags from "../Flags.js"

/** The options. */
export const options = Options.all({
  models: Flags.texts({
    name: "model",
    alias: "m",
    value: "provider/model",
    help: "Whose prices are taken; several are compared. LLM_MODEL or else openai/gpt-4o-mini by default"
  }),
  files: Flags.texts({ name: "file", alias: "f", value: "path", help: "A text to send along; may be repeated" }),
  maxTokens: Flags.wholeNumber(
    { name: "max-tokens", value: "n", help: "The most tokens of the answer; by default what the model allows" },
    0
  ),
  inputTokens: Flags.wholeNumber(
    { name: "prompt-tokens", value: "n", help: "The tokens of the prompt, instead of a prompt to be counted" },
    0
  ),
  outputTokens: Flags.wholeNumber(
    {
      name: "completion-tokens",
      value: "n",
      help: "With --prompt-tokens: the tokens of the answer, reasoning included"
    },
    0
  ),
  cachedTokens: Flags.wholeNumber(
    {
      name: "cached-tokens",
      value: "n",
      help: "With --prompt-tokens: how many of them come from the provider's cache"
    },
    0
  ),
  json: Flags.isSet({ name: "json", help: "Write a JSON object per line and model" })
})

/** What was chosen for an estimate. */
export type CostOptions = Flags.Chosen<typeof options>
