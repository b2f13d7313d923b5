/** The JSON of OpenAI's Responses that we read: https://platform.openai.com/docs/api-reference/responses-streaming */
import { Either, ParseResult, Schema } from "effect"

const nullish = <A>(schema: Schema.Schema<A>) => Schema.optional(Schema.NullOr(schema))

const anything = Schema.optional(Schema.Unknown)

/**
 * One event of a stream, or (with `output` in place of `type`) a whole answer. The type decides what the other fields
 * hold, and dozens of types are none of ours: so the fields are open here, and are read by what each known type needs.
 */
export const Event = Schema.suspend(() =>
  Schema.Struct({
    type: nullish(Schema.String),
    object: anything,
    error: anything,
    item_id: anything,
    output_index: anything,
    content_index: anything,
    summary_index: anything,
    delta: anything,
    text: anything,
    refusal: anything,
    arguments: anything,
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
  /** `commentary` or `final_answer`, which newer models want back. */
  phase: nullish(Schema.String),
  content: nullish(Schema.Array(Part))
})

const FunctionCall = Schema.Struct({
  type: Schema.Literal("function_call"),
  id: nullish(Schema.String),
  call_id: nullish(Schema.String),
  name: nullish(Schema.String),
  // Some servers send the arguments as an object instead of its text.
  arguments: nullish(Schema.Union(Schema.String, Schema.Object))
})

const Reasoning = Schema.Struct({
  type: Schema.Literal("reasoning"),
  id: nullish(Schema.String),
  summary: nullish(Schema.Array(Part)),
  /** The reasoning itself, where a model is open. */
  content: nullish(Schema.Array(Part)),
  encrypted_content: nullish(Schema.String)
})

const Item = Schema.Union(Message, FunctionCall, Reasoning)

const Response = Schema.Struct({
  model: nullish(Schema.String),
  status: nullish(Schema.String),
  /** Whether the server keeps the items, so that their ids mean something to it. */
  store: nullish(Schema.Boolean),
  error: anything,
  incomplete_details: nullish(Schema.Struct({ reason: nullish(Schema.String) })),
  output: nullish(Schema.Array(Schema.Unknown)),
  usage: nullish(
    Schema.Struct({
      input_tokens: nullish(Schema.Number),
      output_tokens: nullish(Schema.Number),
      input_tokens_details: nullish(
        Schema.Struct({ cached_tokens: nullish(Schema.Number), cache_write_tokens: nullish(Schema.Number) })
      ),
      output_tokens_details: nullish(Schema.Struct({ reasoning_tokens: nullish(Schema.Number) }))
    })
  )
})

/** Makes a reader that gives the value, or the path at which it is not as documented. */
const reader = <A>(schema: Schema.Schema<A>, name: string) => {
  const validate = Schema.validateEither(schema)
  return (value: unknown): Either.Either<A, string> =>
    Either.mapLeft(validate(value), (error) =>
      [name, ...(ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.path ?? [])].map(String).join(".")
    )
}

/** Reads an item of one of the three types that we show. */
export const readItem = reader(Item, "item")

/** Reads a part of a message or of reasoning. */
export const readPart = reader(Part, "part")

/** Reads the response that an event reports on. */
export const readResponse = reader(Response, "response")

/**
 * Says whether an item is of a type that we show. Calls of the server's own tools are not, nor those of freeform tools
 * (`custom_tool_call`): no `ChatRequest` has such tools, and what they are called with is no JSON. Raw chunks have all.
 */
export const isShown = (type: unknown): boolean =>
  type === "message" || type === "function_call" || type === "reasoning"

export type Event = typeof Event.Type
export type Item = typeof Item.Type
export type Part = typeof Part.Type
export type Response = typeof Response.Type
