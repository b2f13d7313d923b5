/** A checked request, ready to encode: it has a model, and every schema is JSON Schema. */

import type { ChatRequest, JsonSchema, ResponseFormat, ToolDefinition } from "../domain/ChatRequest.js"
import type { HostedTool } from "../domain/HostedTool.js"

/** A tool whose parameters are JSON Schema. */
export interface PlainTool extends ToolDefinition {
  readonly parameters: JsonSchema
}

/** A response format whose schema is JSON Schema. */
export type PlainFormat =
  | Extract<ResponseFormat, { readonly type: "text" }>
  | {
      readonly type: "json"
      readonly schema?: JsonSchema | undefined
      readonly name?: string | undefined
      readonly absentAsNull?: boolean | undefined
      /** Whether the schema was generated from an `effect/Schema`. */
      readonly isGenerated?: boolean
    }

/** A checked request, ready to encode. */
export interface PreparedRequest extends ChatRequest {
  readonly model: string
  /** The functions. */
  readonly tools?: ReadonlyArray<PlainTool> | undefined
  /** The tools that the provider runs itself. */
  readonly hostedTools?: ReadonlyArray<HostedTool> | undefined
  readonly responseFormat?: PlainFormat | undefined
}
