/**
 * Answers many prompts, each once, even if the process is killed and started again.
 *
 * ```ts
 * const batch = DurableBatch.make("summaries", { concurrency: 20, maxTokens: 300 })
 * const results = batch.run("2025-11-28", prompts)
 * ```
 */
import type { KeyValueStore } from "@effect/platform/KeyValueStore"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { LLMClient } from "../../client/LLMClient.js"
import { countProblem, optionError, wholeProblem } from "../../domain/checkOptions.js"
import { positiveDurationProblem } from "../../domain/durationProblem.js"
import type { ValidationError } from "../../domain/LLMError.js"
import type { BatchPath, CallOptions, PromptResult, ProviderPathOptions } from "./batch/BatchPath.js"
import type { BatchPrompt } from "./batch/BatchPrompt.js"
import { callPath } from "./batch/callPath.js"
import { type ProviderBatchProgress, providerPath } from "./batch/providerPath.js"
import type { DurableEngine } from "./DurableEngine.js"
import type { DurableError } from "./DurableError.js"

export type { BatchFields, CallOptions, PromptResult, ProviderPathOptions } from "./batch/BatchPath.js"
export type { BatchPrompt } from "./batch/BatchPrompt.js"
export type { ProviderBatchProgress } from "./batch/providerPath.js"

/** The version of a kind of batch. Stored results belong to one version. */
export interface BatchVersion {
  /** The version, 1 by default. Change it when you change the options, so that prompts are answered again. */
  readonly version?: number | undefined
}

/** The options of a batch whose prompts are answered by calls: the common fields of its requests, and how they are sent. */
export interface BatchOptions extends CallOptions, BatchVersion {
  /** Absent. With a `path`, the prompts run as the provider's own batches; see `ProviderBatchOptions`. */
  readonly path?: undefined
}

/** The options of a batch that its provider runs at half the price: the common fields of its requests, and the provider. */
export interface ProviderBatchOptions<E, R> extends ProviderPathOptions<E, R>, BatchVersion {}

/** The result of one prompt. */
export interface BatchResult extends PromptResult {
  /** How many results there are so far, this one included. */
  readonly completed: number
  /** How many prompts there are. */
  readonly total: number
  /** The cost of the results so far, in US dollars. Results whose cost is unknown count as 0. */
  readonly cost: number
}

/** A kind of batch. `R` is the context that answers its prompts, such as `LLMClient`. */
export interface DurableBatch<R = LLMClient, E = ValidationError> {
  /** Runs the prompts in this process. A process that only reads results does not need it. */
  readonly layer: Layer.Layer<never, E, DurableEngine | R>
  /**
   * Answers the prompts, or continues the batch of this id, and gives the results as they are ready, in any order. A prompt
   * with the same id, position and text gets its stored result, which can be a failure. Interrupting the stream does not
   * interrupt work that has begun.
   */
  readonly run: (id: string, prompts: ReadonlyArray<BatchPrompt>) => Stream.Stream<BatchResult, never, DurableEngine>
  /** Deletes the stored data of a batch that has ended. A later `run` answers its prompts again. */
  readonly clear: (id: string, prompts: ReadonlyArray<BatchPrompt>) => Effect.Effect<void, DurableError, DurableEngine>
}

/** A kind of batch that its provider runs. An id stands for one list of prompts: other prompts are a `ValidationError`. */
export interface DurableProviderBatch<R, E> extends DurableBatch<R, E> {
  /** Gives the state of the batch of this id, and its handle at the provider. */
  readonly status: (id: string) => Effect.Effect<ProviderBatchProgress, DurableError, DurableEngine>
}

/**
 * Names a kind of batch. The name, the version and the id of a batch find its results again.
 *
 * ```ts
 * const batch = DurableBatch.make("summaries", { concurrency: 20, maxTokens: 300 })
 * const program = batch.run("2025-11-28", prompts).pipe(
 *   Stream.runForEach(({ index, completed, total }) => Console.log(`${completed} of ${total}: prompt ${index}`)),
 *   Effect.provide(batch.layer),
 *   Effect.provide(Durable.sqlite("work.db"))
 * )
 * ```
 *
 * With a `path`, the prompts are the provider's own batches, which take up to a day and cost half:
 *
 * ```ts
 * const batch = DurableBatch.make("summaries", {
 *   path: ProviderBatch.layer({ model: "openai/gpt-4o-mini" }),
 *   every: "5 minutes",
 *   maxTokens: 300
 * })
 * ```
 */
export function make(name: string, options?: BatchOptions): DurableBatch
export function make<E, R>(
  name: string,
  options: ProviderBatchOptions<E, R>
): DurableProviderBatch<Exclude<R, KeyValueStore>, E | ValidationError>
export function make<E, R>(
  name: string,
  { version = 1, ...options }: BatchOptions | ProviderBatchOptions<E, R> = {}
): DurableBatch | DurableProviderBatch<Exclude<R, KeyValueStore>, E | ValidationError> {
  const kind = `${name}/v${version}`
  const error = problemOf(version, options)
  if (options.path === undefined) return batchOf(checked(callPath(kind, options), error))
  const path = providerPath(kind, options)
  return { ...batchOf(checked(path, error)), status: path.status }
}

const problemOf = <E, R>(version: number, options: CallOptions | ProviderPathOptions<E, R>) =>
  optionError("DurableBatch", [
    wholeProblem("version", version),
    "path" in options ? positiveDurationProblem("every", options.every ?? "1 minute") : undefined,
    "concurrency" in options ? countProblem("concurrency", options.concurrency ?? 1) : undefined,
    "retries" in options ? wholeProblem("retries", options.retries ?? 0) : undefined
  ])

/** With an option that cannot be right, the layer fails, and so does each prompt. */
const checked = <R, E>(path: BatchPath<R, E>, error: ValidationError | undefined): BatchPath<R, E | ValidationError> =>
  error === undefined
    ? path
    : {
        ...path,
        layer: Layer.fail(error),
        answers: (_, prompts) =>
          Stream.map(Stream.fromIterable(prompts.keys()), (index) => ({ index, result: Either.left(error) }))
      }

const batchOf = <R, E>({ layer, answers, clear }: BatchPath<R, E>): DurableBatch<R, E> => ({
  layer,
  clear,
  run: (id, prompts) => Stream.suspend(() => Stream.map(answers(id, prompts), counted(prompts.length)))
})

/** Numbers the results of one reader. */
const counted = (total: number) => {
  let [completed, cost] = [0, 0]
  return (result: PromptResult): BatchResult => {
    completed++
    cost += Either.match(result.result, { onLeft: () => 0, onRight: (response) => response.cost ?? 0 })
    return { ...result, completed, total, cost }
  }
}
