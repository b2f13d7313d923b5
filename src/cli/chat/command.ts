/** The command `chat`. */
import * as Args from "@effect/cli/Args"
import { type Command, define } from "../Command.js"
import { options } from "./options.js"

/** Streams an answer, or talks. */
export const chat: Command = define({
  name: "chat",
  paragraphs: [
    "What is piped in is sent along with the prompt, or is the prompt where there is none. The answer goes to the " +
      "standard output and everything else to the standard error. Ctrl-C stops the answer, and with it the bill."
  ],
  options,
  operands: Args.repeated(Args.text({ name: "prompt" })),
  operandUsage: "[prompt]",
  examples: [
    ['llm-connectivity chat "Why is the sky blue?"', ""],
    ['git diff | llm-connectivity chat -m anthropic/claude-sonnet-4-5 "Review this"', ""],
    ['llm-connectivity chat -f invoice.pdf "What is due, and when?" > due.txt', ""],
    ['llm-connectivity chat --json "Hi" | jq -r \'select(.type == "chunk") | .content\'', ""],
    ["llm-connectivity chat", "/help there shows what else can be typed"]
  ],
  load: () => import("./chat.js")
})
