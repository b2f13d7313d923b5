/** Decides what to do about the calls of a step before any of them runs. */
import * as Effect from "effect/Effect"
import type { ToolCall } from "../domain/Message.js"
import { canonicalJson } from "../http/canonicalJson.js"
import { callIdOf, type LoopCall } from "./LoopCall.js"
import { parseArguments } from "./parseArguments.js"
import type { AnyTool } from "./Tool.js"
import type { ToolFailureReason } from "./ToolLoopEvent.js"

/** A call that fits its tool, and runs once it is approved. */
export interface RunnableCall {
  readonly type: "run"
  readonly call: LoopCall
  readonly tool: AnyTool
  readonly execute: NonNullable<AnyTool["execute"]>
  /** The decoded arguments. */
  readonly args: unknown
}

/** What to do about a call: run it, tell the model what is wrong with it, or leave it to the caller of the loop. */
export type PlannedCall =
  | RunnableCall
  | { readonly type: "fail"; readonly call: LoopCall; readonly reason: ToolFailureReason; readonly error: string }
  | { readonly type: "leave"; readonly call: LoopCall }

/** Counts how often a call follows itself. */
export class RepeatCounter {
  private last = ""
  private count = 0

  /** How many equal calls in a row a call completes. */
  add({ name, arguments: args }: LoopCall): number {
    const key = `${name}\n${canonicalJson(args)}`
    this.count = key === this.last ? this.count + 1 : 1
    this.last = key
    return this.count
  }
}

/** Describes a tool call of the model as a call of the loop. */
export const loopCallOf = (call: ToolCall, loopId: string, step: number, position: number): LoopCall => ({
  id: callIdOf(loopId, step, position),
  toolCallId: call.id,
  name: call.name,
  arguments: parseArguments(call.arguments) ?? call.arguments,
  step,
  position
})

/** Finds the tool of a call and decodes its arguments. */
export const planCall = (call: LoopCall, tools: ReadonlyMap<string, AnyTool>): Effect.Effect<PlannedCall> => {
  const tool = tools.get(call.name)
  if (tool === undefined) {
    const names = [...tools.keys()].join(", ")
    const error = names === "" ? "there are no tools now" : `no tool has this name; the tools are: ${names}`
    return Effect.succeed({ type: "fail", call, reason: "unknownTool", error })
  }
  const json = call.arguments
  if (!isArguments(json)) {
    const error = "the arguments are not the JSON of an object"
    return Effect.succeed({ type: "fail", call, reason: "invalidArguments", error })
  }
  return Effect.match(tool.decode(json), {
    onSuccess: (args): PlannedCall =>
      tool.execute === undefined ? { type: "leave", call } : { type: "run", call, tool, execute: tool.execute, args },
    onFailure: (problem) => ({
      type: "fail",
      call,
      reason: "invalidArguments",
      error: `the arguments do not fit the parameters:\n${problem}`
    })
  })
}

// `loopCallOf` keeps the text of what is not an object.
const isArguments = (json: unknown): json is { readonly [name: string]: unknown } =>
  typeof json === "object" && json !== null

/** Plans the calls of a step. A call that repeats too often does not run. */
export const planCalls = (
  calls: ReadonlyArray<LoopCall>,
  tools: ReadonlyMap<string, AnyTool>,
  repeats: RepeatCounter,
  maxRepeats: number
): Effect.Effect<ReadonlyArray<PlannedCall>> => {
  const plan = (call: LoopCall): Effect.Effect<PlannedCall> =>
    repeats.add(call) >= maxRepeats
      ? Effect.succeed({ type: "fail", call, reason: "repeated", error: repeated })
      : planCall(call, tools)
  const [first, ...others] = calls
  return first !== undefined && others.length === 0
    ? Effect.map(plan(first), (planned) => [planned])
    : Effect.forEach(calls, plan)
}

const repeated = "the same call with the same arguments came too often in a row, so it was not run again"
