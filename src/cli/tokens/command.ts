/** The command `tokens`. */
import * as Args from "@effect/cli/Args"
import { type Command, define } from "../Command.js"
import { options } from "./options.js"

/** Counts tokens. */
export const tokens: Command = define({
  name: "tokens",
  paragraphs: [
    "For OpenAI's models the count is exact, by their own encoding. For others it is an estimate, and says so, unless " +
      "--ask lets the provider count. The number is the first word of the output."
  ],
  options,
  operands: Args.repeated(Args.text({ name: "text" })),
  operandUsage: "[text]",
  examples: [
    ['llm-connectivity tokens "How many tokens is this?"', ""],
    ["llm-connectivity tokens -m openai/gpt-4o -f README.md", ""],
    ["cat *.md | llm-connectivity tokens -m anthropic/claude-sonnet-4-5", ""]
  ],
  load: () => import("./tokens.js")
})
