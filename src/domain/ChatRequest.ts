/** A request to a model: plain data that can be stored, compared and sent elsewhere. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { CacheMark } from "./ContentPart.js"
import { type HostedTool, HostedToolSchema, hostedToolProblem, isHosted } from "./HostedTool.js"
import { ValidationError } from "./LLMError.js"
import { lazySchema } from "./lazy.js"
import { Message, roles } from "./Message.js"
import { between, oneOf, optional, positive, says, validator } from "./validation.js"

/** A JSON Schema, as plain data. */
export type JsonSchema = { readonly [key: string]: unknown }

/** A function that the model can request the application to call. */
export interface ToolDefinition {
  /** The name that the model uses in its tool calls. */
  readonly name: string
  /** Tells the model what the tool does and when to call it. */
  readonly description?: string | undefined
  /** The schema of the arguments: a JSON Schema, or an `effect/Schema`, which is converted to one. */
  readonly parameters: JsonSchema | Schema.Schema.AnyNoContext
  /** Ends a prefix to cache: this tool and those before it. */
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

/** The format of the response: text, any JSON object, or JSON that matches a schema. */
export type ResponseFormat =
  | { readonly type: "text" }
  | {
      readonly type: "json"
      /** The schema of the JSON: a JSON Schema, or an `effect/Schema`, which is converted to one. */
      readonly schema?: JsonSchema | Schema.Schema.AnyNoContext | undefined
      /** A name of the schema, which some providers require; letters, digits, `_` and `-`. */
      readonly name?: string | undefined
      /**
       * Whether `null` may be requested of the model in place of an optional property, which OpenAI's strict mode has not.
       * `chatObject` sets it, and removes these nulls; otherwise remove them from the response.
       */
      readonly absentAsNull?: boolean | undefined
    }

/** How much the model reasons before it answers: an effort, a budget in tokens, or both with providers that accept both. */
export interface Reasoning {
  /** The effort. Each model supports some of these values. */
  readonly effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | undefined
  /** The maximum number of reasoning tokens. They count as output tokens. */
  readonly budgetTokens?: number | undefined
}

/** A conversation for a model to continue. */
export interface ChatRequest {
  /** The conversation so far, oldest first. */
  readonly messages: ReadonlyArray<Message>
  /** The provider's id of the model, without the provider; the layer's model by default. */
  readonly model?: string | undefined
  /** The maximum number of output tokens. */
  readonly maxTokens?: number | undefined
  /** The randomness, from 0 to 2. */
  readonly temperature?: number | undefined
  /** Nucleus sampling: the probability mass that is sampled from, from 0 to 1. */
  readonly topP?: number | undefined
  /** Texts at which the response stops. */
  readonly stop?: string | ReadonlyArray<string> | undefined
  /** Requests reproducible responses, as far as the provider supports them. */
  readonly seed?: number | undefined
  /** The functions that the model can call, which the application runs, and tools that the provider runs itself. */
  readonly tools?: ReadonlyArray<HostedTool | ToolDefinition> | undefined
  /** `auto` by default: the model decides. */
  readonly toolChoice?: ToolChoice | undefined
  /** `false` allows at most one tool call per response. Providers have their own defaults. */
  readonly parallelToolCalls?: boolean | undefined
  /** Text by default. */
  readonly responseFormat?: ResponseFormat | undefined
  /** The provider's default if left out. */
  readonly reasoning?: Reasoning | undefined
  /** Fields to add to the request body unchanged, by provider name: `{ openai: { logprobs: true } }`. */
  readonly providerOptions?: { readonly [provider: string]: { readonly [field: string]: unknown } } | undefined
}

const isEffectSchema = () => Schema.declare((value): value is Schema.Schema.AnyNoContext => Schema.isSchema(value))
const jsonObject = () => Schema.Record({ key: Schema.String, value: Schema.Unknown }).pipe(says("must be an object"))
const anySchema = () =>
  Schema.Union(isEffectSchema(), jsonObject()).pipe(says("must be a JSON Schema object or an effect/Schema"))

const tool = (): Schema.Schema<ToolDefinition> =>
  Schema.Struct({
    name: Schema.NonEmptyString.pipe(says("must be the name of a function")),
    description: optional(Schema.String),
    parameters: anySchema(),
    cache: optional(CacheMark)
  })

const toolChoice = (): Schema.Schema<ToolChoice> =>
  Schema.Union(Schema.Literal("auto", "none", "required"), Schema.Struct({ name: Schema.String })).pipe(
    says('must be "auto", "none", "required" or { name: "a tool\'s name" }')
  )

const responseFormat = (): Schema.Schema<ResponseFormat> =>
  Schema.Union(
    Schema.Struct({ type: Schema.Literal("text") }),
    Schema.Struct({
      type: Schema.Literal("json"),
      schema: optional(anySchema()),
      name: optional(Schema.String),
      absentAsNull: optional(Schema.Boolean)
    })
  ).pipe(says('must be { type: "text" } or { type: "json", schema? }'))

const reasoning = (): Schema.Schema<Reasoning> =>
  Schema.Struct({
    effort: optional(oneOf("none", "minimal", "low", "medium", "high", "xhigh")),
    budgetTokens: optional(positive())
  })

/** The schema of a request. */
export const ChatRequest: Schema.Schema<ChatRequest> = lazySchema(() =>
  Schema.Struct({
    messages: Schema.Array(Message).pipe(
      Schema.filter(
        (messages) => messages.length > 0 || 'is empty; give at least one, such as { role: "user", content: "Hello" }'
      )
    ),
    model: optional(Schema.NonEmptyString.pipe(says("must be the provider's id of a model"))),
    maxTokens: optional(positive()),
    temperature: optional(between(0, 2)),
    topP: optional(between(0, 1)),
    stop: optional(
      Schema.Union(Schema.String, Schema.Array(Schema.String)).pipe(says("must be a text or a list of texts"))
    ),
    seed: optional(Schema.Int.pipe(says("must be a whole number"))),
    tools: optional(Schema.Array(Schema.Union(tool(), HostedToolSchema))),
    toolChoice: optional(toolChoice()),
    parallelToolCalls: optional(Schema.Boolean),
    responseFormat: optional(responseFormat()),
    reasoning: optional(reasoning()),
    providerOptions: optional(Schema.Record({ key: Schema.String, value: jsonObject() }))
  })
)

/** Makes the error of a request that was not sent. */
export const invalidRequest = (problem: string, provider: string, model: unknown): ValidationError =>
  new ValidationError({
    provider,
    model: typeof model === "string" ? model : "",
    message: `the request is wrong: ${problem}`
  })

const validate = validator(ChatRequest)

/** Checks a request on entry; the error names the field and says what to write instead, without quoting a value. */
export const check = (request: ChatRequest, provider: string): Either.Either<ChatRequest, ValidationError> =>
  Either.mapLeft(
    Either.flatMap(checkShape(request), () => validate(request)),
    (problem) => invalidRequest(problem, provider, request?.model)
  )

// The schema would report every branch of a union. These report the one field that is wrong.
const checkShape = (request: ChatRequest): Either.Either<void, string> => {
  if (typeof request !== "object" || request === null) return Either.left("it must be an object with messages")
  if (request.messages === undefined) return Either.left("messages is missing")
  if (!Array.isArray(request.messages)) return Either.left("messages must be a list of { role, content }")
  const index = request.messages.findIndex((message) => !roles.includes(message?.role))
  if (index !== -1) return Either.left(`messages[${index}].role must be one of ${roles.join(", ")}`)
  return Array.isArray(request.tools) ? checkHosted(request.tools) : Either.void
}

const checkHosted = (tools: NonNullable<ChatRequest["tools"]>): Either.Either<void, string> => {
  for (const [index, tool] of tools.entries()) {
    const problem = typeof tool === "object" && tool !== null && isHosted(tool) ? hostedToolProblem(tool) : undefined
    if (problem !== undefined) return Either.left(`tools[${index}].${problem}`)
  }
  return Either.void
}
