/** Answers the prompts of a durable batch by the provider's own batches. */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Workflow from "@effect/workflow/Workflow"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { BatchHandle } from "../../../batch/BatchHandle.js"
import { ProviderBatch } from "../../../batch/ProviderBatch.js"
import type { ProviderBatchService } from "../../../batch/ProviderBatchService.js"
import { isRetryable, LLMError, NetworkError, ValidationError } from "../../../domain/LLMError.js"
import type { DurableEngine } from "../DurableEngine.js"
import type { DurableError } from "../DurableError.js"
import { type Entries, entriesOf } from "../entries.js"
import { clearExecution, type Execution, storedResult } from "../execution.js"
import { resumeAtOnce } from "../workflowLayer.js"
import type { BatchFields, BatchPath, PromptResult, ProviderPathOptions } from "./BatchPath.js"
import { type BatchPrompt, promptPages } from "./BatchPrompt.js"
import { awaitValue, readResults } from "./providerResults.js"
import { storeResults } from "./resultPages.js"
import { Beginning, begin, beginName, submit, submitName } from "./submission.js"
import { submissionStore } from "./submissionStore.js"
import { untilEnded } from "./untilEnded.js"

/** The path, and what finds the batch at its provider. */
export interface ProviderPath<R, E> extends BatchPath<R, E> {
  readonly handle: (id: string) => Effect.Effect<Option.Option<BatchHandle>, DurableError, Sharding | MessageStorage>
}

const workflowOf = (name: string) =>
  Workflow.make({
    name: `${name}/batch`,
    payload: { id: Schema.String, digest: Schema.String, pages: Schema.Number, total: Schema.Number },
    error: LLMError.schema,
    idempotencyKey: ({ id }) => id
  })

type BatchWorkflow = ReturnType<typeof workflowOf>

const executionOf = (workflow: BatchWorkflow, id: string): Effect.Effect<Execution> =>
  Effect.map(workflow.executionId({ id, digest: "", pages: 0, total: 0 }), (execution) => ({
    workflow: workflow.name,
    id: execution
  }))

const pageKeys = (executionId: string, digest: string, pages: number): ReadonlyArray<string> =>
  Array.from({ length: pages }, (_, page) => `prompts/${executionId}/${digest}/${page}`)

/** What an execution is about. */
interface Payload {
  readonly id: string
  readonly digest: string
  readonly pages: number
  readonly total: number
}

/** What runs the batches of one kind. */
interface Runner {
  readonly name: string
  readonly batches: ProviderBatchService
  readonly entries: Entries
  readonly turn: Effect.Semaphore
  readonly fields: BatchFields
  readonly every: Duration.DurationInput
}

// Providers keep results for 29 days or more.
const maxAge = Duration.days(30)

/** Whether a later attempt can read results that are paid for: after an outage, or with another key. */
const isWorthWaiting = (error: LLMError): boolean =>
  isRetryable(error) || error._tag === "AuthenticationError" || error._tag === "InsufficientCreditsError"

/** Submits a batch, waits until it has ended, and stores its results. */
const runBatch = (runner: Runner, { id, digest, pages, total }: Payload, executionId: string) =>
  Effect.gen(function* () {
    const { batches, every, fields, name } = runner
    const { startedAt, token } = yield* begin(digest)
    const handle = yield* submit(runner, {
      id: `${name}/${readable.test(id) ? id : executionId}/${token}`,
      fields,
      pages: pageKeys(executionId, digest, pages)
    })
    yield* untilEnded(isEnded(batches, handle, startedAt), every)
    yield* storeResults({
      total,
      read: batches.results(handle),
      persist: Effect.retry({ while: isWorthWaiting, schedule: Schedule.spaced(every).pipe(Schedule.upTo(maxAge)) })
    })
  })

// OpenAI's names have at most 512 characters.
const readable = /^[\w.: -]{1,200}$/

const isEnded = (
  batches: ProviderBatchService,
  handle: BatchHandle,
  startedAt: number
): Effect.Effect<boolean, LLMError> =>
  Effect.gen(function* () {
    const status = yield* Effect.either(batches.status(handle))
    if (Either.isRight(status) && status.right.state === "ended") return true
    const isTooOld = (yield* Clock.currentTimeMillis) - startedAt > Duration.toMillis(maxAge)
    if (Either.isRight(status)) return isTooOld ? yield* notEnded(handle) : false
    if (isTooOld || !isWorthWaiting(status.left)) return yield* status.left
    const { _tag, message } = status.left
    yield* Effect.logWarning(`the batch ${handle.id} cannot be asked for its status: ${_tag}: ${message}`)
    return false
  })

const notEnded = ({ id, provider }: BatchHandle) =>
  new NetworkError({
    provider,
    model: "",
    reason: "Timeout",
    message: `the batch ${id} has not ended within 30 days; look for it at the provider`
  })

/** Starts the batch of an id, unless it was started, and gives the digest of its prompts. */
const start = (workflow: BatchWorkflow, id: string, prompts: ReadonlyArray<BatchPrompt>) =>
  Effect.gen(function* () {
    const entries = yield* entriesOf
    const execution = yield* executionOf(workflow, id)
    const { pages, digest } = yield* promptPages(prompts)
    const beginning = Effect.orDie(storedResult(execution, beginName))
    if (Option.isNone(yield* beginning)) {
      const keys = pageKeys(execution.id, digest, pages.length)
      yield* Effect.forEach(pages, (page, index) => entries.set(keys[index] ?? "", page), { concurrency: 4 })
      yield* workflow.execute({ id, digest, pages: pages.length, total: prompts.length }, { discard: true })
    }
    const { digest: begun } = yield* Effect.orDie(Schema.decodeUnknown(Beginning)(yield* awaitValue(beginning)))
    return { execution, isOther: begun !== digest }
  })

const answers = (
  workflow: BatchWorkflow,
  id: string,
  prompts: ReadonlyArray<BatchPrompt>
): Stream.Stream<PromptResult, never, DurableEngine> =>
  Stream.unwrap(
    Effect.map(start(workflow, id, prompts), ({ execution, isOther }) =>
      isOther
        ? Stream.map(Stream.fromIterable(prompts.keys()), (index) => ({ index, result: otherPrompts(id) }))
        : readResults({ execution, total: prompts.length, end: workflow.poll(execution.id) })
    )
  )

const otherPrompts = (id: string) =>
  Either.left(
    new ValidationError({
      provider: "",
      model: "",
      message: `the batch ${id} was started with other prompts; give these another id, or run the same ones again`
    })
  )

/** Makes the path of one kind of batch. */
export const providerPath = <E, R>(
  name: string,
  { path, every = "1 minute", ...fields }: ProviderPathOptions<E, R>
): ProviderPath<Exclude<R, KeyValueStore.KeyValueStore>, E> => {
  const workflow = workflowOf(name)
  const registered = Effect.gen(function* () {
    const [batches, entries, turn] = yield* Effect.all([ProviderBatch, entriesOf, Effect.makeSemaphore(1)])
    const runner = { name, batches, entries, turn, fields, every }
    return resumeAtOnce(workflow.toLayer((payload, executionId) => runBatch(runner, payload, executionId)))
  })
  const store = Layer.effect(KeyValueStore.KeyValueStore, Effect.map(entriesOf, submissionStore))
  return {
    layer: Layer.unwrapEffect(registered).pipe(Layer.provide(Layer.provide(path, store))),
    answers: (id, prompts) => (prompts.length === 0 ? Stream.empty : answers(workflow, id, prompts)),
    clear: (id, prompts) => clear(workflow, id, prompts),
    handle: (id) =>
      Effect.flatMap(executionOf(workflow, id), (execution) =>
        Effect.map(storedResult(execution, submitName), Option.flatMap(Schema.decodeUnknownOption(BatchHandle)))
      )
  }
}

const clear = (workflow: BatchWorkflow, id: string, prompts: ReadonlyArray<BatchPrompt>) =>
  Effect.gen(function* () {
    const entries = yield* entriesOf
    const execution = yield* executionOf(workflow, id)
    const { pages, digest } = yield* promptPages(prompts)
    yield* clearExecution(execution)
    // Those of a batch that was not submitted.
    yield* Effect.forEach(pageKeys(execution.id, digest, pages.length), entries.remove, { discard: true })
  })
