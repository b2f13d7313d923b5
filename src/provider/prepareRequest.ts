/** Makes of a request what protocols encode: checked, its model named, its schemas written as JSON Schema. */
import { Effect, type Either, Schema } from "effect"
import {
  type ChatRequest,
  check,
  type JsonSchema,
  type ResponseFormat,
  type ToolDefinition
} from "../domain/ChatRequest.js"
import type { ValidationError } from "../domain/LLMError.js"
import type * as httpErrors from "../http/httpErrors.js"
import type { PlainFormat, PlainTool, PreparedRequest } from "../protocol/PreparedRequest.js"
import type { Connection } from "./Endpoint.js"
import { begin, invalid } from "./send.js"

/** A prepared request, and what errors may say of it. */
export interface Prepared {
  readonly prepared: PreparedRequest
  readonly context: httpErrors.RequestContext
}

/** Checks a request on entry. */
export const prepareRequest = (
  request: ChatRequest,
  connection: Connection
): Effect.Effect<Prepared, ValidationError> =>
  Effect.gen(function* () {
    const { model, tools, responseFormat, ...others } = yield* check(request, connection.provider)
    const context = begin(connection, model ?? "", others.messages)
    if (model === undefined) return yield* invalid(context, "no model is named; set one in the layer or the request")
    const plain = yield* Effect.mapError(plainly(tools, responseFormat), (problem) => invalid(context, problem))
    return { prepared: { ...others, ...plain, model }, context }
  })

const plainly = (tools: ReadonlyArray<ToolDefinition> = [], format: ResponseFormat | undefined) =>
  Effect.gen(function* () {
    const plainTools: Array<PlainTool> = []
    for (const tool of tools) plainTools.push(yield* plainTool(tool))
    return { tools: plainTools, responseFormat: yield* plainFormat(format) }
  })

const plainTool = (tool: ToolDefinition): Effect.Effect<PlainTool, string> =>
  Effect.map(jsonSchemaOf(tool.parameters, `tools: ${tool.name}`), (parameters) => ({ ...tool, parameters }))

const plainFormat = (format: ResponseFormat | undefined): Effect.Effect<PlainFormat | undefined, string> => {
  if (format === undefined || format.type === "text") return Effect.succeed(format)
  const { schema, ...others } = format
  if (schema === undefined) return Effect.succeed(others)
  return Effect.map(jsonSchemaOf(schema, "responseFormat"), (json) => ({
    ...others,
    schema: json,
    isGenerated: Schema.isSchema(schema)
  }))
}

const jsonSchemaOf = (
  schema: JsonSchema | Schema.Schema.AnyNoContext,
  where: string
): Effect.Effect<JsonSchema, string> =>
  Schema.isSchema(schema)
    ? Effect.flatMap(
        Effect.promise(() => import("../protocol/effectJsonSchema.js")),
        (made): Either.Either<JsonSchema, string> => made.make(schema, where)
      )
    : Effect.succeed(schema)
