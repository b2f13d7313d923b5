/** The fields that are read of OpenAI's Responses: https://platform.openai.com/docs/api-reference/responses-streaming */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { nullish } from "../nullish.js"

const anything = Schema.optional(Schema.Unknown)

/**
 * One event of a stream, or (with `output` in place of `type`) a non-streaming response. The type decides the types of
 * the other fields, and dozens of event types are ignored. So the fields are open here, and `step` checks them by type.
 */
export const Event = Schema.suspend(() =>
  Schema.Struct({
    type: nullish(Schema.String),
    object: anything,
    error: anything,
    sequence_number: anything,
    item_id: anything,
    output_index: anything,
    content_index: anything,
    summary_index: anything,
    delta: anything,
    text: anything,
    refusal: anything,
    arguments: anything,
    name: anything,
    annotation: anything,
    part: anything,
    item: anything,
    response: anything,
    output: anything
  })
)

const Part = Schema.Struct({
  type: nullish(Schema.String),
  text: nullish(Schema.String),
  refusal: nullish(Schema.String)
})

const Message = Schema.Struct({
  type: Schema.Literal("message"),
  id: nullish(Schema.String),
  status: nullish(Schema.String),
  /** `commentary` or `final_answer`, which newer models require back. */
  phase: nullish(Schema.String),
  content: nullish(Schema.Array(Part))
})

const FunctionCall = Schema.Struct({
  type: Schema.Literal("function_call"),
  id: nullish(Schema.String),
  call_id: nullish(Schema.String),
  name: nullish(Schema.String),
  // Some servers send the arguments as an object instead of JSON text.
  arguments: nullish(Schema.Union(Schema.String, Schema.Object))
})

const Reasoning = Schema.Struct({
  type: Schema.Literal("reasoning"),
  id: nullish(Schema.String),
  summary: nullish(Schema.Array(Part)),
  /** The reasoning itself, with open models. */
  content: nullish(Schema.Array(Part)),
  encrypted_content: nullish(Schema.String)
})

const Item = Schema.Union(Message, FunctionCall, Reasoning)

const Response = Schema.Struct({
  id: anything,
  model: nullish(Schema.String),
  status: nullish(Schema.String),
  /** Whether the server stores the items and finds them by id. */
  store: nullish(Schema.Boolean),
  error: anything,
  incomplete_details: nullish(Schema.Struct({ reason: nullish(Schema.String) })),
  output: nullish(Schema.Array(Schema.Unknown)),
  usage: nullish(
    Schema.Struct({
      input_tokens: nullish(Schema.Number),
      output_tokens: nullish(Schema.Number),
      /** The names of chat completions, which some servers keep. */
      prompt_tokens: nullish(Schema.Number),
      completion_tokens: nullish(Schema.Number),
      input_tokens_details: nullish(
        Schema.Struct({ cached_tokens: nullish(Schema.Number), cache_write_tokens: nullish(Schema.Number) })
      ),
      output_tokens_details: nullish(Schema.Struct({ reasoning_tokens: nullish(Schema.Number) }))
    })
  )
})

/** Makes a reader that returns the value, or the path at which it differs from the documentation. */
const reader = <A>(schema: Schema.Schema<A>, name: string) => {
  const validate = Schema.validateEither(schema)
  return (value: unknown): Either.Either<A, string> =>
    Either.mapLeft(validate(value), (error) =>
      [name, ...(ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.path ?? [])].map(String).join(".")
    )
}

/** Reads an item of one of the three decoded types. */
export const readItem = reader(Item, "item")

/** Reads a part of a message or of reasoning. */
export const readPart = reader(Part, "part")

/** Reads the response in an event. */
export const readResponse = reader(Response, "response")

/**
 * Checks whether items of a type are decoded. Calls of server-side tools and of freeform tools (`custom_tool_call`) are
 * not: a `ChatRequest` has no such tools, and their input is not JSON. Raw chunks have them all.
 */
export const isItemType = (type: unknown): boolean =>
  type === "message" || type === "function_call" || type === "reasoning"

export type Event = typeof Event.Type
export type Item = typeof Item.Type
export type Part = typeof Part.Type
export type Response = typeof Response.Type
