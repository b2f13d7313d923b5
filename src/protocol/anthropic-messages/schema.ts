/**
 * The JSON of Anthropic's messages that we read: https://platform.claude.com/docs/en/build-with-claude/streaming
 *
 * A schema cannot say "any type but these", so events, blocks and deltas are flat: every field that we read has its
 * type, wherever it stands, and may be left out or null. What a known event lacks is found by the step.
 */
import { Schema } from "effect"

const nullish = <A>(schema: Schema.Schema<A>) => Schema.optional(Schema.NullOr(schema))

/** What events that we do not know may hold under the name of an object that we do; in a known event it is wrong. */
const noObject = () =>
  Schema.Union(Schema.String, Schema.Number, Schema.Literal(true, false, null), Schema.Array(Schema.Unknown))

const objectOr = <A>(schema: Schema.Schema<A>) => Schema.optional(Schema.Union(schema, noObject()))

/** A count of tokens, as reported; what the cache read and wrote is not in `input_tokens`. */
const usage = () =>
  Schema.Struct({
    input_tokens: nullish(Schema.Number),
    cache_read_input_tokens: nullish(Schema.Number),
    cache_creation_input_tokens: nullish(Schema.Number),
    cache_creation: nullish(Schema.Struct({ ephemeral_1h_input_tokens: nullish(Schema.Number) })),
    output_tokens: nullish(Schema.Number),
    output_tokens_details: nullish(Schema.Struct({ thinking_tokens: nullish(Schema.Number) }))
  })

/** The message that `message_start` opens, or a whole answer. */
const message = () =>
  Schema.Struct({
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
    /** The arguments of a call; `{}` where deltas follow. */
    input: Schema.optional(Schema.Unknown),
    /** What a `redacted_thinking` block holds, and we only carry. */
    data: Schema.optional(Schema.Unknown)
  })

/** What `content_block_delta` adds to a block, or `message_delta` to the message. */
const delta = () =>
  Schema.Struct({
    type: nullish(Schema.String),
    text: nullish(Schema.String),
    thinking: nullish(Schema.String),
    signature: nullish(Schema.String),
    partial_json: nullish(Schema.String),
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
    error: Schema.optional(Schema.Unknown)
  })
)

export type Event = typeof Event.Type
export type Block = Schema.Schema.Type<ReturnType<typeof block>>
export type Usage = Schema.Schema.Type<ReturnType<typeof usage>>
export type NoObject = Schema.Schema.Type<ReturnType<typeof noObject>>
