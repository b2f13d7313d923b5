/** The command `models`. */
import * as Args from "@effect/cli/Args"
import { type Command, define } from "../Command.js"
import { options } from "./options.js"

/** Lists models. */
export const models: Command = define({
  name: "models",
  paragraphs: [
    "Prices are US dollars per million tokens, from the snapshot of models.dev that comes with this version. Words " +
      "after the options must all be found in a model's id or name. Models that are not listed can be asked as well; " +
      "only their cost is unknown."
  ],
  options,
  operands: Args.repeated(Args.text({ name: "word" })),
  operandUsage: "[word…]",
  examples: [
    ["llm-connectivity models gpt mini", ""],
    ["llm-connectivity models -p anthropic -p google --can reasoning", ""],
    ["llm-connectivity models --json | jq -s 'sort_by(.prices.input)[0].model'", ""]
  ],
  load: () => import("./models.js")
})
