/** Writes the schemas of a request as JSON Schema, as the engine does before a protocol encodes it. */
import { Either, Schema } from "effect"
import type { ChatRequest, JsonSchema } from "../../src/domain/ChatRequest.js"
import { isHosted } from "../../src/domain/HostedTool.js"
import * as madeSchema from "../../src/protocol/effectJsonSchema.js"
import type { PreparedRequest } from "../../src/protocol/PreparedRequest.js"

const plain = (schema: JsonSchema | Schema.Schema.AnyNoContext): JsonSchema =>
  Schema.isSchema(schema) ? Either.getOrThrow(madeSchema.make(schema, "the schema")) : schema

export const questionOf = (request: ChatRequest & { readonly model: string }): PreparedRequest => {
  const { tools, responseFormat, ...others } = request
  const hostedTools = (tools ?? []).filter((tool) => isHosted(tool))
  const sampleRequest = {
    ...others,
    ...(tools === undefined
      ? {}
      : { tools: tools.flatMap((tool) => (isHosted(tool) ? [] : [{ ...tool, parameters: plain(tool.parameters) }])) }),
    ...(hostedTools.length === 0 ? {} : { hostedTools })
  }
  if (responseFormat === undefined || responseFormat.type === "text" || responseFormat.schema === undefined) {
    return { ...sampleRequest, responseFormat: responseFormat?.type === "json" ? { type: "json" } : responseFormat }
  }
  const { schema } = responseFormat
  return {
    ...sampleRequest,
    responseFormat: { ...responseFormat, schema: plain(schema), isGenerated: Schema.isSchema(schema) }
  }
}
