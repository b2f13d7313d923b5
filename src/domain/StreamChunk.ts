/** One chunk of a streaming response: a plain object that can cross process boundaries. */
import * as Schema from "effect/Schema"
import {
  type AssistantPart,
  CompletePart,
  type FilePart,
  type ImagePart,
  ProviderMetadata,
  type ProviderPart
} from "./ContentPart.js"
import { lazySchema, once } from "./lazy.js"
import { ProviderLimits } from "./ProviderLimits.js"
import { type Source, Sources } from "./Source.js"
import { Usage } from "./Usage.js"

/**
 * Why a response ended: complete (`stop`), out of tokens (`length`), waiting for tools (`tool_calls`), refused or
 * filtered (`content_filter`), or another reason (`other`).
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

/**
 * A delta of a tool call: `arguments` is the text to append to the call at `index`. The index counts only tool calls, so
 * deltas of several calls may interleave whichever part is open. The chunk that opens a tool call part carries the
 * first delta of its call.
 */
export interface ToolCallDelta {
  /** The index of the tool call in the response, from 0. */
  readonly index: number
  /** The id of the call, on its first delta. */
  readonly id?: string | undefined
  /** The name of the tool, on the first delta. */
  readonly name?: string | undefined
  /** JSON text to append to the arguments. */
  readonly arguments: string
}

const ToolCallDelta = Schema.Struct({
  index: Schema.Int,
  id: Schema.optional(Schema.String),
  name: Schema.optional(Schema.String),
  arguments: Schema.String
})

/** Names the part of the message that a chunk opens, returns to, or adds metadata to. */
export interface ChunkPart {
  /** The part, counted from 0 in the order in which parts open. */
  readonly index: number
  /** The type of the part. */
  readonly type: AssistantPart["type"]
  /** What the provider needs to get back with the part, merged with the metadata of earlier chunks. */
  readonly providerMetadata?: ProviderMetadata | undefined
  /** The complete part, for types that do not stream: opaque provider parts, images and files. */
  readonly value?: ImagePart | FilePart | ProviderPart | undefined
}

/** One chunk of a response. */
export interface StreamChunk {
  /** The text to append, refusals included; `""` if there is none. */
  readonly content: string
  /** The reasoning to append; `""` if there is none. */
  readonly reasoning: string
  /** The tool call deltas to append. */
  readonly toolCalls: ReadonlyArray<ToolCallDelta>
  /** `null` except on the last chunk. */
  readonly finishReason: FinishReason | null
  /** `null` until the provider reports it. The last chunk carries the final counts if the provider reports any. */
  readonly usage: Usage | null
  /** The provider's JSON of this chunk. Chunks of one provider event share it. */
  readonly rawChunk: unknown
  /**
   * On the first chunk of each part of the message, and on chunks that return to an earlier part or add metadata to
   * one. `content` and `reasoning` of chunks without it belong to the part that is open.
   */
  readonly part?: ChunkPart | undefined
  /**
   * The web pages that the response cites, as far as the provider has named them since the last chunk with sources. Their
   * ranges are in the text of the whole response.
   */
  readonly sources?: ReadonlyArray<Source> | undefined
  /** On the last chunk: the provider and model of the response. */
  readonly origin?: Origin | undefined
  /** On the last chunk: what the provider's headers say about its rate limits, if they say anything. */
  readonly rateLimits?: ProviderLimits | undefined
  /** On the last chunk: US dollars for the complete response, if the model catalog knows the price. */
  readonly cost?: number | undefined
  /**
   * On the first chunk of an answer that starts again after a failure: drop everything before it. Only
   * `Policy.recoverMidStream` with `"reset"` writes it.
   */
  readonly reset?: true | undefined
  /**
   * On the last chunk: the provider has paused the response while a hosted tool works. Append the message to the
   * conversation and send it again, and the model goes on; a tool loop does so by itself. Only Anthropic pauses.
   */
  readonly paused?: true | undefined
  /** On the last chunk of a response that was not requested for this call: `Policy.cache` had it, or shared it. */
  readonly fromCache?: true | undefined
  /** On the last chunk: what was sent otherwise than the caller may expect, such as a schema without strict mode. */
  readonly warnings?: ReadonlyArray<string> | undefined
}

/** The provider and model of a response. */
export interface Origin {
  /** The provider, such as `openai`. */
  readonly provider: string
  /** The model as that provider named it. */
  readonly model: string
  /** The model that the caller requested. */
  readonly requestedModel?: string | undefined
}

const ChunkPart: Schema.Schema<ChunkPart> = lazySchema(() =>
  Schema.Struct({
    index: Schema.Int,
    type: Schema.Literal("text", "image", "file", "reasoning", "tool-call", "refusal", "provider"),
    providerMetadata: Schema.optional(ProviderMetadata),
    value: Schema.optional(CompletePart)
  })
)

/** The schema of a chunk, with a constructor. */
export interface StreamChunkSchema extends Schema.Schema<StreamChunk> {
  /** Makes a chunk; absent fields become empty or `null`. */
  readonly make: (chunk: Partial<StreamChunk>) => StreamChunk
}

const chunkSchema = Schema.Struct({
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
  part: Schema.optional(ChunkPart),
  sources: Schema.optional(Sources),
  origin: Schema.optional(
    Schema.Struct({
      provider: Schema.String,
      model: Schema.String,
      requestedModel: Schema.optional(Schema.String)
    })
  ),
  rateLimits: Schema.optional(ProviderLimits),
  cost: Schema.optional(Schema.Number),
  reset: Schema.optional(Schema.Literal(true)),
  paused: Schema.optional(Schema.Literal(true)),
  fromCache: Schema.optional(Schema.Literal(true)),
  warnings: Schema.optional(Schema.Array(Schema.String))
})

// `chunkSchema.make` compiles the schema again for every chunk, which takes 0.15 ms.
const validate = once(() => Schema.validateSync(chunkSchema))

/** The schema of a chunk; `StreamChunk.make({ content: "Hi" })` fills in absent fields. */
export const StreamChunk: StreamChunkSchema = Object.assign(Schema.make<StreamChunk>(chunkSchema.ast), {
  make: (chunk: Partial<StreamChunk>) => validate()(chunkSchema.make(chunk, { disableValidation: true }))
})

/** Checks whether a chunk has output: content, reasoning or a delta of a tool call. */
export const hasOutput = (chunk: StreamChunk): boolean =>
  chunk.content !== "" || chunk.reasoning !== "" || chunk.toolCalls.length > 0
