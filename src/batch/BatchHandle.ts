/** The handle of a batch: plain data, which can be stored and sent to another process. */
import * as Schema from "effect/Schema"

const Part = Schema.Struct({
  /** The provider's own id of the batch. */
  providerId: Schema.NonEmptyString,
  /** The model of all its requests; `null` if they have several. */
  model: Schema.NullOr(Schema.String),
  /** The ids of its items. */
  ids: Schema.Array(Schema.String)
})

const Handle = Schema.Struct({
  version: Schema.Literal(1),
  id: Schema.String,
  provider: Schema.String,
  api: Schema.String,
  parts: Schema.Array(Part)
})

/** One of the provider's batches. A batch that exceeds the provider's limits has several. */
export interface BatchPart extends Schema.Schema.Type<typeof Part> {}

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
