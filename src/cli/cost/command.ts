/** The command `cost`. */
import * as Args from "@effect/cli/Args"
import { type Command, define } from "../Command.js"
import { options } from "./options.js"

/** Says what answers cost. */
export const cost: Command = define({
  name: "cost",
  paragraphs: [
    "Nothing is sent. The prompt alone is the least, and the longest answer that is allowed the most. A model whose " +
      "prices are not known has no cost rather than a guessed one."
  ],
  options,
  operands: Args.repeated(Args.text({ name: "prompt" })),
  operandUsage: "[prompt]",
  examples: [
    ['llm-connectivity cost -m openai/gpt-4o --max-tokens 500 "Explain tides"', ""],
    ["llm-connectivity cost -m openai/gpt-4o -m google/gemini-2.5-flash -f report.txt --max-tokens 1000", ""],
    ["llm-connectivity cost --prompt-tokens 1000000 --completion-tokens 50000", ""]
  ],
  load: () => import("./cost.js")
})
