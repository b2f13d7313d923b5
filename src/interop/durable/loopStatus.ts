/** Reads the state of a durable loop from the storage, in any process. */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ToolCall } from "../../domain/Message.js"
import type { LoopCall } from "../../tools/LoopCall.js"
import { loopCallOf } from "../../tools/planCalls.js"
import type { DurableError } from "./DurableError.js"
import { modelCallName } from "./durableClient.js"
import { isApprovalNeeded, toolCallName } from "./durableTool.js"
import { type Execution, isStored, storedResult } from "./execution.js"
import { approvalName } from "./loopApprovals.js"

const Response = Schema.decodeUnknownOption(Schema.Struct({ toolCalls: Schema.Array(ToolCall) }))

const toolCallsOf = (execution: Execution, step: number, retries: number) =>
  Effect.gen(function* () {
    for (let attempt = 1; attempt <= retries + 1; attempt++) {
      const response = Option.flatMap(yield* storedResult(execution, modelCallName(step), attempt), Response)
      if (Option.isSome(response)) return response.value.toolCalls
    }
    return undefined
  })

const isWaiting = (execution: Execution, call: LoopCall) =>
  Effect.gen(function* () {
    const result = yield* storedResult(execution, toolCallName(call))
    if (!Option.exists(result, isApprovalNeeded)) return false
    return !(yield* isStored(execution, { tag: "deferred", key: approvalName(call) }))
  })

/** Gives the calls that wait for an approval: those of the last step whose response is stored. */
export const waitingCalls = (
  execution: Execution,
  retries: number
): Effect.Effect<ReadonlyArray<LoopCall>, DurableError, Sharding | MessageStorage> =>
  Effect.gen(function* () {
    let step = -1
    let toolCalls: ReadonlyArray<ToolCall> = []
    let next = yield* toolCallsOf(execution, 0, retries)
    while (next !== undefined) {
      step += 1
      toolCalls = next
      next = yield* toolCallsOf(execution, step + 1, retries)
    }
    const calls = toolCalls.map((call, position) => loopCallOf(call, execution.id, step, position))
    return yield* Effect.filter(calls, (call) => isWaiting(execution, call))
  })
