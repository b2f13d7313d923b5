/** Resumes a loop that ended with pending calls: checks the approvals, and runs the approved calls. */
import * as Effect from "effect/Effect"
import { partsOf, type ToolCallPart } from "../domain/ContentPart.js"
import { isBottomless } from "../domain/JsonText.js"
import type { Message, ToolMessage } from "../domain/Message.js"
import { canonicalJson } from "../http/canonicalJson.js"
import { type Approvable, Approvals, type ApprovalsService, refused } from "./approvals/Approvals.js"
import type { DecidedApproval, Resume } from "./approvals/PendingApproval.js"
import { digestOf } from "./approvals/signing.js"
import { loopCallOf, type PlannedCall, planCall } from "./planCalls.js"
import { type CallRuntime, deny, runCall, type SettledCall } from "./runCalls.js"
import { fingerprinter, type Toolset } from "./toolset.js"

/** A resumed loop. */
export interface Resumption {
  readonly loopId: string
  /** The step of the pending calls. */
  readonly step: number
  /** Runs what was approved; every other call is answered as denied. */
  readonly run: (runtime: CallRuntime) => Effect.Effect<ReadonlyArray<SettledCall>, unknown, unknown>
  /** The conversation with all results, in the order of the calls. */
  readonly messagesWith: (results: ReadonlyArray<ToolMessage>) => ReadonlyArray<Message>
}

/** The step with the pending calls, at the end of a conversation. */
interface OpenStep {
  /** The messages up to the response with the calls. */
  readonly before: ReadonlyArray<Message>
  readonly calls: ReadonlyArray<ToolCallPart>
  readonly results: ReadonlyArray<ToolMessage>
}

// No client sends JSON that is nested deeper.
const maxDepth = 500

const openStepOf = (messages: ReadonlyArray<Message>, { results = [] }: Resume): OpenStep | undefined => {
  const at = messages.findLastIndex(({ role }) => role === "assistant")
  const message = messages[at]
  const after = messages.slice(at + 1).filter((each) => each.role === "tool")
  if (message?.role !== "assistant" || at + 1 + after.length !== messages.length) return undefined
  const calls = partsOf(message.content).filter((part) => part.type === "tool-call")
  return { before: messages.slice(0, at + 1), calls, results: [...after, ...results] }
}

/** A call with the decision about it. */
interface DecidedCall extends DecidedApproval {
  readonly planned: PlannedCall
}

/**
 * Checks all approvals before any of them is used, and uses all of them before anything runs. The calls are read from the
 * conversation, which is signed; what the client says of them must agree. The first forged approval ends it, however many
 * there are.
 */
export const resumeCalls = (
  messages: ReadonlyArray<Message>,
  resume: Resume,
  tools: Toolset,
  caller: string
): Effect.Effect<Resumption, unknown, Approvals> =>
  Effect.gen(function* () {
    const approvals = yield* Approvals
    const [first] = resume.approvals
    if (first === undefined) return yield* refused("Missing")
    const open = isBottomless([messages, resume.approvals], maxDepth) ? undefined : openStepOf(messages, resume)
    if (open === undefined) return yield* refused("Invalid")
    const { loopId, call } = first.approval
    const resumed = { loopId, step: call.step }
    const decided = yield* decidedCalls(open, resume, resumed, { messages, tools, caller, verify: approvals.verify })
    yield* approvals.consume(
      caller,
      decided.map(({ approval }) => approval)
    )
    return {
      loopId,
      step: call.step,
      run: (runtime) =>
        Effect.forEach(decided, (each) => runDecided(each, runtime), { concurrency: runtime.concurrency }),
      messagesWith: (results) => [...open.before, ...inOrder(open.calls, [...open.results, ...results])]
    }
  })

/** What the approvals of a conversation are checked with. */
interface Verification {
  readonly messages: ReadonlyArray<Message>
  readonly tools: Toolset
  readonly caller: string
  readonly verify: ApprovalsService["verify"]
}

const decidedCalls = (
  { calls, results }: OpenStep,
  { approvals }: Resume,
  { loopId, step }: Pick<Resumption, "loopId" | "step">,
  { messages, tools, caller, verify }: Verification
) =>
  Effect.gen(function* () {
    const decisions = firstBy(approvals, ({ approval }) => approval.call.position)
    const answered = new Set(results.map(({ toolCallId }) => toolCallId))
    const waiting = calls
      .map((call, position) => loopCallOf(call, loopId, step, position))
      .filter(({ toolCallId }) => !answered.has(toolCallId))
    if (approvals.length > waiting.length) return yield* refused("Invalid")
    const conversation = yield* digestOf(messages)
    const fingerprintOf = fingerprinter()
    return yield* Effect.forEach(waiting, (call) =>
      Effect.gen(function* () {
        const decided = decisions.get(call.position)
        if (decided === undefined) return yield* refused("Missing")
        const tool = tools.get(call.name)
        const isSame = canonicalJson([decided.approval.loopId, decided.approval.call]) === canonicalJson([loopId, call])
        if (tool === undefined || !isSame) return yield* refused("Invalid")
        const approvable: Approvable = { loopId, caller, conversation, call, fingerprint: yield* fingerprintOf(tool) }
        yield* verify(approvable, decided.approval)
        const result: DecidedCall = { ...decided, planned: yield* planCall(call, tools) }
        return result
      })
    )
  })

const runDecided = ({ decision, planned }: DecidedCall, runtime: CallRuntime) => {
  if (decision !== "approve") return deny(planned.call, decision, runtime)
  return planned.type === "run"
    ? runCall(planned, runtime)
    : deny(planned.call, { deny: "its tool cannot run it any more" }, runtime)
}

const inOrder = (
  calls: ReadonlyArray<ToolCallPart>,
  results: ReadonlyArray<ToolMessage>
): ReadonlyArray<ToolMessage> => {
  const first = firstBy(results, ({ toolCallId }) => toolCallId)
  return calls.flatMap(({ id }) => first.get(id) ?? [])
}

/** The first of the elements with each key. */
const firstBy = <A, Key>(elements: ReadonlyArray<A>, keyOf: (element: A) => Key): ReadonlyMap<Key, A> => {
  const first = new Map<Key, A>()
  for (const element of elements) if (!first.has(keyOf(element))) first.set(keyOf(element), element)
  return first
}
