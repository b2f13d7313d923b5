/** Looks the tools of a step up, and describes them to the model. */
import * as Effect from "effect/Effect"
import type { ToolDefinition } from "../domain/ChatRequest.js"
import { durationProblem } from "../domain/durationProblem.js"
import { type HostedTool, isHosted } from "../domain/HostedTool.js"
import { ValidationError } from "../domain/LLMError.js"
import { digestOf } from "./approvals/signing.js"
import type { AnyTool } from "./Tool.js"
import type { ToolSource } from "./ToolLoopOptions.js"

/** The tools of a step that the application runs, by name. */
export type Toolset = ReadonlyMap<string, AnyTool>

/** The tools of a step. */
export interface StepTools {
  readonly functions: Toolset
  /** Those that the provider runs. */
  readonly hosted: ReadonlyArray<HostedTool>
}

const invalid = (problem: string) =>
  new ValidationError({ provider: "", model: "", message: `the tools of the loop are wrong: ${problem}` })

/** Gives the tools as they are now. Two of one name are an error, as the model could not tell them apart. */
export const toolsOf = (source: ToolSource): Effect.Effect<StepTools, unknown, unknown> =>
  Effect.flatMap(Effect.isEffect(source) ? source : Effect.succeed(source), (tools) => {
    const byName = new Map(tools.map((tool) => [tool.name, tool]))
    if (byName.size < tools.length) {
      const twice = tools.find((tool) => byName.get(tool.name) !== tool)
      return Effect.fail(invalid(`two have the name ${twice?.name ?? ""}; rename one`))
    }
    const functions = tools.flatMap((tool) => (isHosted(tool) ? [] : [[tool.name, tool] as const]))
    return Effect.succeed({ functions: new Map(functions), hosted: tools.filter((tool) => isHosted(tool)) })
  })

/** The tools that a step may use. */
export const activeOf = ({ functions, hosted }: StepTools, names: ReadonlyArray<string>): StepTools => ({
  functions: new Map([...functions].filter(([name]) => names.includes(name))),
  hosted: hosted.filter(({ name }) => names.includes(name))
})

/** What the model is told of the tools of a step. */
export type Definitions = ReadonlyArray<HostedTool | ToolDefinition>

/** The definition of a tool whose timeout is a duration. */
export const definitionOf = ({ name, timeout, definition }: AnyTool): AnyTool["definition"] => {
  const problem = timeout === undefined ? undefined : durationProblem(`the timeout of ${name}`, timeout)
  return problem === undefined ? definition : Effect.fail(problem)
}

/** Describes tools to the model. */
export const definitionsOf = ({ functions, hosted }: StepTools): Effect.Effect<Definitions, ValidationError> =>
  Effect.forEach(functions.values(), definitionOf).pipe(
    Effect.mapBoth({ onFailure: invalid, onSuccess: (definitions) => [...definitions, ...hosted] })
  )

/** Gives the fingerprints of tools, each of which it makes once. */
export const fingerprinter = (): typeof fingerprintOf => {
  const known = new Map<AnyTool, string>()
  return (tool) => {
    const fingerprint = known.get(tool)
    return fingerprint === undefined
      ? Effect.tap(fingerprintOf(tool), (made) => known.set(tool, made))
      : Effect.succeed(fingerprint)
  }
}

/** Gives the SHA-256 of what the model is told of a tool. It changes with the tool's name, description and parameters. */
export const fingerprintOf = (tool: AnyTool): Effect.Effect<string, ValidationError> =>
  Effect.flatMap(Effect.mapError(tool.definition, invalid), ({ name, description, parameters }) =>
    digestOf({ name, description, parameters })
  )
