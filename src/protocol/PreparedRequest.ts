/** A request as protocols read it: the model named, and every schema written as JSON Schema. */
import type { ChatRequest, JsonSchema, ResponseFormat, ToolDefinition } from "../domain/ChatRequest.js"

/** A tool with plain parameters. */
export interface PlainTool extends ToolDefinition {
  readonly parameters: JsonSchema
}

/** The form of an answer with a plain schema. */
export type PlainFormat =
  | Extract<ResponseFormat, { readonly type: "text" }>
  | {
      readonly type: "json"
      readonly schema?: JsonSchema | undefined
      readonly name?: string | undefined
      /** Whether the schema was generated from an `effect/Schema`, and not written by the caller. */
      readonly isGenerated?: boolean
    }

/** A request that can be encoded. */
export interface PreparedRequest extends ChatRequest {
  readonly model: string
  readonly tools?: ReadonlyArray<PlainTool> | undefined
  readonly responseFormat?: PlainFormat | undefined
}
