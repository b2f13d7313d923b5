/** How the prompts of a durable batch are answered: by calls, or by the provider's own batches. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { ProviderBatch } from "../../../batch/ProviderBatch.js"
import type { ChatOptions } from "../../../client/ClientOptions.js"
import type { ChatRequest } from "../../../domain/ChatRequest.js"
import type { ChatResponse } from "../../../domain/ChatResponse.js"
import type { LLMError } from "../../../domain/LLMError.js"
import type { DurableEngine } from "../DurableEngine.js"
import type { DurableError } from "../DurableError.js"
import type { CallRetries } from "../modelCall.js"
import type { BatchPrompt } from "./BatchPrompt.js"

/** The common fields of the requests of a batch. */
export interface BatchFields extends Omit<ChatRequest, "messages"> {}

/** The options of a batch whose prompts are answered by calls. */
export interface CallOptions extends BatchFields, Pick<ChatOptions, "policies" | "timeouts">, CallRetries {
  /** How many prompts a process answers at the same time; 8 by default. */
  readonly concurrency?: number | undefined
}

/** The options of a batch whose prompts run as the provider's own batches. */
export interface ProviderPathOptions<E, R> extends BatchFields {
  /** The provider's own batches, such as `ProviderBatch.layer({ model: "openai/gpt-4o-mini" })`. */
  readonly path: Layer.Layer<ProviderBatch, E, R>
  /**
   * How often the provider is asked whether the batch has ended; 1 minute by default, 1 hour at most. Sleeps of more than a
   * minute are stored.
   */
  readonly every?: Duration.DurationInput | undefined
}

/** The result of a prompt. */
export interface PromptResult {
  /** The position of the prompt, from 0. */
  readonly index: number
  /** The response, or the error that took its place. */
  readonly result: Either.Either<ChatResponse, LLMError>
}

/** Answers the prompts of one kind of batch. */
export interface BatchPath<R, E> {
  readonly layer: Layer.Layer<never, E, DurableEngine | R>
  readonly answers: (
    id: string,
    prompts: ReadonlyArray<BatchPrompt>
  ) => Stream.Stream<PromptResult, never, DurableEngine>
  readonly clear: (id: string, prompts: ReadonlyArray<BatchPrompt>) => Effect.Effect<void, DurableError, DurableEngine>
}
