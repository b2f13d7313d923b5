/** The JSON of OpenAI's chat completions that we read, with every tolerance that its vendors need. */
import { Schema } from "effect"

const maybe = <A>(schema: Schema.Schema<A>) => Schema.optional(Schema.NullOr(schema))

/** A count of tokens, as reported. */
const Usage = Schema.Struct({
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

const ToolCall = Schema.Struct({
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
const Part = Schema.Struct({ type: maybe(Schema.String), text: maybe(Schema.String), thinking: maybe(Schema.Unknown) })

const Message = Schema.Struct({
  content: maybe(Schema.Union(Schema.String, Schema.Array(Part))),
  refusal: maybe(Schema.String),
  reasoning_content: maybe(Schema.String),
  reasoning: maybe(Schema.String),
  /** What OpenRouter wants back with the turn; only carried. */
  reasoning_details: Schema.optional(Schema.Unknown),
  tool_calls: maybe(Schema.Array(ToolCall))
})

const Choice = Schema.Struct({
  index: maybe(Schema.Number),
  delta: maybe(Message),
  message: maybe(Message),
  finish_reason: maybe(Schema.String)
})

/** One event of a stream, or (with `message` in place of `delta`) a whole answer. */
export const Event = Schema.Struct({
  object: maybe(Schema.String),
  model: maybe(Schema.String),
  choices: maybe(Schema.Array(Choice)),
  usage: maybe(Usage),
  /** Groq puts the usage of older models here. */
  x_groq: maybe(Schema.Struct({ usage: maybe(Usage) })),
  error: Schema.optional(Schema.Unknown)
})

export type Event = typeof Event.Type
export type Choice = typeof Choice.Type
export type Message = typeof Message.Type
export type ToolCall = typeof ToolCall.Type
export type Usage = typeof Usage.Type
