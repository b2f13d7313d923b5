/** Answers the prompts of a durable batch by the provider's own batches. */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Workflow from "@effect/workflow/Workflow"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { BatchHandle } from "../../../batch/BatchHandle.js"
import type { ProviderBatch } from "../../../batch/ProviderBatch.js"
import type { ProviderBatchService } from "../../../batch/ProviderBatchService.js"
import { LLMError, ValidationError } from "../../../domain/LLMError.js"
import type { DurableEngine } from "../DurableEngine.js"
import type { DurableError } from "../DurableError.js"
import { entriesOf } from "../entries.js"
import { clearExecution, type Execution, isStored, storedResult } from "../execution.js"
import { resumeAtOnce } from "../workflowLayer.js"
import type { BatchPath, PromptResult, ProviderPathOptions } from "./BatchPath.js"
import { type BatchPrompt, promptPages } from "./BatchPrompt.js"
import { awaitValue, readResults } from "./providerResults.js"
import { runBatch } from "./runBatch.js"
import { Beginning, beginName, pageKeys, submitName } from "./submission.js"
import { submissionStore } from "./submissionStore.js"

/** The state of a batch, and its handle at the provider. */
export interface ProviderBatchProgress {
  /** Not started, being submitted, waiting for the provider, or ended. */
  readonly state: "unknown" | "submitting" | "waiting" | "ended"
  /** For `ProviderBatch.status` and `ProviderBatch.cancel`; `undefined` before it is submitted. */
  readonly handle: BatchHandle | undefined
}

/** A path whose batches have a status. */
export interface ProviderPath<R, E> extends BatchPath<R, E> {
  readonly status: (id: string) => Effect.Effect<ProviderBatchProgress, DurableError, DurableEngine>
}

// A tag with the same key. Importing the class would load the code of three providers, also for batches of calls.
const ProviderBatchTag = Context.GenericTag<ProviderBatch, ProviderBatchService>(
  "llm-connectivity/ProviderBatch" satisfies typeof ProviderBatch.key
)

const longestInterval = Duration.hours(1)

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

/** Starts the batch of an id, unless it was started, and gives the digest of its prompts. */
const start = (workflow: BatchWorkflow, id: string, prompts: ReadonlyArray<BatchPrompt>) =>
  Effect.gen(function* () {
    const entries = yield* entriesOf
    const execution = yield* executionOf(workflow, id)
    const { pages, digest } = yield* promptPages(prompts)
    const beginning = Effect.orDie(storedResult(execution, beginName))
    if (Option.isNone(yield* beginning)) {
      const keys = pageKeys(execution.id, digest, pages.length)
      yield* Effect.forEach(pages, (page, index) => entries.set(keys[index] ?? "", page), {
        concurrency: 4,
        discard: true
      })
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
    const [batches, entries, turn] = yield* Effect.all([ProviderBatchTag, entriesOf, Effect.makeSemaphore(1)])
    const runner = { name, batches, entries, turn, fields, every: Duration.min(every, longestInterval) }
    return resumeAtOnce(workflow.toLayer((payload, executionId) => runBatch(runner, payload, executionId)))
  })
  const store = Layer.effect(KeyValueStore.KeyValueStore, Effect.map(entriesOf, submissionStore))
  return {
    layer: Layer.unwrapEffect(registered).pipe(Layer.provide(Layer.provide(path, store))),
    answers: (id, prompts) => (prompts.length === 0 ? Stream.empty : answers(workflow, id, prompts)),
    clear: (id, prompts) => clear(workflow, id, prompts),
    status: (id) => statusOf(workflow, id)
  }
}

const statusOf = (workflow: BatchWorkflow, id: string) =>
  Effect.gen(function* () {
    const execution = yield* executionOf(workflow, id)
    const submitted = yield* storedResult(execution, submitName)
    const handle = Option.getOrUndefined(Option.flatMap(submitted, Schema.decodeUnknownOption(BatchHandle)))
    const end = yield* workflow.poll(execution.id)
    if (end?._tag === "Complete") return { state: "ended" as const, handle }
    if (handle !== undefined) return { state: "waiting" as const, handle }
    const isStarted = yield* isStored(execution, { tag: "run", key: "" })
    return { state: isStarted ? ("submitting" as const) : ("unknown" as const), handle }
  })

const clear = (workflow: BatchWorkflow, id: string, prompts: ReadonlyArray<BatchPrompt>) =>
  Effect.gen(function* () {
    const entries = yield* entriesOf
    const execution = yield* executionOf(workflow, id)
    const { pages, digest } = yield* promptPages(prompts)
    yield* clearExecution(execution)
    // The prompts of a batch that was not submitted are still stored.
    yield* Effect.forEach(pageKeys(execution.id, digest, pages.length), entries.remove, { discard: true })
  })
