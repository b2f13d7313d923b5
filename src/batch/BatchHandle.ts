/** The handle of a batch: plain data, which can be stored and sent to another process. */
import * as Schema from "effect/Schema"
import type { LLMErrorJson } from "../domain/ErrorFields.js"
import { LLMError } from "../domain/LLMError.js"

const Part = Schema.Struct({
  /** The provider's own id of the batch. */
  providerId: Schema.NonEmptyString,
  /** The model of all its requests; `null` if they have several. */
  model: Schema.NullOr(Schema.String),
  /** The ids of its items. */
  ids: Schema.Array(Schema.String)
})

const ErrorJson: Schema.Schema<LLMErrorJson> = Schema.suspend(() => Schema.encodedSchema(LLMError.schema))

const RejectedPart = Schema.Struct({
  /** The ids of its items. */
  ids: Schema.Array(Schema.String),
  /** Why the provider created no batch of them, as JSON. */
  error: ErrorJson
})

const Handle = Schema.Struct({
  version: Schema.Literal(1),
  id: Schema.String,
  provider: Schema.String,
  api: Schema.String,
  parts: Schema.Array(Part),
  /** Parts of which the provider created no batch, while it created others. */
  rejected: Schema.optionalWith(Schema.Array(RejectedPart), { exact: true })
})

/** One of the provider's batches. A batch that exceeds the provider's limits has several. */
export interface BatchPart extends Schema.Schema.Type<typeof Part> {}

/** Items of which the provider created no batch. */
export interface RejectedPart extends Schema.Schema.Type<typeof RejectedPart> {}

/**
 * Identifies a submitted batch in any process. It contains no key and no prompt.
 *
 * ```ts
 * const remembered = (handle: BatchHandle) => Schema.encode(Schema.parseJson(BatchHandle))(handle)
 * ```
 */
export interface BatchHandle extends Schema.Schema.Type<typeof Handle> {}

/** The schema of a handle. */
export const BatchHandle: Schema.Schema<BatchHandle> = Handle
