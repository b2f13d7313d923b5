/** How one provider takes batches: the requests that it wants, and how its answers are read. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { LLMError } from "../domain/LLMError.js"
import type { ReportedError } from "../http/errorClassification.js"
import type { JsonObject } from "../http/Json.js"
import type { Encoded } from "../protocol/Protocol.js"
import type { PartStatus } from "./BatchStatus.js"

/** What the provider takes in one batch. */
export interface BatchLimits {
  readonly maxItems: number
  /** Of the requests, in bytes. */
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
  /** Whether a batch of the provider is known to be another one. */
  readonly isTaken: (providerId: string) => Effect.Effect<boolean, LLMError>
}

/** What a line of the results says of an item. */
export type ItemOutcome =
  | { readonly type: "response"; readonly body: unknown }
  | { readonly type: "error"; readonly status?: number | undefined; readonly body: unknown }
  | { readonly type: "expired" }
  | { readonly type: "cancelled" }

/** The outcome of an item. */
export interface ItemLine {
  readonly id: string
  readonly outcome: ItemOutcome
}

/** A part whose results can be read. */
export interface EndedPart extends PartStatus {
  /** Why none of its requests was run, where the provider refused the batch as a whole. */
  readonly refusal?: ReportedError | undefined
  /** The lines of the results, in any order. */
  readonly lines: Stream.Stream<string, LLMError>
}

/** How one provider takes batches. */
export interface BatchWire {
  readonly limits: BatchLimits
  /** Encodes an item. */
  readonly encode: (id: string, encoded: Encoded) => JsonObject
  /** Creates a batch, and gives the provider's id. */
  readonly create: (part: NewPart) => Effect.Effect<string, LLMError, Scope.Scope>
  /** Finds a batch that an attempt before has created; `undefined` if there is none. */
  readonly find: (part: NewPart) => Effect.Effect<string | undefined, LLMError, Scope.Scope>
  readonly status: (providerId: string) => Effect.Effect<EndedPart, LLMError, Scope.Scope>
  readonly cancel: (providerId: string) => Effect.Effect<void, LLMError, Scope.Scope>
  /** Reads a line of the results; `undefined` if it is none. */
  readonly read: (line: JsonObject) => ItemLine | undefined
}
