/**
 * The fields that are read of Anthropic's messages: https://platform.claude.com/docs/en/build-with-claude/streaming
 *
 * A schema cannot express "any type except these", so events, blocks and deltas are flat: every field may be absent or
 * null. `step` reports the fields that a known event lacks.
 */
import * as Schema from "effect/Schema"
import { once } from "../../domain/lazy.js"
import { nullish } from "../nullish.js"

/** An unknown event may use the name of a known object for another type; in a known event `step` rejects it. */
const nonObject = once(() =>
  Schema.Union(Schema.String, Schema.Number, Schema.Literal(true, false, null), Schema.Array(Schema.Unknown))
)

const objectOr = <A>(schema: Schema.Schema<A>) => Schema.optional(Schema.Union(schema, nonObject()))

/** Token counts as reported; `input_tokens` excludes tokens that the cache read or wrote. */
const usage = once(() =>
  Schema.Struct({
    input_tokens: nullish(Schema.Number),
    cache_read_input_tokens: nullish(Schema.Number),
    cache_creation_input_tokens: nullish(Schema.Number),
    cache_creation: nullish(Schema.Struct({ ephemeral_1h_input_tokens: nullish(Schema.Number) })),
    output_tokens: nullish(Schema.Number),
    /** OpenAI's names, which some gateways keep. */
    prompt_tokens: nullish(Schema.Number),
    completion_tokens: nullish(Schema.Number),
    output_tokens_details: nullish(Schema.Struct({ thinking_tokens: nullish(Schema.Number) })),
    /** The counts of each pass over the prompt, compactions included, which the other counts leave out. */
    iterations: Schema.optional(Schema.Unknown)
  })
)

/** The message in `message_start`, or a non-streaming response. */
const message = () =>
  Schema.Struct({
    id: Schema.optional(Schema.Unknown),
    model: nullish(Schema.String),
    stop_reason: nullish(Schema.String),
    usage: nullish(usage())
  })

const block = () =>
  Schema.Struct({
    type: nullish(Schema.String),
    text: nullish(Schema.String),
    thinking: nullish(Schema.String),
    signature: nullish(Schema.String),
    id: nullish(Schema.String),
    name: nullish(Schema.String),
    /** The arguments of a tool call; `{}` where deltas follow. */
    input: Schema.optional(Schema.Unknown),
    /** The encrypted content of a `redacted_thinking` block, sent back unchanged. */
    data: Schema.optional(Schema.Unknown),
    /** The summary of a `compaction` block. */
    content: Schema.optional(Schema.Unknown),
    /** Those of a text in a non-streaming response. */
    citations: Schema.optional(Schema.Unknown)
  })

/** The addition of `content_block_delta` to a block, or of `message_delta` to the message. */
const delta = () =>
  Schema.Struct({
    type: nullish(Schema.String),
    text: nullish(Schema.String),
    thinking: nullish(Schema.String),
    signature: nullish(Schema.String),
    partial_json: nullish(Schema.String),
    /** The addition to a `compaction` block. */
    content: Schema.optional(Schema.Unknown),
    citation: Schema.optional(Schema.Unknown),
    stop_reason: nullish(Schema.String)
  })

/** One event of a stream. */
export const Event = Schema.suspend(() =>
  Schema.Struct({
    type: nullish(Schema.String),
    index: nullish(Schema.Number),
    message: objectOr(message()),
    content_block: objectOr(block()),
    delta: objectOr(delta()),
    usage: objectOr(usage()),
    /** Of a message without the field `message`. */
    id: Schema.optional(Schema.Unknown),
    model: nullish(Schema.String),
    stop_reason: nullish(Schema.String),
    error: Schema.optional(Schema.Unknown)
  })
)

export type Event = typeof Event.Type
export type Block = Schema.Schema.Type<ReturnType<typeof block>>
export type Delta = Schema.Schema.Type<ReturnType<typeof delta>>
export type Usage = Schema.Schema.Type<ReturnType<typeof usage>>
export type NonObject = Schema.Schema.Type<ReturnType<typeof nonObject>>
