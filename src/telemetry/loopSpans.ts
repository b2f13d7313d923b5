/**
 * The spans of tool loops and of the tools that they run:
 * https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai/gen-ai-agent-spans.md and
 * https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai/gen-ai-spans.md#execute-tool-span
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Tracer from "effect/Tracer"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { toJsonText } from "../domain/JsonText.js"
import { isLLMError } from "../domain/LLMError.js"
import type { AssistantMessage } from "../domain/Message.js"
import type { Usage } from "../domain/Usage.js"
import { outputMessages, requestContent } from "./messages.js"
import { attribute, providerName } from "./names.js"
import { defined, outputUsage, setAll } from "./spans.js"

/** A tool loop that is about to run. */
export interface ObservedLoop {
  readonly name: string | undefined
  readonly request: ChatRequest
  readonly traceContent: boolean
}

/** How far a loop has come; it may be read at any time. */
export interface LoopState {
  readonly steps: number
  readonly usage: Usage | null
  readonly cost: number | null
  /** The provider and the model of the last response. */
  readonly last: { readonly provider: string; readonly model: string; readonly finishReason: string | null } | undefined
  /** Why the loop ended, once it has. */
  readonly endReason: string | undefined
  /** The last message of the model, once the loop has ended. */
  readonly message: AssistantMessage | undefined
}

/** Starts the span of a loop. */
export const startLoop = ({ name, request, traceContent }: ObservedLoop): Effect.Effect<Tracer.Span> =>
  Effect.makeSpan(name === undefined ? "invoke_agent" : `invoke_agent ${name}`, {
    kind: "internal",
    captureStackTrace: false,
    attributes: defined({
      [attribute.operation]: "invoke_agent",
      [attribute.agentName]: name,
      [attribute.requestModel]: request.model,
      ...(traceContent ? requestContent(request, "") : {})
    })
  })

/** Ends the span of a loop. */
export const endLoop = (
  span: Tracer.Span,
  loop: LoopState,
  exit: Exit.Exit<unknown, unknown>,
  traceContent: boolean
): Effect.Effect<void> =>
  Effect.map(Effect.clock, (clock) => {
    setAll(span, { ...loopEnd(loop, traceContent), [attribute.errorType]: errorTypeOf(exit) })
    span.end(clock.unsafeCurrentTimeNanos(), shownExit(exit, traceContent))
  })

const loopEnd = ({ steps, usage, cost, last, endReason, message }: LoopState, traceContent: boolean) => ({
  [attribute.provider]: last && providerName(last.provider),
  [attribute.responseModel]: last?.model,
  [attribute.finishReasons]: last?.finishReason && [last.finishReason],
  [attribute.inputTokens]: usage?.inputTokens,
  ...outputUsage(usage),
  [attribute.cost]: usage === null ? undefined : (cost ?? undefined),
  [attribute.steps]: steps,
  [attribute.endReason]: endReason,
  [attribute.outputMessages]:
    traceContent && message ? outputMessages(message, last?.finishReason ?? undefined) : undefined
})

/** A call of a tool that is about to run. */
export interface ObservedTool {
  readonly name: string
  /** The span of its loop. */
  readonly parent: Tracer.Span
  readonly description: string | undefined
  /** The provider's id of the call. */
  readonly callId: string
  readonly arguments: unknown
  readonly traceContent: boolean
}

/** What a span says of a call that ended. */
export interface ToolEnd {
  /** What the model is told, if it is text. */
  readonly result: string | undefined
  /** The class of a failure that the model is told. */
  readonly errorType: string | undefined
}

/** Runs a tool under its span. Nothing interrupts between the start of the span and what ends it. */
export const observeTool = <A>(
  tool: ObservedTool,
  running: Effect.Effect<A, unknown, unknown>,
  endOf: (outcome: A) => ToolEnd
): Effect.Effect<A, unknown, unknown> =>
  Effect.clockWith((clock) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(startTool(tool), (span) =>
        Effect.flatMap(Effect.exit(restore(Effect.withParentSpan(running, span))), (exit) => {
          const end = Exit.isSuccess(exit) ? endOf(exit.value) : { result: undefined, errorType: errorTypeOf(exit) }
          setAll(span, {
            [attribute.errorType]: end.errorType,
            [attribute.toolCallResult]: tool.traceContent ? end.result : undefined
          })
          span.end(clock.unsafeCurrentTimeNanos(), shownExit(exit, tool.traceContent))
          return exit
        })
      )
    )
  )

const startTool = ({
  name,
  parent,
  description,
  callId,
  traceContent,
  ...tool
}: ObservedTool): Effect.Effect<Tracer.Span> =>
  Effect.makeSpan(`execute_tool ${name}`, {
    kind: "internal",
    parent,
    captureStackTrace: false,
    attributes: defined({
      [attribute.operation]: "execute_tool",
      [attribute.toolName]: name,
      [attribute.toolType]: "function",
      [attribute.toolCallId]: callId,
      [attribute.toolDescription]: description,
      [attribute.toolCallArguments]: traceContent ? toJsonText(tool.arguments) : undefined
    })
  })

/** The class of any error: its tag, and its reason where it has one. */
export const errorTag = (error: unknown): string => {
  const tag = Predicate.hasProperty(error, "_tag") ? error._tag : undefined
  if (typeof tag !== "string" || tag === "") return otherError
  const reason = Predicate.hasProperty(error, "reason") ? error.reason : undefined
  return typeof reason === "string" && /^\w{1,40}$/.test(reason) ? `${tag}.${reason}` : tag
}

/** The fallback value of `error.type` in the conventions. */
const otherError = "_OTHER"

const errorTypeOf = (exit: Exit.Exit<unknown, unknown>): string | undefined => {
  if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return undefined
  return Option.match(Cause.failureOption(exit.cause), { onNone: () => otherError, onSome: errorTag })
}

/**
 * How a loop or a tool ended, for the span: a consumer that stops reading is not a failure. The errors of tools can quote
 * their arguments, so that spans without content have only their class.
 */
const shownExit = (exit: Exit.Exit<unknown, unknown>, traceContent: boolean): Exit.Exit<unknown, unknown> => {
  if (Exit.isSuccess(exit)) return Exit.void
  if (Cause.isInterruptedOnly(exit.cause)) return Exit.interrupt(FiberId.none)
  const isOurs = Option.exists(Cause.failureOption(exit.cause), isLLMError)
  return traceContent || isOurs ? exit : Exit.fail(errorTypeOf(exit))
}
