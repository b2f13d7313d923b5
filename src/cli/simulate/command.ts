/** The command `simulate`. */
import * as Args from "@effect/cli/Args"
import { type Command, define } from "../Command.js"
import { options } from "./options.js"

/** Serves the Simulator. */
export const simulate: Command = define({
  name: "simulate",
  paragraphs: [
    "It speaks as OpenAI, Anthropic and Google do, needs no key of theirs, and costs nothing. The variables that lead " +
      "programs to it go to the standard output, ready to be pasted; each request is a line on the standard error, " +
      "without what was asked. Ctrl-C stops it."
  ],
  options,
  operands: Args.none,
  operandUsage: "",
  examples: [
    ["llm-connectivity simulate --port 8080", ""],
    ["llm-connectivity simulate --error rate-limit --retry-after 2s --first 2", ""],
    ["llm-connectivity simulate --fault reset --after 5 --every 3", ""]
  ],
  load: () => import("./simulate.js")
})
