/** What an application asks of a model: plain data, so that it can be stored, compared and sent elsewhere. */
import { Either, Schema } from "effect"
import { CacheMark } from "./ContentPart.js"
import { between, lazySchema, nullish, oneOf, positive, says } from "./Field.js"
import type { ValidationError } from "./LLMError.js"
import { Message, roles } from "./Message.js"
import { refused, validator } from "./RequestCheck.js"

/** A JSON Schema, as plain data. */
export type JsonSchema = { readonly [key: string]: unknown }

/** A function that the model may ask the application to call. */
export interface ToolDefinition {
  /** What the model calls it by. */
  readonly name: string
  /** What it does and when to call it, in words for the model. */
  readonly description?: string | undefined
  /** What the arguments look like: a JSON Schema, or an `effect/Schema` from which one is made. */
  readonly parameters: JsonSchema | Schema.Schema.AnyNoContext
  /** Ends a prefix to be cached: this tool and those before it. */
  readonly cache?: CacheMark | undefined
}

/** Which tools the model may or must call; `{ name }` forces that one. */
export type ToolChoice =
  | "auto"
  | "none"
  | "required"
  | {
      /** The tool to call. */
      readonly name: string
    }

/** The form of the answer: text, any JSON object, or JSON that fits a schema. */
export type ResponseFormat =
  | { readonly type: "text" }
  | {
      readonly type: "json"
      /** What the JSON looks like: a JSON Schema, or an `effect/Schema` from which one is made. */
      readonly schema?: JsonSchema | Schema.Schema.AnyNoContext | undefined
      /** A name for the schema, as some providers want one; letters, digits, `_` and `-`. */
      readonly name?: string | undefined
    }

/** How much the model thinks before it answers: an effort, a budget in tokens, or both where the provider takes both. */
export interface Reasoning {
  /** How hard it thinks, in the words of the providers; each model takes some of them. */
  readonly effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | undefined
  /** The most tokens that it may think; they count as part of the answer. */
  readonly budgetTokens?: number | undefined
}

/** A chat to be continued by a model. */
export interface ChatRequest {
  /** The conversation so far, oldest first. */
  readonly messages: ReadonlyArray<Message>
  /** The provider's own id of the model; the layer's model when left out. */
  readonly model?: string | undefined
  /** The most tokens that the answer may take. */
  readonly maxTokens?: number | undefined
  /** From 0 (plain) to 2 (wild). */
  readonly temperature?: number | undefined
  /** From 0 to 1: the share of probability that is sampled from. */
  readonly topP?: number | undefined
  /** Texts at which the answer stops. */
  readonly stop?: string | ReadonlyArray<string> | undefined
  /** Asks for the same answer to the same request, as far as the provider can. */
  readonly seed?: number | undefined
  /** The functions that the model may ask for; calling them is left to the application. */
  readonly tools?: ReadonlyArray<ToolDefinition> | undefined
  /** Left out, the model decides, as with `auto`. */
  readonly toolChoice?: ToolChoice | undefined
  /** `false` allows at most one tool call per answer; left out, the provider's default applies. */
  readonly parallelToolCalls?: boolean | undefined
  /** Text where it is left out. */
  readonly responseFormat?: ResponseFormat | undefined
  /** The provider's own default where it is left out. */
  readonly reasoning?: Reasoning | undefined
  /** Fields to add to the body as they are, by provider name: `{ openai: { logprobs: true } }`. */
  readonly providerOptions?: { readonly [provider: string]: { readonly [field: string]: unknown } } | undefined
}

const isEffectSchema = () => Schema.declare((value): value is Schema.Schema.AnyNoContext => Schema.isSchema(value))
const jsonObject = () => Schema.Record({ key: Schema.String, value: Schema.Unknown }).pipe(says("must be an object"))
const anySchema = () =>
  Schema.Union(isEffectSchema(), jsonObject()).pipe(says("must be a JSON Schema object or an effect/Schema"))

const tool = (): Schema.Schema<ToolDefinition> =>
  Schema.Struct({
    name: Schema.NonEmptyString.pipe(says("must be the name of a function")),
    description: nullish(Schema.String),
    parameters: anySchema(),
    cache: nullish(CacheMark)
  })

const toolChoice = (): Schema.Schema<ToolChoice> =>
  Schema.Union(Schema.Literal("auto", "none", "required"), Schema.Struct({ name: Schema.String })).pipe(
    says('must be "auto", "none", "required" or { name: "a tool\'s name" }')
  )

const responseFormat = (): Schema.Schema<ResponseFormat> =>
  Schema.Union(
    Schema.Struct({ type: Schema.Literal("text") }),
    Schema.Struct({ type: Schema.Literal("json"), schema: nullish(anySchema()), name: nullish(Schema.String) })
  ).pipe(says('must be { type: "text" } or { type: "json", schema? }'))

const reasoning = (): Schema.Schema<Reasoning> =>
  Schema.Struct({
    effort: nullish(oneOf("none", "minimal", "low", "medium", "high", "xhigh")),
    budgetTokens: nullish(positive())
  })

/** The schema of a request. */
export const ChatRequest: Schema.Schema<ChatRequest> = lazySchema(() =>
  Schema.Struct({
    messages: Schema.Array(Message).pipe(
      Schema.filter(
        (messages) => messages.length > 0 || 'is empty; give at least one, such as { role: "user", content: "Hello" }'
      )
    ),
    model: nullish(Schema.NonEmptyString.pipe(says("must be the provider's id of a model"))),
    maxTokens: nullish(positive()),
    temperature: nullish(between(0, 2)),
    topP: nullish(between(0, 1)),
    stop: nullish(
      Schema.Union(Schema.String, Schema.Array(Schema.String)).pipe(says("must be a text or a list of texts"))
    ),
    seed: nullish(Schema.Int.pipe(says("must be a whole number"))),
    tools: nullish(Schema.Array(tool())),
    toolChoice: nullish(toolChoice()),
    parallelToolCalls: nullish(Schema.Boolean),
    responseFormat: nullish(responseFormat()),
    reasoning: nullish(reasoning()),
    providerOptions: nullish(Schema.Record({ key: Schema.String, value: jsonObject() }))
  })
)

const validate = validator(ChatRequest)

/** Checks a request on entry; the error names the field and says what to write instead, without quoting a value. */
export const check = (request: ChatRequest, provider: string): Either.Either<ChatRequest, ValidationError> =>
  Either.mapLeft(
    Either.flatMap(checkShape(request), () => validate(request)),
    (problem) => refused(problem, provider, request?.model)
  )

// What the schema would report with every branch of a union, where a person wants to hear of one thing.
const checkShape = (request: ChatRequest): Either.Either<void, string> => {
  if (typeof request !== "object" || request === null) return Either.left("it must be an object with messages")
  if (request.messages === undefined) return Either.left("messages is missing")
  if (!Array.isArray(request.messages)) return Either.left("messages must be a list of { role, content }")
  const index = request.messages.findIndex((message) => !roles.includes(message?.role))
  return index === -1 ? Either.void : Either.left(`messages[${index}].role must be one of ${roles.join(", ")}`)
}
