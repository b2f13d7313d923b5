/** The JSON of OpenAI's chat completions that we read, with every tolerance that its vendors need. */
import { Schema } from "effect"

const maybe = <A>(schema: Schema.Schema<A>) => Schema.optional(Schema.NullOr(schema))

/** A count of tokens, as reported. */
const usage = () =>
  Schema.Struct({
    prompt_tokens: maybe(Schema.Number),
    completion_tokens: maybe(Schema.Number),
    total_tokens: maybe(Schema.Number),
    prompt_tokens_details: maybe(
      Schema.Struct({ cached_tokens: maybe(Schema.Number), cache_write_tokens: maybe(Schema.Number) })
    ),
    completion_tokens_details: maybe(Schema.Struct({ reasoning_tokens: maybe(Schema.Number) })),
    /** DeepSeek's name for the cached part. */
    prompt_cache_hit_tokens: maybe(Schema.Number)
  })

const toolCall = () =>
  Schema.Struct({
    index: maybe(Schema.Number),
    id: maybe(Schema.String),
    function: maybe(
      Schema.Struct({
        name: maybe(Schema.String),
        // Some servers send the arguments as an object instead of its text.
        arguments: maybe(Schema.Unknown)
      })
    )
  })

/** Mistral sends a list of parts where others send a text. */
const part = () =>
  Schema.Struct({ type: maybe(Schema.String), text: maybe(Schema.String), thinking: maybe(Schema.Unknown) })

const message = () =>
  Schema.Struct({
    content: maybe(Schema.Union(Schema.String, Schema.Array(part()))),
    refusal: maybe(Schema.String),
    reasoning_content: maybe(Schema.String),
    reasoning: maybe(Schema.String),
    /** What OpenRouter wants back with the turn; only carried. */
    reasoning_details: Schema.optional(Schema.Unknown),
    tool_calls: maybe(Schema.Array(toolCall()))
  })

const choice = () =>
  Schema.Struct({
    index: maybe(Schema.Number),
    delta: maybe(message()),
    message: maybe(message()),
    finish_reason: maybe(Schema.String)
  })

/** One event of a stream, or (with `message` in place of `delta`) a whole answer. */
export const Event = Schema.suspend(() =>
  Schema.Struct({
    object: maybe(Schema.String),
    model: maybe(Schema.String),
    choices: maybe(Schema.Array(choice())),
    usage: maybe(usage()),
    /** Groq puts the usage of older models here. */
    x_groq: maybe(Schema.Struct({ usage: maybe(usage()) })),
    error: Schema.optional(Schema.Unknown)
  })
)

export type Event = typeof Event.Type
export type Choice = Schema.Schema.Type<ReturnType<typeof choice>>
export type Message = Schema.Schema.Type<ReturnType<typeof message>>
export type ToolCall = Schema.Schema.Type<ReturnType<typeof toolCall>>
export type Usage = Schema.Schema.Type<ReturnType<typeof usage>>
