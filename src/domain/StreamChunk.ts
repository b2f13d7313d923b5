/** One step of an answer as it arrives: a plain object, so that it crosses process boundaries. */
import { Schema } from "effect"
import { Usage } from "./Usage.js"

/**
 * Why an answer ended: complete (`stop`), out of tokens (`length`), waiting for tools (`tool_calls`), refused or cut
 * by a filter (`content_filter`), or anything else (`other`).
 */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "other"

/** The schema of a finish reason. */
export const FinishReason: Schema.Schema<FinishReason> = Schema.Literal(
  "stop",
  "length",
  "tool_calls",
  "content_filter",
  "other"
)

/** A piece of a tool call: `arguments` is the text to append to the call at `index`. */
export interface ToolCallDelta {
  /** Which of the answer's calls it belongs to, counted from 0. */
  readonly index: number
  /** The id of the call, on its first piece. */
  readonly id?: string | undefined
  /** The tool to call, on the first piece. */
  readonly name?: string | undefined
  /** JSON to append to what has come of the arguments. */
  readonly arguments: string
}

const ToolCallDelta = Schema.Struct({
  index: Schema.Int,
  id: Schema.optional(Schema.String),
  name: Schema.optional(Schema.String),
  arguments: Schema.String
})

/** One step of an answer. */
export interface StreamChunk {
  /** The text to append; `""` when there is none. */
  readonly content: string
  /** The reasoning to append; `""` when there is none. */
  readonly reasoning: string
  /** The pieces of tool calls to append. */
  readonly toolCalls: ReadonlyArray<ToolCallDelta>
  /** `null` but on the last chunk. */
  readonly finishReason: FinishReason | null
  /** `null` until the provider has said it; the last chunk carries the final counts where the wire has any. */
  readonly usage: Usage | null
  /** The provider's own JSON of this step. */
  readonly rawChunk: unknown
  /** Opaque data that the provider wants back with the message, such as a signature. */
  readonly providerData?: unknown
  /** On the last chunk: the provider that answered and the model that it named. */
  readonly origin?: Origin | undefined
  /** On the last chunk: US dollars for the whole answer, where a catalog of prices knows them. */
  readonly cost?: number | undefined
}

/** Who gave an answer. */
export interface Origin {
  /** The provider that answered, such as `openai`. */
  readonly provider: string
  /** The model as that provider named it. */
  readonly model: string
  /** The model as the request named it, where that is known. */
  readonly requestedModel?: string | undefined
}

/** The schema of a chunk, which also makes them. */
export interface StreamChunkSchema extends Schema.Schema<StreamChunk> {
  /** Makes a chunk: what is left out is empty, or `null`. */
  readonly make: (chunk: Partial<StreamChunk>) => StreamChunk
}

/** The schema of a chunk; `StreamChunk.make({ content: "Hi" })` fills in what is left out. */
export const StreamChunk: StreamChunkSchema = Schema.Struct({
  content: Schema.String.pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => "")
  ),
  reasoning: Schema.String.pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => "")
  ),
  toolCalls: Schema.Array(ToolCallDelta).pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => [])
  ),
  finishReason: Schema.NullOr(FinishReason).pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => null)
  ),
  usage: Schema.NullOr(Usage).pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => null)
  ),
  rawChunk: Schema.Unknown.pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => null)
  ),
  providerData: Schema.optional(Schema.Unknown),
  origin: Schema.optional(
    Schema.Struct({ provider: Schema.String, model: Schema.String, requestedModel: Schema.optional(Schema.String) })
  ),
  cost: Schema.optional(Schema.Number)
})

/** Says whether a chunk shows the reader anything: content, reasoning or a piece of a tool call. */
export const hasOutput = (chunk: StreamChunk): boolean =>
  chunk.content !== "" || chunk.reasoning !== "" || chunk.toolCalls.length > 0
