/**
 * Submits a batch once, through crashes and lost responses. The intent is stored before the first request, and each id of
 * the provider as soon as it is known. After a request whose outcome is unknown, the provider's list is searched.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { isRetryable, type LLMError, NetworkError } from "../domain/LLMError.js"
import type { BatchApi, NewPart } from "./BatchApi.js"
import type { BatchHandle, BatchPart } from "./BatchHandle.js"
import { invalid } from "./BatchItem.js"
import type { BatchStoreError } from "./BatchStoreError.js"
import { digestOf, type Part } from "./encodeItems.js"
import type { Submissions } from "./Submissions.js"

/** A batch that is to be submitted. */
export interface Submission {
  readonly id: string
  readonly provider: string
  readonly api: string
  readonly parts: ReadonlyArray<Part>
}

type SubmitError = LLMError | BatchStoreError

/** Submits what has not been submitted, and gives the handle of all. */
export const submit = (
  { id, provider, api, parts }: Submission,
  batches: BatchApi,
  submissions: Submissions
): Effect.Effect<BatchHandle, SubmitError> =>
  Effect.gen(function* () {
    const digest = yield* digestOf(parts)
    const known = Option.getOrUndefined(yield* submissions.intent)
    if (known !== undefined && known.digest !== digest)
      return yield* invalid(
        provider,
        `the batch ${id} was submitted with other requests; give these another id, or submit the same ones again`
      )
    const intent = known ?? { version: 1 as const, digest, startedAt: yield* Clock.currentTimeMillis }
    if (known === undefined) yield* submissions.begin(intent)
    const submitted: Array<BatchPart> = []
    for (const [index, part] of parts.entries()) {
      const newPart: NewPart = {
        name: `${id}/${index}/${digest.slice(0, 16)}`,
        model: part.model,
        count: part.items.length,
        lines: part.items.map(({ line }) => line),
        since: intent.startedAt,
        isTaken: (providerId) => Effect.mapError(submissions.isTaken(index, providerId), unknownOwner(provider))
      }
      const providerId = yield* Option.match(yield* submissions.providerId(index), {
        onSome: Effect.succeed,
        onNone: () =>
          Effect.tap(createOnce(newPart, batches, known === undefined), (created) =>
            submissions.created(index, created)
          )
      })
      submitted.push({ providerId, model: modelOf(part), ids: part.items.map((item) => item.id) })
    }
    return { version: 1, id, provider, api, parts: submitted }
  })

const modelOf = ({ items }: Part): string | null => {
  const [first, ...others] = new Set(items.map(({ model }) => model))
  return others.length > 0 ? null : (first ?? null)
}

const unknownOwner =
  (provider: string) =>
  ({ message }: BatchStoreError): NetworkError =>
    new NetworkError({ provider, model: "", reason: "Connection", message })

// Each wait gives the provider time to list a batch that it has just created.
const retries = Schedule.intersect(Schedule.exponential("500 millis"), Schedule.recurs(5))

/** Creates a part. `isFresh` says that no earlier attempt can have created it. */
const createOnce = (part: NewPart, batches: BatchApi, isFresh: boolean): Effect.Effect<string, LLMError> =>
  Effect.suspend(() => {
    let mayExist = !isFresh
    const attempt: Effect.Effect<string, LLMError, Scope.Scope> = Effect.gen(function* () {
      const found = mayExist ? yield* batches.find(part) : undefined
      mayExist = true
      return found ?? (yield* batches.create(part))
    })
    return attempt.pipe(Effect.scoped, Effect.retry({ schedule: retries, while: isRetryable }))
  })
