/**
 * Submits a batch once, through crashes and lost responses. The intent is stored before the first request, and each id of
 * the provider as soon as it is known. After a request whose outcome is unknown, the provider's list is searched.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { isRetryable, LLMError, NetworkError } from "../domain/LLMError.js"
import type { BatchApi, NewPart } from "./BatchApi.js"
import type { BatchHandle, BatchPart, RejectedPart } from "./BatchHandle.js"
import { invalid } from "./BatchItem.js"
import type { BatchStoreError } from "./BatchStoreError.js"
import { digestOf, type Part } from "./encodeItems.js"
import type { PartOutcome, Submissions } from "./Submissions.js"

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
    const outcomes: Array<PartOutcome> = []
    for (const [index, part] of parts.entries()) {
      const newPart: NewPart = {
        name: `${id}/${index}/${digest.slice(0, 16)}`,
        model: part.model,
        count: part.items.length,
        lines: part.items.map(({ line }) => line),
        since: intent.startedAt,
        isTaken: (providerId) => Effect.mapError(submissions.isTaken(index, providerId), unknownOwner(provider))
      }
      const outcome = yield* Option.match(yield* submissions.outcome(index), {
        onSome: Effect.succeed,
        onNone: () =>
          Effect.tap(createOnce(newPart, batches, known === undefined), (made) =>
            "providerId" in made ? submissions.created(index, made.providerId) : Effect.void
          )
      })
      outcomes.push(outcome)
    }
    yield* keepRejections(outcomes, submissions)
    return { version: 1, id, provider, api, ...partsIn(parts, outcomes) }
  })

/** Stores the rejections, so that they are final. Where no part was created, fails with the first one and stores none. */
const keepRejections = (outcomes: ReadonlyArray<PartOutcome>, submissions: Submissions) =>
  Effect.gen(function* () {
    const rejections = outcomes.flatMap((outcome, index) =>
      "rejection" in outcome ? [{ index, error: outcome.rejection }] : []
    )
    const [first] = rejections
    if (first !== undefined && rejections.length === outcomes.length) return yield* first.error
    yield* Effect.forEach(rejections, ({ index, error }) => submissions.rejected(index, error), { discard: true })
  })

const partsIn = (
  parts: ReadonlyArray<Part>,
  outcomes: ReadonlyArray<PartOutcome>
): Pick<BatchHandle, "parts" | "rejected"> => {
  const created: Array<BatchPart> = []
  const rejected: Array<RejectedPart> = []
  for (const [index, part] of parts.entries()) {
    const ids = part.items.map((item) => item.id)
    const outcome = outcomes[index]
    if (outcome === undefined) continue
    if ("rejection" in outcome) rejected.push({ ids, error: encodeError(outcome.rejection) })
    else created.push({ providerId: outcome.providerId, model: modelOf(part), ids })
  }
  return { parts: created, ...(rejected.length === 0 ? {} : { rejected }) }
}

const encodeError = Schema.encodeSync(LLMError.schema)

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

/** Creates a part, unless the provider rejects it. `isFresh` says that no earlier attempt can have created it. */
const createOnce = (part: NewPart, batches: BatchApi, isFresh: boolean): Effect.Effect<PartOutcome, LLMError> =>
  Effect.suspend(() => {
    let mayExist = !isFresh
    const attempt: Effect.Effect<PartOutcome, LLMError, Scope.Scope> = Effect.gen(function* () {
      const found = mayExist ? yield* batches.find(part) : undefined
      mayExist = true
      if (found !== undefined) return { providerId: found }
      return yield* batches.create(part).pipe(
        Effect.map((providerId) => ({ providerId })),
        Effect.catchIf(isRejection, (rejection) => Effect.succeed({ rejection }))
      )
    })
    return attempt.pipe(Effect.scoped, Effect.retry({ schedule: retries, while: isRetryable }))
  })

/**
 * Whether the provider has certainly created nothing, and would not with the same request. The key, the credits and the
 * rate limits belong to the account, not to the part: these errors end the submission, which can go on later.
 */
const isRejection = (error: LLMError): boolean =>
  rejections.has(error._tag) && error.status !== undefined && error.status >= 400 && error.status < 500

const rejections: ReadonlySet<LLMError["_tag"]> = new Set([
  "ValidationError",
  "ContextWindowExceededError",
  "ModelNotFoundError",
  "ProviderError"
])
