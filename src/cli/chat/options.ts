/** The options of `chat`. */
import * as Options from "../Options.js"

/** The options. */
export const options = {
  model: Options.text({
    name: "model",
    short: "m",
    value: "provider/model",
    help: "The model. Default: LLM_MODEL, or else the first of OpenAI, Anthropic and Google whose key is set"
  }),
  fallbacks: Options.texts({
    name: "fallback",
    value: "provider/model",
    help: "The model to use if the previous one fails; repeat for more, in order"
  }),
  system: Options.text({ name: "system", short: "s", value: "text", help: "The system message" }),
  files: Options.texts({
    name: "file",
    short: "f",
    value: "path",
    help: "A text, an image (PNG, JPEG, GIF, WebP) or a PDF to send with the prompt; repeatable"
  }),
  maxTokens: Options.integer({ name: "max-tokens", value: "n", help: "The most tokens of the response" }, 1),
  temperature: Options.number(
    {
      name: "temperature",
      short: "t",
      value: "number",
      help: "The sampling temperature, from 0 (focused) to 2 (random)"
    },
    0,
    2
  ),
  json: Options.flag({
    name: "json",
    help:
      'Write one JSON object per line: {"type":"chunk",…} for each chunk, and at the end {"type":"response",…} with ' +
      'the complete response or {"type":"error",…}'
  }),
  stats: Options.flag({
    name: "stats",
    help: "After the response, write its model, times, tokens and cost to the standard error"
  })
}

/** The values of the options. */
export type ChatOptions = Options.OptionValues<typeof options>
