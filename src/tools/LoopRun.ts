/** One run of a tool loop: asks the model, runs its calls, and repeats until there is nothing more to do. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { LLMClient } from "../client/LLMClient.js"
import { ChatFold, type ChatResponse, chunksOf } from "../domain/ChatResponse.js"
import type { Pull } from "../domain/ChatStream.js"
import { checkOptions, limitProblem } from "../domain/checkOptions.js"
import type { AssistantMessage, Message } from "../domain/Message.js"
import { Read } from "../domain/Read.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Usage from "../domain/Usage.js"
import { attachPartial, completeResponse } from "../provider/engine/completeResponse.js"
import { endLoop, type LoopState, startLoop } from "../telemetry/loopSpans.js"
import { Approvals } from "./approvals/Approvals.js"
import type { Resume } from "./approvals/PendingApproval.js"
import { digestOf } from "./approvals/signing.js"
import { LoopTools } from "./LoopTools.js"
import { loopCallOf, planCalls, RepeatCounter } from "./planCalls.js"
import { resumeCalls } from "./resumeCalls.js"
import { type CallRuntime, runCalls, type SettledCall } from "./runCalls.js"
import type { StepSummary } from "./StepSummary.js"
import { defaults, reachedLimit, stopWhenProblems } from "./StopWhen.js"
import { sendableMessage, withoutCalls } from "./sendableMessage.js"
import type { EndReason, StepFinished, ToolLoopEvent, ToolLoopResponse } from "./ToolLoopEvent.js"
import type { StepChanges, ToolLoopOptions, ToolLoopRequest } from "./ToolLoopOptions.js"
import { activeOf, fingerprinter, type Toolset } from "./toolset.js"
import { UniqueCallIds } from "./UniqueCallIds.js"

/** Gives the next events of a loop; an empty array means its end. */
export type EventPull = Read<ToolLoopEvent, unknown, unknown>

/** Begins a loop. Closing the scope interrupts running tools and closes the socket. */
export const openLoop = (
  request: ToolLoopRequest,
  options: ToolLoopOptions
): Effect.Effect<EventPull, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { loopId = crypto.randomUUID(), name, traceContent = false } = options
    const span = yield* startLoop({ name, request, traceContent })
    const run = new LoopRun(request, options, loopId, yield* Effect.scope, yield* Clock.currentTimeMillis, span)
    yield* Effect.addFinalizer((exit) => endLoop(span, run.state, run.failure ?? exit, traceContent))
    return run.pull
  })

const unchanged: Effect.Effect<StepChanges> = Effect.succeed({})

// The most events that the reader has not read. Tools wait for it beyond that.
const maxUnreadEvents = 16

/** Runs calls and gives the outcome of each. */
type RunCalls = (runtime: CallRuntime) => Effect.Effect<ReadonlyArray<SettledCall>, unknown, unknown>

/**
 * The state of a loop. A mutable class, as every read of the model's response goes through it. It retains the messages
 * and a summary of each step, but no chunks and no responses.
 */
class LoopRun {
  private step = 0
  private messages: ReadonlyArray<Message>
  private readonly steps: Array<StepSummary> = []
  private usage: Usage.Usage | null = null
  private cost: number | null = 0
  private invalidSteps = 0
  private readonly repeats = new RepeatCounter()
  /** The chunks of the response before its provider paused it. */
  private paused: ReadonlyArray<StreamChunk> = []
  private readonly tools: LoopTools
  private next: EventPull
  private ended: ToolLoopResponse | undefined
  /** How the loop failed. */
  failure: Exit.Exit<never, unknown> | undefined

  constructor(
    private readonly request: ToolLoopRequest,
    private readonly options: ToolLoopOptions,
    private loopId: string,
    private readonly scope: Scope.Scope,
    private readonly startedAt: number,
    private readonly span: Tracer.Span
  ) {
    this.messages = request.messages
    this.tools = new LoopTools(options.tools, span)
    const begin = options.resume === undefined ? this.beginStep() : this.resume(options.resume)
    this.next = Effect.zipRight(checkLoop(options), begin)
  }

  /** Gives the next events. */
  readonly pull: EventPull = Read.map<ToolLoopEvent, ToolLoopEvent, unknown, unknown>(
    Read.suspend(() => this.next),
    {
      onElements: (events) => events,
      onFailure: (cause) =>
        Effect.suspend(() => {
          this.failure = Exit.failCause(cause)
          return this.failure
        })
    }
  )

  /** The state of the loop, for its span. */
  get state(): LoopState {
    const { steps, usage, cost, ended } = this
    const last = steps.at(-1)
    return { steps: steps.length, usage, cost, last, endReason: ended?.endReason, message: ended?.message }
  }

  private beginStep(): EventPull {
    return Effect.gen(this, function* () {
      const all = yield* this.tools.read()
      const { activeTools, messages = this.messages, ...changes } = yield* this.changes()
      const active = activeTools === undefined ? all : activeOf(all, activeTools)
      const request = { ...this.request, ...changes, messages, tools: yield* this.tools.describe(active) }
      const own = yield* Scope.fork(this.scope, ExecutionStrategy.sequential)
      const pull = yield* Effect.mapInputContext(
        LLMClient.chatStream(request, this.options).open,
        (context: Context.Context<LLMClient>) =>
          context.pipe(Context.add(Scope.Scope, own), Context.add(Tracer.ParentSpan, this.span))
      )
      this.next = this.read(pull, own, active.functions)
      return yield* this.next
    })
  }

  private changes(): Effect.Effect<StepChanges, unknown, unknown> {
    const { prepareStep } = this.options
    if (prepareStep === undefined) return unchanged
    const { step, messages } = this
    const changing = Effect.flatMap(this.progress, (progress) => prepareStep({ ...progress, step, messages }))
    return Effect.withParentSpan(changing, this.span)
  }

  private read(pull: Pull<unknown, unknown>, own: Scope.CloseableScope, tools: Toolset): EventPull {
    const fold = new ChatFold()
    const ids = new UniqueCallIds(this.messages)
    const { step } = this
    return Read.map<StreamChunk, ToolLoopEvent, unknown, unknown>(pull, {
      onElements: (chunks) => {
        if (chunks.length === 0) {
          return Effect.zipRight(Scope.close(own, Exit.void), this.finishResponse(fold, tools))
        }
        return chunks.map((received) => {
          const chunk = ids.rename(received)
          fold.add(chunk)
          return { type: "chunk", step, chunk }
        })
      },
      onFailure: (cause) => Effect.failCause(Cause.map(cause, (error) => attachPartial(error, fold)))
    })
  }

  private finishResponse(fold: ChatFold, tools: Toolset): EventPull {
    return Effect.gen(this, function* () {
      const response = yield* completeResponse(fold)
      const { finishReason, toolCalls } = response
      // The last call of a response that was cut off is incomplete.
      const isCutOff = finishReason === "length" || finishReason === "content_filter"
      if (isCutOff || toolCalls.length === 0)
        return yield* this.endStep(response, withoutCalls(response.message), [], tools)
      const calls = toolCalls.map((call, position) => loopCallOf(call, this.loopId, this.step, position))
      const { repeatedCalls = defaults.repeatedCalls } = this.options.stopWhen ?? {}
      const planned = yield* planCalls(calls, tools, this.repeats, repeatedCalls)
      return yield* this.start(
        (runtime) => runCalls(planned, runtime),
        (settled) => this.endStep(response, sendableMessage(response.message), settled, tools)
      )
    })
  }

  /** Runs calls in a fiber of their own while their events are read. */
  private start(run: RunCalls, end: (settled: ReadonlyArray<SettledCall>) => EventPull): EventPull {
    return Effect.gen(this, function* () {
      const events = yield* Mailbox.make<ToolLoopEvent, unknown>(maxUnreadEvents)
      const { concurrency = "unbounded", approve, traceContent = false } = this.options
      const { messages, span, tools } = this
      const { descriptionOf } = tools
      const emit = (event: ToolLoopEvent) => events.offer(event)
      let outcomes: ReadonlyArray<SettledCall> = []
      // The calls can end while the reader has events left to read.
      this.next = Effect.flatMap(events.takeAll, ([read]) => {
        if (!Chunk.isEmpty(read)) return Effect.succeed(Chunk.toReadonlyArray(read))
        this.next = end(outcomes)
        return this.next
      })
      yield* run({ messages, concurrency, approve, emit, descriptionOf, traceContent, span }).pipe(
        Effect.matchCauseEffect({
          onFailure: (cause) => events.failCause(cause),
          onSuccess: (settled) => {
            outcomes = settled
            return events.end
          }
        }),
        Effect.forkIn(this.scope)
      )
      return yield* this.next
    })
  }

  private endStep(
    response: ChatResponse,
    message: AssistantMessage,
    settled: ReadonlyArray<SettledCall>,
    tools: Toolset
  ): EventPull {
    return Effect.gen(this, function* () {
      const added = [message, ...settled.flatMap(({ message }) => message ?? [])]
      this.messages = [...this.messages, ...added]
      const summary = summaryOf(response, this.step, settled)
      this.add(summary)
      this.invalidSteps = settled.some(isInvalid) ? this.invalidSteps + 1 : 0
      const finished: StepFinished = { type: "step-finished", summary, messages: added }
      const { onStep } = this.options
      if (onStep !== undefined) yield* Effect.withParentSpan(onStep(finished), this.span)
      const whole = this.continued(response)
      const reason = yield* this.endReason(settled, response.paused === true)
      if (reason !== undefined) return yield* this.end(whole, reason, settled, tools, finished)
      this.paused = response.paused === true ? chunksOf(whole) : []
      this.step += 1
      this.next = this.beginStep()
      return [finished]
    })
  }

  /** A response that goes on after pauses is one with what came before them. */
  private continued(response: ChatResponse): ChatResponse {
    if (this.paused.length === 0) return response
    const fold = new ChatFold()
    for (const chunk of [...this.paused, ...chunksOf(response)]) fold.add(chunk)
    return fold.response() ?? response
  }

  private add(summary: StepSummary): void {
    this.steps.push(summary)
    const { usage, cost } = summary
    if (usage !== null) this.usage = this.usage === null ? usage : Usage.sum(this.usage, usage)
    this.cost = this.cost === null || cost === null ? null : this.cost + cost
  }

  private readonly progress = Effect.map(Clock.currentTimeMillis, (now) => ({
    steps: this.steps,
    usage: this.usage,
    cost: this.cost,
    elapsed: Duration.millis(now - this.startedAt)
  }))

  private endReason(
    settled: ReadonlyArray<SettledCall>,
    isPaused: boolean
  ): Effect.Effect<EndReason | undefined, unknown> {
    if (settled.length === 0 && !isPaused) return Effect.succeed("finished")
    if (settled.some(({ waitsFor }) => waitsFor !== undefined)) return Effect.succeed("pending")
    if (settled.some(({ failure }) => failure === "repeated")) return Effect.succeed("repeatedCalls")
    const { stopWhen = {} } = this.options
    const { invalidSteps = defaults.invalidSteps } = stopWhen
    if (this.invalidSteps >= invalidSteps) return Effect.succeed("invalidSteps")
    return Effect.flatMap(this.progress, (progress) => reachedLimit(stopWhen, this.step, progress))
  }

  private end(
    response: ChatResponse,
    endReason: EndReason,
    settled: ReadonlyArray<SettledCall>,
    tools: Toolset,
    finished: StepFinished
  ): EventPull {
    return Effect.gen(this, function* () {
      const waiting = settled.filter(({ waitsFor }) => waitsFor === "approval")
      const pendingApprovals = waiting.length === 0 ? [] : yield* this.sign(waiting, tools)
      const pendingCalls = settled.filter(({ waitsFor }) => waitsFor === "caller").map(({ call }) => call)
      const { messages, steps, usage, cost } = this
      const ended = { ...response, usage, cost, endReason, messages, steps, pendingApprovals, pendingCalls }
      this.ended = ended
      this.next = Effect.succeed([])
      const events: ReadonlyArray<ToolLoopEvent> = [finished, { type: "end", response: ended }]
      return events
    })
  }

  private sign(waiting: ReadonlyArray<SettledCall>, tools: Toolset) {
    const { messages, loopId } = this
    const { caller = "" } = this.options
    return Effect.gen(function* () {
      const approvals = yield* Approvals
      const conversation = yield* digestOf(messages)
      const fingerprintOf = fingerprinter()
      return yield* Effect.forEach(waiting, ({ call }) =>
        Effect.gen(function* () {
          const tool = tools.get(call.name)
          const fingerprint = tool === undefined ? "" : yield* fingerprintOf(tool)
          return yield* approvals.sign({ loopId, caller, conversation, call, fingerprint })
        })
      )
    })
  }

  private resume(resume: Resume): EventPull {
    return Effect.gen(this, function* () {
      const { caller = "" } = this.options
      const all = yield* this.tools.read()
      const resumed = yield* resumeCalls(this.messages, resume, all.functions, caller)
      yield* this.tools.describe(all)
      this.loopId = resumed.loopId
      return yield* this.start(resumed.run, (settled) =>
        Effect.sync(() => {
          const results = settled.flatMap(({ message }) => message ?? [])
          this.messages = resumed.messagesWith(results)
          this.step = resumed.step + 1
          this.next = this.beginStep()
          return [{ type: "resumed", messages: results }]
        })
      )
    })
  }
}

const checkLoop = ({ concurrency = "unbounded", stopWhen = {} }: ToolLoopOptions) =>
  checkOptions("the tool loop", [
    concurrency === "unbounded" ? undefined : limitProblem("concurrency", concurrency),
    ...stopWhenProblems(stopWhen)
  ])

const isInvalid = ({ failure }: SettledCall): boolean => failure === "invalidArguments" || failure === "unknownTool"

const summaryOf = (response: ChatResponse, step: number, settled: ReadonlyArray<SettledCall>): StepSummary => {
  const { provider, model, finishReason, usage, cost } = response
  return {
    step,
    provider,
    model,
    finishReason,
    usage,
    cost,
    calls: settled.map(({ call: { id, name } }) => ({ id, name }))
  }
}
