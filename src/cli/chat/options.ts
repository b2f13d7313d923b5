/** What can be chosen for a chat. */
import * as Options from "@effect/cli/Options"
import * as Flags from "../Flags.js"

/** The options. */
export const options = Options.all({
  model: Flags.text({
    name: "model",
    alias: "m",
    value: "provider/model",
    help: "Who answers. By default LLM_MODEL, or else the first of OpenAI, Anthropic and Google whose key is set"
  }),
  fallbacks: Flags.texts({
    name: "fallback",
    value: "provider/model",
    help: "Who is asked when that one cannot answer; several are asked in their order"
  }),
  system: Flags.text({ name: "system", alias: "s", value: "text", help: "What the model is told about its task" }),
  files: Flags.texts({
    name: "file",
    alias: "f",
    value: "path",
    help: "A text, an image (PNG, JPEG, GIF, WebP) or a PDF to send along; may be repeated"
  }),
  maxTokens: Flags.wholeNumber({ name: "max-tokens", value: "n", help: "The most tokens that the answer may take" }, 1),
  temperature: Flags.number(
    { name: "temperature", alias: "t", value: "number", help: "From 0 (plain) to 2 (wild)" },
    0,
    2
  ),
  json: Flags.isSet({
    name: "json",
    help:
      'Write a JSON object per line: {"type":"chunk",…} for each step, and at the end {"type":"response",…} with the ' +
      'whole answer or {"type":"error",…}'
  }),
  stats: Flags.isSet({
    name: "stats",
    help: "Tell on the standard error, after the answer, who gave it, how long it took, its tokens and its cost"
  })
})

/** What was chosen for a chat. */
export type ChatOptions = Flags.Chosen<typeof options>
