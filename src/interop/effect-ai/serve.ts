/** Answers as a `LanguageModel` of @effect/ai, through one of our clients. */
import type * as AiError from "@effect/ai/AiError"
import { IdGenerator } from "@effect/ai/IdGenerator"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Response from "@effect/ai/Response"
import { Chunk, Effect, Option, Random, Stream } from "effect"
import type { LLMClientService } from "../../client/serve.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { type LLMError, ValidationError } from "../../domain/LLMError.js"
import type { Pull } from "../../provider/ChatStream.js"
import { aiErrorOf } from "./AiFailure.js"
import { annotateRequest, annotateResponse } from "./Annotations.js"
import { messagesOf } from "./PromptMessages.js"
import { formatOf, toolsOf } from "./RequestTools.js"
import { type Ids, partsOf, withUniqueIds } from "./ResponseParts.js"
import { CallSettings, type EffectAiOptions, type Settings } from "./Settings.js"
import { StreamParts } from "./StreamParts.js"

type Asked = LanguageModel.ProviderOptions
type Parts = Effect.Effect<Chunk.Chunk<Response.StreamPartEncoded>, Option.Option<AiError.AiError>>

/** Serves a client. */
export const serve = (client: LLMClientService, settings: EffectAiOptions): Effect.Effect<LanguageModel.Service> => {
  return LanguageModel.make({
    generateText: (asked) =>
      Effect.gen(function* () {
        const request = yield* requestOf(asked, settings)
        const response = withUniqueIds(yield* client.chat(request), yield* makeIds)
        annotateResponse(asked.span, response)
        return yield* partsOf(response)
      }).pipe(
        Effect.mapError((error) =>
          aiErrorOf(error, asked.responseFormat.type === "json" ? "generateObject" : "generateText")
        )
      ),
    streamText: (asked) =>
      Stream.fromPull(
        Effect.gen(function* () {
          const request = yield* requestOf(asked, settings)
          const parts = new StreamParts(yield* makeIds)
          const pull = yield* Effect.withParentSpan(client.chatStream(request).open, asked.span)
          return pulling(pull, parts, (response) => {
            annotateResponse(asked.span, response)
          })
        }).pipe(Effect.catchAll((error) => Effect.succeed<Parts>(failed(error))))
      )
  })
}

/** Writes the request. */
const requestOf = (asked: Asked, settings: Settings): Effect.Effect<ChatRequest, ValidationError> =>
  Effect.gen(function* () {
    const messages = yield* messagesOf(asked.prompt)
    const tools = yield* toolsOf(asked)
    const request: ChatRequest = {
      ...settings,
      ...(yield* CallSettings),
      ...tools,
      ...formatOf(asked.responseFormat),
      messages
    }
    annotateRequest(asked.span, request)
    return request
  }).pipe(Effect.mapError((message) => new ValidationError({ provider: "", model: settings.model ?? "", message })))

const makeIds: Effect.Effect<Ids, never, IdGenerator> = Effect.gen(function* () {
  const generator = yield* IdGenerator
  return { answer: yield* generator.generateId(), call: yield* Random.nextIntBetween(1e11, 1e12) }
})

const pulling = (pull: Pull, parts: StreamParts, onEnd: (response: ChatResponse) => void): Parts =>
  Effect.suspend(() =>
    parts.failure !== undefined
      ? failed(parts.failure)
      : Effect.matchEffect(pull, {
          onFailure: failed,
          onSuccess: (chunks) => {
            if (chunks.length === 0) return Effect.fail(Option.none())
            const added = parts.add(chunks)
            if (parts.response !== undefined) onEnd(parts.response)
            return added.length === 0 ? pulling(pull, parts, onEnd) : Effect.succeed(Chunk.unsafeFromArray(added))
          }
        })
  )

const failed = (error: LLMError): Effect.Effect<never, Option.Option<AiError.AiError>> =>
  Effect.fail(Option.some(aiErrorOf(error, "streamText")))
