/** Stores what was submitted to a provider in the storage of durable work. */
import { BadArgument } from "@effect/platform/Error"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Entries } from "../entries.js"

const isMissing = (method: string) =>
  Effect.fail(
    new BadArgument({ module: "KeyValueStore", method, description: "the storage of durable work only adds entries" })
  )

/** Makes the `KeyValueStore` of `ProviderBatch`, which writes each of its entries once, over stored entries. */
export const submissionStore = (entries: Entries): KeyValueStore.KeyValueStore =>
  KeyValueStore.makeStringOnly({
    get: (key) => Effect.map(entries.get(key), Option.fromNullable),
    set: entries.set,
    remove: () => isMissing("remove"),
    clear: isMissing("clear"),
    size: isMissing("size")
  })
