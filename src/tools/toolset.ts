/** Looks the tools of a step up, and describes them to the model. */
import { Effect } from "effect"
import type { ToolDefinition } from "../domain/ChatRequest.js"
import { ValidationError } from "../domain/LLMError.js"
import { digestOf } from "./approvals/signing.js"
import type { AnyTool } from "./Tool.js"
import type { ToolSource } from "./ToolLoopOptions.js"

/** The tools of a step by name. */
export type Toolset = ReadonlyMap<string, AnyTool>

const invalid = (problem: string) =>
  new ValidationError({ provider: "", model: "", message: `the tools of the loop are wrong: ${problem}` })

/** Gives the tools as they are now. Two of one name are an error, as the model could not tell them apart. */
export const toolsetOf = (source: ToolSource): Effect.Effect<Toolset, unknown, unknown> =>
  Effect.flatMap(Effect.isEffect(source) ? source : Effect.succeed(source), (tools) => {
    const toolset = new Map(tools.map((tool) => [tool.name, tool]))
    if (toolset.size === tools.length) return Effect.succeed(toolset)
    const twice = tools.find((tool) => toolset.get(tool.name) !== tool)
    return Effect.fail(invalid(`two have the name ${twice?.name ?? ""}; rename one`))
  })

/** Describes tools to the model. */
export const definitionsOf = (toolset: Toolset): Effect.Effect<ReadonlyArray<ToolDefinition>, ValidationError> =>
  Effect.mapError(
    Effect.forEach(toolset.values(), (tool) => tool.definition),
    invalid
  )

/** Gives the SHA-256 of what the model is told of a tool. It changes with the tool's name, description and parameters. */
export const fingerprintOf = (tool: AnyTool): Effect.Effect<string, ValidationError> =>
  Effect.flatMap(Effect.mapError(tool.definition, invalid), ({ name, description, parameters }) =>
    digestOf({ name, description, parameters })
  )
