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
import { LLMError, NetworkError } from "../domain/LLMError.js"
import type { BatchApi, NewPart } from "./BatchApi.js"
import type { BatchHandle, BatchPart } from "./BatchHandle.js"
import { invalid } from "./BatchItem.js"
import type { BatchStoreError } from "./BatchStoreError.js"
import { digestOf, type Part } from "./encodeItems.js"
import { retryTransient } from "./retryTransient.js"
import type { CreatedPart, Submissions } from "./Submissions.js"

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
    const { startedAt, isFresh } = yield* begin({ id, provider, digest }, submissions)
    const created: Array<BatchPart> = []
    const rejected: Array<Rejection & { readonly ids: ReadonlyArray<string> }> = []
    for (const [index, part] of parts.entries()) {
      const newPart: NewPart = {
        name: `${id}/${index}/${digest.slice(0, 16)}`,
        model: part.model,
        count: part.items.length,
        lines: part.items.map(({ line }) => line),
        since: startedAt,
        isTaken: (providerId) => Effect.mapError(submissions.isTaken(index, providerId), unknownOwner(provider))
      }
      const known = yield* submissions.find(index)
      const outcome =
        Option.isSome(known) && !(yield* isRefused(known.value, batches))
          ? known.value
          : yield* Effect.tap(createOnce(newPart, batches, isFresh), (made) =>
              "providerId" in made ? submissions.created(index, made.providerId) : Effect.void
            )
      const ids = part.items.map((item) => item.id)
      if ("providerId" in outcome) created.push({ ...outcome, model: modelOf(part), ids })
      else rejected.push({ ...outcome, ids })
    }
    const [first] = rejected
    if (first !== undefined && created.length === 0) return yield* first.rejection
    return { version: 1, id, provider, api, parts: created, ...encodeRejected(rejected) }
  })

/** Stores the intent to submit. `isFresh` says that there was none. */
const begin = (
  { id, provider, digest }: Pick<Submission, "id" | "provider"> & { readonly digest: string },
  submissions: Submissions
) =>
  Effect.gen(function* () {
    const known = Option.getOrUndefined(yield* submissions.intent)
    if (known !== undefined && known.digest !== digest)
      return yield* invalid(
        provider,
        `the batch ${id} was submitted with other requests; give these another id, or submit the same ones again`
      )
    const startedAt = known?.startedAt ?? (yield* Clock.currentTimeMillis)
    if (known === undefined) yield* submissions.begin({ version: 1, digest, startedAt })
    return { startedAt, isFresh: known === undefined }
  })

/** Why the provider created no batch of a part. */
interface Rejection {
  readonly rejection: LLMError
}

const encodeRejected = (
  rejected: ReadonlyArray<Rejection & { readonly ids: ReadonlyArray<string> }>
): Pick<BatchHandle, "rejected"> =>
  rejected.length === 0
    ? {}
    : { rejected: rejected.map(({ ids, rejection }) => ({ ids, error: encodeError(rejection) })) }

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

/**
 * Whether the provider created a batch and rejected all of it later, for instance because its check of the file failed.
 * Nothing has run, so it is submitted again. One whose status is not known counts as accepted.
 */
const isRefused = ({ providerId }: CreatedPart, batches: BatchApi): Effect.Effect<boolean> =>
  batches
    .status(providerId)
    .pipe(Effect.scoped, Effect.match({ onFailure: () => false, onSuccess: ({ refusal }) => refusal !== undefined }))

/** Creates a part, unless the provider rejects it. `isFresh` says that no earlier attempt can have created it. */
const createOnce = (
  part: NewPart,
  batches: BatchApi,
  isFresh: boolean
): Effect.Effect<CreatedPart | Rejection, LLMError> =>
  Effect.suspend(() => {
    let mayExist = !isFresh
    const attempt: Effect.Effect<CreatedPart | Rejection, LLMError, Scope.Scope> = Effect.gen(function* () {
      const found = mayExist ? yield* batches.find(part) : undefined
      mayExist = true
      if (found !== undefined) return { providerId: found }
      return yield* batches.create(part).pipe(
        Effect.map((providerId) => ({ providerId })),
        Effect.catchIf(isRejection, (rejection) => Effect.succeed({ rejection }))
      )
    })
    return attempt.pipe(Effect.scoped, retryTransient(retries, "2 minutes"))
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
