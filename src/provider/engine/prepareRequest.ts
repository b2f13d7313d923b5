/** Checks a request, and turns it into what protocols encode: with a model, and with every schema as JSON Schema. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import {
  type ChatRequest,
  check,
  type JsonSchema,
  type ResponseFormat,
  type ToolDefinition
} from "../../domain/ChatRequest.js"
import { type HostedTool, isHosted } from "../../domain/HostedTool.js"
import { isBottomless, maxJsonDepth } from "../../domain/JsonText.js"
import { type LLMError, ValidationError } from "../../domain/LLMError.js"
import { textsIn } from "../../http/secrets/textsIn.js"
import { withInlineMedia } from "../../protocol/inlineMedia.js"
import { isGenerated, schemaProblem, withProperties } from "../../protocol/jsonSchema.js"
import type { PlainFormat, PlainTool, PreparedRequest } from "../../protocol/PreparedRequest.js"
import type { ToolNames } from "../../protocol/Protocol.js"
import { loadModule } from "../loadModule.js"
import type { CallOptions } from "../Provider.js"
import type { ProviderRuntime } from "../ProviderRuntime.js"
import { begin, invalid, type RequestContext } from "./RequestContext.js"
import { modelProblem, parametersProblem, requestProblem, toolNameProblem } from "./requestRules.js"

/** A prepared request, and the context that its errors contain. */
export interface Prepared {
  readonly prepared: PreparedRequest
  readonly context: RequestContext
}

/** Prepares a request; an invalid request fails with a `ValidationError` that names the field. */
export const prepareRequest = (
  request: ChatRequest,
  runtime: ProviderRuntime,
  { toolNames }: { readonly toolNames?: ToolNames },
  options: CallOptions | undefined
): Effect.Effect<Prepared, LLMError> =>
  Effect.gen(function* () {
    const { model, tools, responseFormat, ...others } = yield* check(request, runtime.provider)
    const context = begin(runtime, model ?? "", others, options)
    if (model === undefined)
      return yield* invalid(context, "the request has no model; set one in the layer or in the request")
    const ownOptions = others.providerOptions?.[runtime.provider]
    const problem =
      depthProblem([others, tools?.map(plainToolOf), schemaOf(responseFormat)]) ??
      (runtime.hasPlainModelIds ? modelProblem(model, runtime.provider) : undefined) ??
      requestProblem({ ...others, tools }, ownOptions)
    if (problem !== undefined) return yield* invalid(context, problem)
    const messages = yield* Either.mapLeft(withInlineMedia(others.messages), (problem) => invalid(context, problem))
    const plain = yield* withJsonSchemas(tools, responseFormat, toolNames).pipe(
      Effect.mapError((problem) => (typeof problem === "string" ? invalid(context, problem) : problem))
    )
    return {
      prepared: { ...others, ...plain, messages, model },
      context: { ...context, sentTexts: () => textsIn([others, plain]) }
    }
  })

/** What the check of a request depends on, besides the request. */
export interface RuleOptions {
  readonly provider: string
  readonly toolNames?: ToolNames | undefined
  /** The fields of `providerOptions` that the rules may depend on. */
  readonly ownOptions?: { readonly [field: string]: unknown } | undefined
  readonly writeSchema: SchemaWriter
}

/** Checks a request by the rules of all providers, without preparing it. */
export const checkRequest = (
  request: ChatRequest,
  { provider, toolNames, ownOptions, writeSchema }: RuleOptions
): Effect.Effect<ChatRequest, LLMError> =>
  Effect.gen(function* () {
    const checked = yield* check(request, provider)
    const { model = "", tools, responseFormat, ...others } = checked
    const problem =
      depthProblem([others, tools?.map(plainToolOf), schemaOf(responseFormat)]) ?? requestProblem(checked, ownOptions)
    const wrong = (problem: string) => new ValidationError({ provider, model, message: `${provider}: ${problem}` })
    if (problem !== undefined) return yield* wrong(problem)
    yield* withJsonSchemas(tools, responseFormat, toolNames, writeSchema).pipe(
      Effect.mapError((problem) => (typeof problem === "string" ? wrong(problem) : problem))
    )
    return checked
  })

/** A checked request as plain data: without schemas of libraries, and of bounded depth. Fails for one that is wrong. */
export const plainRequest = (request: ChatRequest): Effect.Effect<unknown, SchemaProblem> =>
  Effect.gen(function* () {
    const { tools, responseFormat, ...others } = yield* check(request, "")
    const parameters = tools?.map(plainToolOf)
    const problem = depthProblem([others, parameters, schemaOf(responseFormat)])
    if (problem !== undefined) return yield* Effect.fail(problem)
    return { ...others, ...(yield* withJsonSchemas(tools, responseFormat, undefined)) }
  })

/** A value with a cycle or too many levels, into which no function may recurse. */
const depthProblem = (value: unknown): string | undefined =>
  isBottomless(value)
    ? `the request contains a value with a cycle or more than ${maxJsonDepth} levels; remove it`
    : undefined

const plainToolOf = (tool: HostedTool | ToolDefinition): unknown => (isHosted(tool) ? tool : plainOf(tool.parameters))

/** Effect schemas may be recursive. */
const plainOf = (schema: unknown): unknown => (Schema.isSchema(schema) ? undefined : schema)

const schemaOf = (format: ResponseFormat | undefined): unknown =>
  format?.type === "json" ? plainOf(format.schema) : undefined

/** A sentence about a schema, or the failure to load the code that writes JSON Schema. */
type SchemaProblem = string | LLMError

const withJsonSchemas = (
  tools: ReadonlyArray<HostedTool | ToolDefinition> = [],
  format: ResponseFormat | undefined,
  toolNames: ToolNames | undefined,
  writeSchema: SchemaWriter = loadedWriter
) =>
  Effect.gen(function* () {
    const plainTools: Array<PlainTool> = []
    for (const [index, tool] of tools.entries()) {
      if (isHosted(tool)) continue
      const parameters = yield* jsonSchemaOf(tool.parameters, `tools: ${tool.name}`, writeSchema)
      const problem =
        toolNameProblem(tool.name, `tools[${index}]`, toolNames) ??
        parametersProblem(parameters, `tools[${index}].parameters`)
      if (problem !== undefined) return yield* Effect.fail(problem)
      plainTools.push({ ...tool, parameters: withProperties(parameters) })
    }
    const hostedTools = tools.filter((tool) => isHosted(tool))
    return {
      tools: plainTools,
      ...(hostedTools.length === 0 ? {} : { hostedTools }),
      responseFormat: yield* plainFormat(format, writeSchema)
    }
  })

const plainFormat = (
  format: ResponseFormat | undefined,
  writeSchema: SchemaWriter
): Effect.Effect<PlainFormat | undefined, SchemaProblem> => {
  if (format === undefined || format.type === "text") return Effect.succeed(format)
  const { schema, ...others } = format
  if (schema === undefined) return Effect.succeed(others)
  return Effect.flatMap(
    jsonSchemaOf(schema, "responseFormat", writeSchema),
    (json): Either.Either<PlainFormat, string> => {
      const problem = schemaProblem(json, "responseFormat.schema")
      return problem === undefined
        ? Either.right({ ...others, schema: json, isGenerated: Schema.isSchema(schema) || isGenerated(schema) })
        : Either.left(problem)
    }
  )
}

/** Writes the JSON Schema of an `effect/Schema`; `where` names it in the problem. */
export type SchemaWriter = (
  schema: Schema.Schema.AnyNoContext,
  where: string
) => Effect.Effect<JsonSchema, SchemaProblem>

const effectJsonSchema = loadModule("JSON Schema", () => import("../../protocol/effectJsonSchema.js"))

const loadedWriter: SchemaWriter = (schema, where) =>
  Effect.flatMap(effectJsonSchema, ({ make }): Either.Either<JsonSchema, string> => make(schema, where))

const jsonSchemaOf = (
  schema: JsonSchema | Schema.Schema.AnyNoContext,
  where: string,
  writeSchema: SchemaWriter
): Effect.Effect<JsonSchema, SchemaProblem> =>
  Schema.isSchema(schema) ? writeSchema(schema, where) : Effect.succeed(schema)
