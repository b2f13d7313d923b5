/** The fields that are read of chat completions, as tolerant as the vendors require. */
import * as Schema from "effect/Schema"
import { once } from "../../domain/lazy.js"
import { nullish } from "../nullish.js"

/** Token counts as reported. */
const usage = once(() =>
  Schema.Struct({
    prompt_tokens: nullish(Schema.Number),
    completion_tokens: nullish(Schema.Number),
    total_tokens: nullish(Schema.Number),
    prompt_tokens_details: nullish(
      Schema.Struct({ cached_tokens: nullish(Schema.Number), cache_write_tokens: nullish(Schema.Number) })
    ),
    completion_tokens_details: nullish(Schema.Struct({ reasoning_tokens: nullish(Schema.Number) })),
    /** Anthropic's names, which some gateways keep. */
    input_tokens: nullish(Schema.Number),
    output_tokens: nullish(Schema.Number),
    /** DeepSeek's name for cached tokens. */
    prompt_cache_hit_tokens: nullish(Schema.Number)
  })
)

const toolCall = once(() =>
  Schema.Struct({
    index: nullish(Schema.Number),
    id: nullish(Schema.String),
    function: nullish(
      Schema.Struct({
        name: nullish(Schema.String),
        // Some servers send the arguments as an object instead of JSON text.
        arguments: nullish(Schema.Unknown)
      })
    ),
    /** Beside the id with servers that write a call as Responses do. */
    name: Schema.optional(Schema.Unknown),
    arguments: Schema.optional(Schema.Unknown),
    /** The signature of Gemini's calls, which goes back: https://ai.google.dev/gemini-api/docs/thought-signatures */
    extra_content: Schema.optional(Schema.Unknown)
  })
)

/** Mistral sends a list of parts instead of a string. */
const part = () =>
  Schema.Struct({
    type: nullish(Schema.String),
    text: nullish(Schema.String),
    thinking: nullish(Schema.Unknown),
    /** The reasoning of Databricks. */
    summary: nullish(Schema.Unknown)
  })

const message = once(() =>
  Schema.Struct({
    content: nullish(Schema.Union(Schema.String, Schema.Array(part()))),
    refusal: nullish(Schema.String),
    reasoning_content: nullish(Schema.String),
    reasoning: nullish(Schema.String),
    /** OpenRouter's details of the reasoning, which go back with the message. */
    reasoning_details: Schema.optional(Schema.Unknown),
    /** The pages that OpenAI's search models and OpenRouter's plugins cite. */
    annotations: Schema.optional(Schema.Unknown),
    // Text Generation Inference before 3.2 sends one object instead of a list.
    tool_calls: nullish(Schema.Union(Schema.Array(toolCall()), toolCall())),
    role: Schema.optional(Schema.Unknown),
    // Other names for calls and reasoning, see `oddFields`.
    function_call: Schema.optional(Schema.Unknown),
    reasoning_text: Schema.optional(Schema.Unknown),
    thinking: Schema.optional(Schema.Unknown),
    thinking_blocks: Schema.optional(Schema.Unknown)
  })
)

const choice = () =>
  Schema.Struct({
    index: nullish(Schema.Number),
    delta: nullish(message()),
    message: nullish(message()),
    finish_reason: nullish(Schema.String),
    /** In place of a message with servers of the older completions. */
    text: Schema.optional(Schema.Unknown),
    /** Some gateways report usage, or an error of the vendor behind them, here. */
    usage: nullish(usage()),
    error: Schema.optional(Schema.Unknown)
  })

/** One event of a stream, or (with `message` in place of `delta`) a non-streaming response. */
export const Event = Schema.suspend(() =>
  Schema.Struct({
    id: Schema.optional(Schema.Unknown),
    object: nullish(Schema.String),
    model: nullish(Schema.String),
    choices: nullish(Schema.Array(choice())),
    usage: nullish(usage()),
    /** Groq reports the usage of older models here. */
    x_groq: nullish(Schema.Struct({ usage: nullish(usage()), error: Schema.optional(Schema.Unknown) })),
    /** MiniMax reports errors here: https://www.minimax.io/platform/document/error_codes */
    base_resp: nullish(Schema.Struct({ status_code: nullish(Schema.Number), status_msg: nullish(Schema.String) })),
    /** Perplexity's and xAI's pages. */
    citations: Schema.optional(Schema.Unknown),
    search_results: Schema.optional(Schema.Unknown),
    /** The message of an error that is not nested. */
    message: Schema.optional(Schema.Unknown),
    error: Schema.optional(Schema.Unknown)
  })
)

export type Event = typeof Event.Type
export type Choice = Schema.Schema.Type<ReturnType<typeof choice>>
export type Message = Schema.Schema.Type<ReturnType<typeof message>>
export type ToolCall = Schema.Schema.Type<ReturnType<typeof toolCall>>
export type Usage = Schema.Schema.Type<ReturnType<typeof usage>>
