/** Does what `chat` is for: one answer, or a conversation. */
import { Effect } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { readFiles, readPiped } from "../Input.js"
import { type Failure, misused } from "../Problem.js"
import { answerAsJson, answerAsText } from "./Answer.js"
import { choose, open } from "./Answering.js"
import { contentOf } from "./Content.js"
import { talk } from "./Conversation.js"
import type { ChatOptions } from "./options.js"

/** Asks what was written, or talks where nothing was. */
export const run = (options: ChatOptions, words: ReadonlyArray<string>): Effect.Effect<void, Failure> =>
  Effect.scoped(
    Effect.gen(function* () {
      const prompt = words.join(" ").trim()
      const files = yield* readFiles(options.files)
      const piped = yield* readPiped
      const isTalk = prompt === "" && piped === undefined && process.stdin.isTTY && !options.json
      if (!isTalk && prompt === "" && piped === undefined)
        return yield* misused('there is nothing to ask; write a prompt: llm-connectivity chat "…"')
      const answering = yield* choose(options.model)
      const client = yield* open(answering, options.fallbacks)
      const begun = { ...settingsOf(options), messages: systemOf(options) }
      if (isTalk) return yield* talk({ answering, client, begun, files, options })
      const request: ChatRequest = {
        ...begun,
        messages: [...begun.messages, { role: "user", content: contentOf(prompt, piped, files) }]
      }
      const question = { client, model: answering.model, request, wantsStats: options.stats }
      yield* options.json ? answerAsJson(question) : answerAsText(question)
    })
  )

const settingsOf = ({ maxTokens, temperature }: ChatOptions): Omit<ChatRequest, "messages"> => ({
  ...(maxTokens === undefined ? {} : { maxTokens }),
  ...(temperature === undefined ? {} : { temperature })
})

const systemOf = ({ system }: ChatOptions): ChatRequest["messages"] =>
  system === undefined ? [] : [{ role: "system", content: system }]
