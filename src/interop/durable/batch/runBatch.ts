/** Runs a durable batch at its provider, in an execution of a workflow. */
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import type { BatchHandle } from "../../../batch/BatchHandle.js"
import type { ProviderBatchService } from "../../../batch/ProviderBatchService.js"
import { isRetryable, type LLMError, NetworkError } from "../../../domain/LLMError.js"
import type { BatchFields } from "./BatchPath.js"
import { storeResults } from "./resultPages.js"
import { begin, pageKeys, type Submitter, submit } from "./submission.js"
import { untilEnded } from "./untilEnded.js"

/** The payload of an execution. Its prompts are stored separately. */
export interface BatchPayload {
  readonly id: string
  readonly digest: string
  readonly pages: number
  readonly total: number
}

/** The environment in which the batches of one kind run. */
export interface BatchRunner extends Submitter {
  readonly name: string
  readonly fields: BatchFields
  /** The time between two questions to the provider. */
  readonly every: Duration.Duration
}

// Providers store results for 29 days or more.
const maxAge = Duration.days(30)

/** Whether a later attempt can read the results, which are paid for: after an outage, or with another key. */
const isWorthWaiting = (error: LLMError): boolean =>
  isRetryable(error) || error._tag === "AuthenticationError" || error._tag === "InsufficientCreditsError"

/** Submits a batch, waits until it has ended, and stores its results. */
export const runBatch = (
  runner: BatchRunner,
  { id, digest, pages, total }: BatchPayload,
  executionId: string
): Effect.Effect<void, LLMError, WorkflowEngine | WorkflowInstance> =>
  Effect.gen(function* () {
    const { batches, every, fields, name } = runner
    const { startedAt, token } = yield* begin(digest)
    const handle = yield* submit(runner, {
      id: `${name}/${readable.test(id) ? id : executionId}/${token}`,
      token,
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
