/**
 * Stores which batches were submitted. Every entry is written once, except that of a part which is submitted again, so a
 * process that is killed while it writes damages no other entry. An entry that cannot be read counts as missing.
 */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { BatchStoreError } from "./BatchStoreError.js"

/** The intent to submit a batch, written before the first request. */
export interface Intent {
  readonly version: 1
  readonly digest: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

const Intent: Schema.Schema<Intent> = Schema.Struct({
  version: Schema.Literal(1),
  digest: Schema.String,
  startedAt: Schema.Number
})

/** The entries of one batch. */
export interface Submissions {
  readonly intent: Effect.Effect<Option.Option<Intent>, BatchStoreError>
  readonly begin: (intent: Intent) => Effect.Effect<void, BatchStoreError>
  /** The part as the provider created it. */
  readonly find: (part: number) => Effect.Effect<Option.Option<CreatedPart>, BatchStoreError>
  readonly created: (part: number, providerId: string) => Effect.Effect<void, BatchStoreError>
  /** Whether one of the provider's batches belongs to another part or batch. */
  readonly isTaken: (part: number, providerId: string) => Effect.Effect<boolean, BatchStoreError>
}

/** A part of which the provider created a batch. */
export interface CreatedPart {
  /** The provider's id of the batch. */
  readonly providerId: string
}

const CreatedPart: Schema.Schema<CreatedPart> = Schema.Struct({ providerId: Schema.NonEmptyString })
const Owner = Schema.Struct({ id: Schema.String, part: Schema.Number })

/** The entries of a batch in a store. */
export const submissionsIn = (store: KeyValueStore.KeyValueStore, provider: string, id: string): Submissions => {
  const prefix = `llm-connectivity/batch/${provider}`
  const keyOf = (...path: ReadonlyArray<string | number>) => [prefix, ...path].map(String).join("/")
  const partKey = (part: number) => keyOf("part", encodeURIComponent(id), part)
  const ownerKey = (providerId: string) => keyOf("owner", encodeURIComponent(providerId))
  const get = <A, I>(key: string, schema: Schema.Schema<A, I>) =>
    store
      .get(key)
      .pipe(
        Effect.mapError(storeError),
        Effect.map(Option.flatMap((text) => Option.getRight(Schema.decodeEither(Schema.parseJson(schema))(text))))
      )
  const set = (key: string, value: unknown) => Effect.mapError(store.set(key, JSON.stringify(value)), storeError)
  return {
    intent: get(keyOf("intent", encodeURIComponent(id)), Intent),
    begin: (intent) => set(keyOf("intent", encodeURIComponent(id)), intent),
    find: (part) => get(partKey(part), CreatedPart),
    created: (part, providerId) =>
      Effect.zipRight(set(ownerKey(providerId), { id, part }), set(partKey(part), { providerId })),
    isTaken: (part, providerId) =>
      Effect.map(
        get(ownerKey(providerId), Owner),
        Option.exists((owner) => owner.id !== id || owner.part !== part)
      )
  }
}

const storeError = (cause: unknown): BatchStoreError =>
  new BatchStoreError({ message: "the store of batches failed; check it, and make the same call again", cause })
