/** Submits the prompts of a durable batch to its provider: once, even if the process is killed and started again. */
import * as Activity from "@effect/workflow/Activity"
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { BatchHandle } from "../../../batch/BatchHandle.js"
import type { ProviderBatchService } from "../../../batch/ProviderBatchService.js"
import { retryTransient } from "../../../batch/retryTransient.js"
import { LLMError, ValidationError } from "../../../domain/LLMError.js"
import type { Entries } from "../entries.js"
import type { BatchFields } from "./BatchPath.js"
import { promptsOf } from "./BatchPrompt.js"

/** The first value that is stored of a batch. */
export const Beginning = Schema.Struct({
  /** The digest of its prompts. */
  digest: Schema.String,
  /** Milliseconds since 1970. */
  startedAt: Schema.Number,
  /** Distinguishes it from an earlier batch of the same id that was cleared. */
  token: Schema.String
})

/** The name of the activity that stores the beginning. */
export const beginName = "begin"

/** Stores the beginning of a batch. */
export const begin = (digest: string): Effect.Effect<typeof Beginning.Type, never, WorkflowEngine | WorkflowInstance> =>
  Activity.make({
    name: beginName,
    success: Beginning,
    execute: Effect.all({
      digest: Effect.succeed(digest),
      startedAt: Clock.currentTimeMillis,
      token: Effect.map(Random.nextIntBetween(0, 2 ** 32), (number) => number.toString(36))
    })
  })

/** The name of the activity that stores the handle. */
export const submitName = "submit"

/** The keys of the entries that store the pages of prompts. */
export const pageKeys = (executionId: string, digest: string, pages: number): ReadonlyArray<string> =>
  Array.from({ length: pages }, (_, page) => `prompts/${executionId}/${digest}/${page}`)

/** The item id of a prompt. The token makes it unique, so that results of a batch that was mistaken for this one are skipped. */
const itemId = (token: string, index: number): string => `${token}-${index}`

/** The position of a prompt in its batch. */
export const indexOf = (itemId: string): number => Number(itemId.slice(itemId.indexOf("-") + 1))

/** A submission to the provider. */
export interface Submission {
  /** The id of the batch for `ProviderBatch.submit`. */
  readonly id: string
  readonly token: string
  readonly fields: BatchFields
  /** The keys of the pages of its prompts. */
  readonly pages: ReadonlyArray<string>
}

/** The environment of submissions. */
export interface Submitter {
  readonly batches: ProviderBatchService
  readonly entries: Entries
  /** Lets one batch be submitted at a time. Anthropic's batches have no name, so a lost one is found only if no other is. */
  readonly turn: Effect.Semaphore
}

// For a day, because providers are down for minutes and their limits on batches are full for hours.
const throughOutages = Schedule.union(Schedule.exponential("10 seconds"), Schedule.spaced("5 minutes")).pipe(
  Schedule.upTo("1 day")
)

/** Submits, stores the handle, and deletes the stored prompts, which are no longer needed. */
export const submit = (
  { batches, entries, turn }: Submitter,
  { id, token, fields, pages }: Submission
): Effect.Effect<BatchHandle, LLMError, WorkflowEngine | WorkflowInstance> =>
  Effect.gen(function* () {
    const submitting = Effect.gen(function* () {
      const prompts = yield* Effect.forEach(pages, (page) => storedPrompts(entries, page))
      const items = prompts.flat().map(({ messages, model = fields.model }, index) => ({
        id: itemId(token, index),
        request: { ...fields, messages, model }
      }))
      return yield* batches.submit(id, items)
    })
    const handle = yield* Activity.make({
      name: submitName,
      success: BatchHandle,
      error: LLMError.schema,
      execute: turn
        .withPermits(1)(submitting)
        .pipe(Effect.catchTag("BatchStoreError", Effect.die), retryTransient(throughOutages, "1 day"))
    })
    yield* Activity.make({
      name: "forget",
      execute: Effect.ignoreLogged(Effect.forEach(pages, entries.remove, { discard: true }))
    })
    return handle
  })

const storedPrompts = (entries: Entries, page: string) =>
  Effect.flatMap(entries.get(page), (text) => (text === undefined ? Effect.fail(withoutPrompts) : promptsOf(text)))

const withoutPrompts = new ValidationError({
  provider: "",
  model: "",
  message: "the prompts were deleted before they could be submitted; keep them longer (`retention`), and use another id"
})
