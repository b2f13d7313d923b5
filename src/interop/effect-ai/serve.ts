/** Serves a client as a `LanguageModel` of @effect/ai. */
import type * as AiError from "@effect/ai/AiError"
import { IdGenerator } from "@effect/ai/IdGenerator"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Response from "@effect/ai/Response"
import { addGenAIAnnotations } from "@effect/ai/Telemetry"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type { LLMClientService } from "../../client/serve.js"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import type { Pull } from "../../domain/ChatStream.js"
import type { LLMError } from "../../domain/LLMError.js"
import { withoutReset } from "../../provider/engine/withoutReset.js"
import { aiErrorOf } from "./aiErrors.js"
import { type Ids, partsOf, withUniqueIds } from "./ResponseParts.js"
import { type EffectAiOptions, requestOf } from "./request.js"
import { StreamParts } from "./StreamParts.js"

type Parts = Effect.Effect<Chunk.Chunk<Response.StreamPartEncoded>, Option.Option<AiError.AiError>>

/** Makes the `LanguageModel` of a client. */
export const serve = (client: LLMClientService, settings: EffectAiOptions): Effect.Effect<LanguageModel.Service> => {
  return LanguageModel.make({
    generateText: (options) =>
      Effect.gen(function* () {
        const request = yield* requestOf(options, settings)
        const ids = yield* makeIds
        const response = withUniqueIds(yield* client.chat(request), ids)
        annotateResponse(options.span, response)
        return yield* partsOf(response, ids)
      }).pipe(
        Effect.mapError((error) =>
          aiErrorOf(error, options.responseFormat.type === "json" ? "generateObject" : "generateText")
        )
      ),
    streamText: (options) =>
      Stream.fromPull(
        Effect.gen(function* () {
          const request = yield* requestOf(options, settings)
          const parts = new StreamParts(yield* makeIds)
          const pull = yield* Effect.withParentSpan(client.chatStream(request).open, options.span)
          return pulling(withoutReset(pull, "@effect/ai"), parts, (response) => {
            annotateResponse(options.span, response)
          })
        }).pipe(Effect.catchAll((error) => Effect.succeed<Parts>(failed(error))))
      )
  })
}

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

/** Adds the model, the finish reason and the usage of a response to the span, without its content. */
const annotateResponse = (span: Tracer.Span, response: ChatResponse): void =>
  addGenAIAnnotations(span, {
    system: response.provider,
    response: { model: response.model, finishReasons: [response.finishReason] },
    usage: { inputTokens: response.usage?.inputTokens, outputTokens: response.usage?.outputTokens }
  })
