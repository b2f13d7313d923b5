/** The operations on the batches of one provider. */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { ModelCatalog } from "../catalog/ModelCatalog.js"
import { checkOptions } from "../domain/checkOptions.js"
import { positiveDurationProblem } from "../domain/durationProblem.js"
import { LLMError, type ValidationError } from "../domain/LLMError.js"
import type { BatchHandle } from "./BatchHandle.js"
import { type BatchItem, checkItems, invalid } from "./BatchItem.js"
import type { BatchProvider } from "./BatchProvider.js"
import { type BatchStatus, statusOf } from "./BatchStatus.js"
import { atBatchPrice } from "./batchPrice.js"
import { encodeItems, partsOf } from "./encodeItems.js"
import type { ProviderBatchService, ResultsOptions } from "./ProviderBatchService.js"
import { failing, resultsOfPart, statusOfPart, whenEnded } from "./results.js"
import { submissionsIn } from "./Submissions.js"
import { submit } from "./submit.js"

// Parts that are polled and downloaded at the same time. More would run into the provider's rate limits.
const concurrency = 4

/** Serves the batches of a provider. `model` is the default model of the items. */
export const serve = (
  provider: BatchProvider,
  model: string
): Effect.Effect<ProviderBatchService, never, KeyValueStore.KeyValueStore> =>
  Effect.gen(function* () {
    const store = yield* KeyValueStore.KeyValueStore
    const catalog = yield* Effect.flatMap(
      Effect.serviceOption(ModelCatalog),
      Option.match({ onNone: () => ModelCatalog.snapshot, onSome: Effect.succeed })
    )
    const readItem: BatchProvider["readItem"] = (requested, outcome, sent) =>
      Either.map(provider.readItem(requested, outcome, sent), (response) => atBatchPrice(catalog, response))
    return {
      submit: submitter(provider, model, store),
      status: (handle) => statusIn(provider, handle),
      cancel: (handle) => cancel(provider, handle),
      results: (handle, options = {}) => resultsIn({ ...provider, readItem }, handle, options)
    }
  })

// Ids stand in paths; Google's begin with a folder.
const providerId = /^(?:batches\/)?\w[\w.:=-]{0,499}$/

/** Checks that a handle belongs to this provider and leads to no other path: it is plain data and may come from anywhere. */
const checked = (
  { runtime: { provider }, api }: BatchProvider,
  handle: BatchHandle
): Either.Either<BatchHandle, ValidationError> =>
  handle.provider !== provider || handle.api !== api
    ? invalid(
        provider,
        `the batch ${handle.id} was submitted to ${handle.provider} (${handle.api}); read it with a layer of that provider and API`
      )
    : handle.parts.every((part) => providerId.test(part.providerId))
      ? Either.right(handle)
      : notFromSubmit(provider, handle, "an id that no provider gives")

const notFromSubmit = (provider: string, { id }: BatchHandle, what: string) =>
  invalid(provider, `the handle of the batch ${id} has ${what}; use the handle that submit gave`)

const submitter =
  ({ runtime, api, protocol, batches }: BatchProvider, model: string, store: KeyValueStore.KeyValueStore) =>
  (id: string, items: ReadonlyArray<BatchItem>) =>
    Effect.gen(function* () {
      const { provider } = runtime
      yield* checkItems(items, provider)
      const encoded = yield* encodeItems(items, model, runtime, protocol, batches)
      const parts = yield* Either.orElse(partsOf(encoded, batches.limits), (problem) => invalid(provider, problem))
      return yield* submit({ id, provider, api, parts }, batches, submissionsIn(store, provider, id))
    })

const statusIn = (provider: BatchProvider, handle: BatchHandle): Effect.Effect<BatchStatus, LLMError> =>
  Effect.flatMap(checked(provider, handle), ({ parts }) =>
    Effect.map(
      Effect.forEach(parts, ({ providerId }) => statusOfPart(provider.batches, providerId), { concurrency }),
      (statuses) => statusOf(statuses, handle.rejected?.flatMap(({ ids }) => ids).length)
    )
  )

const cancel = (provider: BatchProvider, handle: BatchHandle): Effect.Effect<BatchStatus, LLMError> =>
  Effect.gen(function* () {
    const { batches } = provider
    const { parts } = yield* checked(provider, handle)
    for (const { providerId } of parts) {
      const { state } = yield* statusOfPart(batches, providerId)
      if (state !== "ended") yield* Effect.scoped(batches.cancel(providerId))
    }
    return yield* statusIn(provider, handle)
  })

const checkedResults = (provider: BatchProvider, handle: BatchHandle, every: Duration.DurationInput) =>
  Effect.zipRight(checkOptions("results", [positiveDurationProblem("every", every)]), checked(provider, handle))

const resultsIn = (provider: BatchProvider, handle: BatchHandle, { every = "1 minute", items = [] }: ResultsOptions) =>
  Stream.unwrap(
    Effect.map(checkedResults(provider, handle, every), ({ parts, rejected = [] }) => {
      const reader = { ...provider, requests: new Map(items.map(({ id, request }) => [id, request])) }
      const ofParts = Stream.flatMap(
        Stream.fromIterable(parts),
        (part) =>
          Stream.unwrap(
            Effect.map(whenEnded(provider.batches, part.providerId, every), (ended) =>
              resultsOfPart(reader, part, ended)
            )
          ),
        { concurrency, bufferSize: 1 }
      )
      const ofRejected = Stream.flatMap(Stream.fromIterable(rejected), ({ ids, error }) =>
        Stream.unwrap(
          Either.match(decodeError(error), {
            onLeft: () => notFromSubmit(provider.runtime.provider, handle, "a malformed error"),
            onRight: (decoded) => Either.right(failing(ids, decoded))
          })
        )
      )
      return Stream.concat(ofRejected, ofParts)
    })
  )

const decodeError = Schema.decodeUnknownEither(LLMError.schema)
