/** The batch API of one provider: its limits, its requests, and how its results are read. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { LLMError } from "../domain/LLMError.js"
import type { ReportedError } from "../http/errors/classification.js"
import type { JsonObject } from "../http/Json.js"
import type { Encoded } from "../protocol/Protocol.js"
import type { PartStatus } from "./BatchStatus.js"

/** The limits of one of the provider's batches. */
export interface BatchLimits {
  readonly maxItems: number
  /** All encoded requests together, in bytes. */
  readonly maxBytes: number
  /** Whether all requests of a batch must have one model. */
  readonly isOneModel: boolean
}

/** A part that is to be created. */
export interface NewPart {
  /** Names it at the provider, where the provider has a field for a name. */
  readonly name: string
  readonly model: string
  readonly count: number
  /** The encoded items. */
  readonly lines: ReadonlyArray<string>
  /** When the first attempt to create it began, in milliseconds since 1970. */
  readonly since: number
  /** Whether the store knows that a batch of the provider belongs to another part. */
  readonly isTaken: (providerId: string) => Effect.Effect<boolean, LLMError>
}

/** The outcome of an item, as a line of the results reports it. */
export type ItemOutcome =
  | { readonly type: "response"; readonly body: unknown }
  | { readonly type: "error"; readonly status?: number | undefined; readonly body: unknown }
  | { readonly type: "expired" }
  | { readonly type: "cancelled" }

/** One line of the results. */
export interface ItemLine {
  readonly id: string
  readonly outcome: ItemOutcome
}

/** A part with the results that it has once it has ended. */
export interface EndedPart extends PartStatus {
  /** The error with which the provider rejected the whole batch, so that it ran no request. */
  readonly refusal?: ReportedError | undefined
  /** The lines of the results, in any order. */
  readonly lines: Stream.Stream<string, LLMError>
}

/** The batch API of one provider. */
export interface BatchApi {
  readonly limits: BatchLimits
  /** Encodes an item. */
  readonly encode: (id: string, encoded: Encoded) => JsonObject
  /** Creates a batch, and gives the provider's id. */
  readonly create: (part: NewPart) => Effect.Effect<string, LLMError, Scope.Scope>
  /** Finds the batch that an earlier attempt created, unless the provider rejected all of it; `undefined` without one. */
  readonly find: (part: NewPart) => Effect.Effect<string | undefined, LLMError, Scope.Scope>
  readonly status: (providerId: string) => Effect.Effect<EndedPart, LLMError, Scope.Scope>
  readonly cancel: (providerId: string) => Effect.Effect<void, LLMError, Scope.Scope>
  /** Reads a line of the results; `undefined` if it is malformed. */
  readonly read: (line: JsonObject) => ItemLine | undefined
}
