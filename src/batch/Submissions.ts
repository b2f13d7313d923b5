/**
 * Stores which batches were submitted. Every entry is written once, so a process that is killed while it writes damages
 * no earlier entry. An entry that cannot be read counts as missing.
 */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { LLMError } from "../domain/LLMError.js"
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
  /** What became of a part. */
  readonly outcome: (part: number) => Effect.Effect<Option.Option<PartOutcome>, BatchStoreError>
  readonly created: (part: number, providerId: string) => Effect.Effect<void, BatchStoreError>
  readonly rejected: (part: number, rejection: LLMError) => Effect.Effect<void, BatchStoreError>
  /** Whether one of the provider's batches belongs to another part or batch. */
  readonly isTaken: (part: number, providerId: string) => Effect.Effect<boolean, BatchStoreError>
}

/** The provider's id of a part, or why the provider created no batch. */
export type PartOutcome = { readonly providerId: string } | { readonly rejection: LLMError }

const PartOutcome = Schema.Union(
  Schema.Struct({ providerId: Schema.NonEmptyString }),
  Schema.Struct({ rejection: LLMError.schema })
)
const encodeOutcome = Schema.encodeSync(PartOutcome)
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
    outcome: (part) => get(partKey(part), PartOutcome),
    created: (part, providerId) =>
      Effect.zipRight(set(ownerKey(providerId), { id, part }), set(partKey(part), { providerId })),
    rejected: (part, rejection) => set(partKey(part), encodeOutcome({ rejection })),
    isTaken: (part, providerId) =>
      Effect.map(
        get(ownerKey(providerId), Owner),
        Option.exists((owner) => owner.id !== id || owner.part !== part)
      )
  }
}

const storeError = (cause: unknown): BatchStoreError =>
  new BatchStoreError({ message: "the store of batches failed; check it, and make the same call again", cause })
