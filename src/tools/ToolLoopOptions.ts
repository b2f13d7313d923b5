/** The options of a tool loop, and how its errors and its context follow from them. */
import type * as Effect from "effect/Effect"
import type { ChatOptions } from "../client/ClientOptions.js"
import type { LLMClient } from "../client/LLMClient.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { HostedTool } from "../domain/HostedTool.js"
import type { LLMError } from "../domain/LLMError.js"
import type { Message } from "../domain/Message.js"
import type { ApprovalError } from "./approvals/ApprovalError.js"
import type { Approvals } from "./approvals/Approvals.js"
import type { Decision, Resume } from "./approvals/PendingApproval.js"
import type { LoopCall } from "./LoopCall.js"
import type { LoopProgress, StopWhen } from "./StopWhen.js"
import type { AnyTool, Tool } from "./Tool.js"
import type { StepFinished } from "./ToolLoopEvent.js"

/** The request of a loop: a chat request whose tools are those of the loop. */
export interface ToolLoopRequest extends Omit<ChatRequest, "tools"> {}

/** The step that is about to begin. */
export interface StepStart extends LoopProgress {
  /** The step, from 0. */
  readonly step: number
  /** The conversation so far. */
  readonly messages: ReadonlyArray<Message>
}

/** The changes of the request for one step. `messages` replaces the messages of this step only, not those of the loop. */
export interface StepChanges extends Partial<ToolLoopRequest> {
  /** The names of the tools that the model may call in this step; all by default. */
  readonly activeTools?: ReadonlyArray<string> | undefined
}

/** A tool that the loop runs, or one that the provider runs. */
export type LoopTool = AnyTool | HostedTool

/** The tools of a loop. An effect runs before each step, because lists of tools can change. */
export type ToolSource = ReadonlyArray<LoopTool> | Effect.Effect<ReadonlyArray<LoopTool>, unknown, unknown>

/** The options of a loop, and of the chat call of each step. An approval is valid only for the `caller` of its loop. */
export interface ToolLoopOptions extends ChatOptions {
  /** The tools, of any shapes. A provider runs its hosted tools itself; where it has none, the step fails. */
  readonly tools: ToolSource
  /**
   * Decides about the calls that need an approval, one after the other, while other calls run. Without it, the loop ends
   * with these calls, signed by `Approvals`.
   */
  readonly approve?: ((call: LoopCall) => Effect.Effect<Decision, unknown, unknown>) | undefined
  /** The limits; 8 steps by default. */
  readonly stopWhen?: StopWhen | undefined
  /** Changes the request of single steps: another model, other tools, another tool choice, other messages. */
  readonly prepareStep?: ((start: StepStart) => Effect.Effect<StepChanges, unknown, unknown>) | undefined
  /** Runs after each step and its calls, before the next one. */
  readonly onStep?: ((step: StepFinished) => Effect.Effect<unknown, unknown, unknown>) | undefined
  /** How many calls of one step run at the same time; all by default. */
  readonly concurrency?: number | "unbounded" | undefined
  /** Names the loop in traces, as its agent. */
  readonly name?: string | undefined
  /** The id of the loop, from which the ids of its calls follow; a random one by default. */
  readonly loopId?: string | undefined
  /** Continues a loop that ended with pending calls. The request has the messages with which it ended. */
  readonly resume?: Resume | undefined
}

/** Rejects unknown names, so that a mistyped option is a compile error. */
export type NoOthers<O> = { readonly [Name in Exclude<keyof O, keyof ToolLoopOptions>]: never }

/** The tools of a list, or of the effect that gives it. */
type ToolIn<Source> =
  Source extends ReadonlyArray<infer T>
    ? T
    : Source extends Effect.Effect<ReadonlyArray<infer T>, unknown, unknown>
      ? T
      : never

/** The errors of a tool. */
type ToolError<T> = T extends Tool<string, infer E, infer _R> ? E : never
/** The context of a tool. */
type ToolContext<T> = T extends Tool<string, infer _E, infer R> ? R : never
/** The errors of an effect. */
type ErrorOf<A> = A extends Effect.Effect<unknown, infer E, unknown> ? E : never
/** The context of an effect. */
type ContextOf<A> = A extends Effect.Effect<unknown, unknown, infer R> ? R : never
/** What a callback returns. */
type ReturnOf<F> = F extends (...args: never) => infer A ? A : never

/** What the callbacks of a loop return. */
type Returned<O extends ToolLoopOptions> = ReturnOf<O["approve"]> | ReturnOf<O["prepareStep"]> | ReturnOf<O["onStep"]>

/** Whether a loop resumes, or may resume. */
type Resumes<O extends ToolLoopOptions> = "resume" extends keyof O
  ? [Exclude<O["resume"], undefined>] extends [never]
    ? false
    : true
  : false

/** The errors of a loop: those of the client, of its tools and of its callbacks. */
export type LoopError<O extends ToolLoopOptions> =
  | LLMError
  | ToolError<ToolIn<O["tools"]>>
  | ErrorOf<O["tools"]>
  | ErrorOf<Returned<O>>
  | (Resumes<O> extends true ? ApprovalError : never)

/** The tools' context, without `Approvals` where the loop decides by itself. */
type ToolsContext<O extends ToolLoopOptions> = O extends { readonly approve: Callback }
  ? Exclude<ToolContext<ToolIn<O["tools"]>>, Approvals>
  : ToolContext<ToolIn<O["tools"]>>

type Callback = (call: LoopCall) => Effect.Effect<Decision, unknown, unknown>

/** The context of a loop: the client, and what its tools and callbacks need. */
export type LoopContext<O extends ToolLoopOptions> =
  | LLMClient
  | ToolsContext<O>
  | ContextOf<O["tools"]>
  | ContextOf<Returned<O>>
  | (Resumes<O> extends true ? Approvals : never)
