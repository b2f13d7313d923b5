/** The command `chat`: one response, or a conversation. */
import * as Effect from "effect/Effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { type Command, defineCommand } from "../Command.js"
import { type CommandFailure, usageError } from "../CommandError.js"
import { messageContent, readFiles, readPiped } from "../Input.js"
import { chooseModel, openClient } from "./Client.js"
import { converse } from "./Conversation.js"
import { type ChatOptions, options } from "./options.js"
import { printAsJson, printAsText } from "./Turn.js"

/** Sends the prompt, or starts a conversation if there is none. */
const run = (values: ChatOptions, operands: ReadonlyArray<string>): Effect.Effect<void, CommandFailure> =>
  Effect.scoped(
    Effect.gen(function* () {
      const prompt = operands.join(" ").trim()
      const files = yield* readFiles(values.files)
      const piped = yield* readPiped
      const hasPrompt = prompt !== "" || piped !== undefined
      const isConversation = !hasPrompt && process.stdin.isTTY && !values.json
      if (!isConversation && !hasPrompt) return yield* usageError('no prompt; write one: llm-connectivity chat "…"')
      const choice = yield* chooseModel(values.model)
      const client = yield* openClient(choice, values.fallbacks)
      const baseRequest = { ...settingsOf(values), messages: systemMessages(values) }
      if (isConversation) return yield* converse({ choice, client, baseRequest, files, options: values })
      const request: ChatRequest = {
        ...baseRequest,
        messages: [...baseRequest.messages, { role: "user", content: messageContent(prompt, piped, files) }]
      }
      const turn = { client, model: choice.model, request, showsStats: values.stats }
      yield* values.json ? printAsJson(turn) : printAsText(turn)
    })
  )

const settingsOf = ({ maxTokens, temperature }: ChatOptions): Omit<ChatRequest, "messages"> => ({
  ...(maxTokens === undefined ? {} : { maxTokens }),
  ...(temperature === undefined ? {} : { temperature })
})

const systemMessages = ({ system }: ChatOptions): ChatRequest["messages"] =>
  system === undefined ? [] : [{ role: "system", content: system }]

/** Streams a response, or starts a conversation. */
export const chat: Command = defineCommand({
  name: "chat",
  paragraphs: [
    "Piped input is sent with the prompt; without a prompt, it is the prompt. The response goes to the standard output, " +
      "everything else to the standard error. Ctrl-C stops the response and closes the connection."
  ],
  options,
  operandUsage: "[prompt]",
  examples: [
    ['llm-connectivity chat "Why is the sky blue?"', ""],
    ['git diff | llm-connectivity chat -m anthropic/claude-sonnet-4-5 "Review this"', ""],
    ['llm-connectivity chat -f invoice.pdf "What is due, and when?" > due.txt', ""],
    ['llm-connectivity chat --json "Hi" | jq -r \'select(.type == "chunk") | .content\'', ""],
    ["llm-connectivity chat", "Start a conversation; /help lists its commands"]
  ],
  run
})
