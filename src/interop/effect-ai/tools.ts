/** Takes the toolkits of @effect/ai as tools of a loop. */
import { isAiError } from "@effect/ai/AiError"
import type * as AiTool from "@effect/ai/Tool"
import type * as Toolkit from "@effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Tool } from "../../tools/Tool.js"
import { codecOf } from "../../tools/ToolParameters.js"
import type { ToolOutcome } from "../../tools/ToolResult.js"
import { toolOf } from "./request.js"

/** The toolkit's tools, for a loop. */
export type LoopTool<Tools extends { readonly [name: string]: AiTool.Any }> = Tool<
  string,
  AiTool.HandlerError<Tools[keyof Tools]>,
  AiTool.Requirements<Tools[keyof Tools]>
>

type Handled = Effect.Effect<AiTool.HandlerResult<AiTool.Any>, unknown, unknown>

const loopTool = (tool: AiTool.Any, handle: (json: unknown) => Handled): Tool<string, unknown, unknown> => {
  const { decode } = codecOf(Schema.make(tool.parametersSchema.ast), tool.name)
  return {
    name: tool.name,
    definition: toolOf(tool),
    // The toolkit decodes again by itself; here the model is told what does not fit.
    decode: (json) => Effect.as(decode(json), json),
    needsApproval: () => Effect.succeed(false),
    execute: (json) =>
      handle(json).pipe(
        // An `AiError` is a result that does not fit its schema: a mistake of the handler.
        Effect.catchIf(isAiError, Effect.die),
        Effect.map(outcomeOf)
      )
  }
}

const outcomeOf = ({ isFailure, encodedResult }: AiTool.HandlerResult<AiTool.Any>): ToolOutcome =>
  isFailure
    ? { type: "failure", error: encodedResult }
    : {
        type: "success",
        content: typeof encodedResult === "string" ? encodedResult : (JSON.stringify(encodedResult) ?? "done")
      }

/**
 * Takes a toolkit of @effect/ai as it is: its handlers run in the loop, with their errors, context and `failureMode`.
 *
 * ```ts
 * ToolLoop.run({ messages }, { tools: EffectAi.tools(toolkit) })
 * ```
 */
export const tools = <Tools extends { readonly [name: string]: AiTool.Any }>(
  toolkit: Toolkit.Toolkit<Tools>
): Effect.Effect<ReadonlyArray<LoopTool<Tools>>, never, AiTool.HandlersFor<Tools>> =>
  Effect.map(toolkit, ({ tools: all, handle }) =>
    Object.entries(all).map(
      // The toolkit's own types say that the name, the arguments and the errors of a tool belong together.
      ([name, tool]) => loopTool(tool, (json) => handle(name, json as never) as Handled) as LoopTool<Tools>
    )
  )
