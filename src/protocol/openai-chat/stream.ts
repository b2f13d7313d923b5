/** Decodes chat completions, streaming or not, into chunks, with tolerance for every vendor's deviations. */
import type { FinishReason, StreamChunk } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import type { ReportedError } from "../../http/errors/classification.js"
import { isObject } from "../../http/Json.js"
import { failureOfWord, readFinishReason } from "../finishReasons.js"
import { Generation } from "../Generation.js"
import { baseResponseError, reportedError } from "../openAIErrors.js"
import { noParts, type PartState, PartWriter } from "../PartWriter.js"
import type { Step } from "../Protocol.js"
import { ToolCalls, type WireDelta } from "../ToolCalls.js"
import { noCalls } from "../textChunk.js"
import { CitedPages } from "./citations.js"
import { messageOf, textIn } from "./oddFields.js"
import { type Details, DetailsList, detailsIn, textOfDetails } from "./reasoningDetails.js"
import type { Choice, Event, Message, ToolCall, Usage as WireUsage } from "./schema.js"

/** The state between events. Its calls, details, pages and generation are mutable. */
export interface State {
  readonly calls: ToolCalls
  /** Whether the model refused: its finish reason is `stop` even then. */
  readonly isRefused: boolean
  /** Whether text, and whether reasoning under its own name, has arrived. */
  readonly hasText: boolean
  readonly namesReasoning: boolean
  /** The details of the reasoning that no chunk carries yet. */
  readonly details: DetailsList
  readonly pages: CitedPages
  readonly generation: Generation
  readonly parts: PartState
  /** The key of details and signatures in `providerMetadata`. */
  readonly provider: string
}

/** The state before the first event. */
export const initialState = (provider: string): State => ({
  calls: new ToolCalls(),
  isRefused: false,
  hasText: false,
  namesReasoning: false,
  details: new DetailsList(),
  pages: new CitedPages(),
  generation: new Generation(),
  parts: noParts,
  provider
})

/** Decodes one event. */
export const step = (state: State, event: Event): Step<State> => {
  // With n > 1 the choices interleave. Only the first is read.
  const choice = event.choices?.find((each) => (each.index ?? 0) === 0)
  const failure = failureOf(event, choice)
  const message = messageOf(choice)
  if (isSpliced(state, event, message)) return { state, isSpliced: true }
  const output = outputOf(state, choice, message)
  const usage = usageOf(event.usage ?? event.x_groq?.usage ?? choice?.usage)
  const model = event.model ?? ""
  const citations = state.pages.take(event, message)
  // Nearly all events only continue the open part. They reuse the state and allocate only their chunk.
  if (choice?.message == null && isContinued(state, output)) {
    const { content, reasoning, finishReason } = output
    const chunk: StreamChunk = { content, reasoning, toolCalls: noCalls, finishReason, usage, rawChunk: event }
    return { state, chunk, failure, model, citations }
  }
  const next = {
    ...state,
    isRefused: state.isRefused || output.refusal !== "",
    hasText: state.hasText || output.content !== "",
    namesReasoning: state.namesReasoning || output.isNamed
  }
  const isMessage = choice?.delta == null && choice?.message != null
  return { ...write(next, event, output, { usage, isMessage }), failure, model, citations }
}

const outputOf = (state: State, choice: Choice | undefined, message: Message | undefined): Output => {
  const refusal = message?.refusal ?? ""
  const named = namedReasoningOf(message)
  const details = message?.reasoning_details == null ? noDetails : detailsIn(message)
  return {
    content: contentOf(message),
    reasoning: named || (state.namesReasoning || details.length === 0 ? "" : textOfDetails(details)),
    isNamed: named !== "",
    refusal,
    details,
    calls: message?.tool_calls == null ? noDeltas : deltasOf(message.tool_calls, state.provider),
    finishReason: finishReasonOf(choice, state.isRefused || refusal !== "")
  }
}

const isContinued = (state: State, output: Output): boolean => {
  const { content, reasoning, refusal, details, calls, finishReason } = output
  const type = state.parts.open?.type
  return (
    refusal === "" &&
    calls.length === 0 &&
    details.length === 0 &&
    state.details.isEmpty &&
    !(finishReason !== null && state.calls.isHolding) &&
    (content === "" || type === "text") &&
    (reasoning === "" || (type === "reasoning" && state.namesReasoning))
  )
}

const noDetails: Details = []
const noDeltas: ReadonlyArray<WireDelta> = []

/** An answer under another id begins with a role. Some servers give every event its own id, and a role. */
const isSpliced = ({ generation, parts, calls }: State, event: Event, message: Message | undefined): boolean => {
  const isStart = typeof message?.role === "string"
  const hasOutput = parts.count > 0 || calls.hasBegun
  return generation.isOther({ id: event.id, isStart, hasOutput }, isStart && contentOf(message) === "" ? 1 : 2)
}

/** The output of one event. */
interface Output {
  readonly content: string
  readonly reasoning: string
  /** Whether the reasoning has a field of its own. */
  readonly isNamed: boolean
  readonly refusal: string
  readonly details: Details
  readonly calls: ReadonlyArray<WireDelta>
  readonly finishReason: FinishReason | null
}

interface Rest {
  readonly usage: Usage.Usage | null
  /** Whether the event has a message in place of a delta. After deltas it repeats them. */
  readonly isMessage: boolean
}

const write = (state: State, event: Event, output: Output, { usage, isMessage }: Rest): Step<State> => {
  const { content, reasoning, refusal, details, calls, finishReason } = output
  const isSnapshot = isMessage && (state.parts.count > 0 || state.calls.hasBegun)
  const writer = new PartWriter(state.parts, event)
  writer.addText("reasoning", reasoning)
  if (!isSnapshot) state.details.add(details)
  // The details of the reasoning that ends here.
  const carries = content !== "" || refusal !== "" || calls.length > 0 || finishReason !== null
  if (carries && !state.details.isEmpty) {
    writer.close("reasoning", { [state.provider]: { reasoning_details: state.details.take() } })
  }
  writer.addText("text", content)
  writer.addText("refusal", refusal)
  const verdict = state.calls.read({ deltas: calls, isWhole: isMessage, finishReason, hasText: state.hasText }, writer)
  const chunk = writer.end(verdict === "none" && finishReason === "tool_calls" ? "stop" : finishReason, usage)
  return {
    state: { ...state, parts: writer.state },
    before: writer.before,
    chunk,
    ...(isSnapshot ? { isSnapshot } : {}),
    ...(verdict === "nameless" ? { malformed: "tool_calls.function.name" } : {})
  }
}

const contentOf = (message: Message | undefined): string => {
  const content = message?.content
  if (content == null) return ""
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("")
}

const namedReasoningOf = (message: Message | undefined): string => {
  if (message === undefined) return ""
  // OpenRouter and others send the same text under both names.
  const named = message.reasoning_content || message.reasoning
  if (named) return named
  return Array.isArray(message.content)
    ? message.content.map((part) => textIn(part.thinking ?? part.summary)).join("")
    : ""
}

const finishReasonOf = (choice: Choice | undefined, isRefused: boolean): FinishReason | null => {
  // Some servers send "" instead of null.
  if (!choice?.finish_reason) return null
  const reason = readFinishReason(choice.finish_reason)
  if (reason === "failure" || reason === "none") return null
  return isRefused && reason === "stop" ? "content_filter" : reason
}

/** The error that an event reports: its own, that of its choice, MiniMax's, Groq's, or a finish reason that says so. */
const failureOf = (event: Event, choice: Choice | undefined): ReportedError | undefined => {
  if (event.error != null || event.object === "error") return reportedError(event)
  if (choice?.error != null) return reportedError({ error: choice.error })
  const groq = event.x_groq?.error
  if (groq != null) return reportedError({ error: groq })
  const failed = baseResponseError(event.base_resp)
  if (failed !== undefined) return failed
  if (choice?.finish_reason && readFinishReason(choice.finish_reason) === "failure") {
    return failureOfWord(choice.finish_reason)
  }
  // DashScope and others send their errors flat, as events without choices.
  return event.choices == null && event.usage == null ? reportedError(event) : undefined
}

const usageOf = (usage: WireUsage | null | undefined): Usage.Usage | null => {
  // Some servers send `{}` before they know the counts.
  if (usage == null) return null
  const prompt = Usage.countOf(usage.prompt_tokens ?? usage.input_tokens)
  const completion = Usage.countOf(usage.completion_tokens ?? usage.output_tokens)
  if (prompt === undefined && completion === undefined) return null
  const inputTokens = prompt ?? 0
  const reasoningTokens = Usage.countOf(usage.completion_tokens_details?.reasoning_tokens) ?? 0
  const outputTokens = completion ?? 0
  // xAI excludes reasoning from the completion tokens, which only its total shows.
  const isExcluded = reasoningTokens > 0 && usage.total_tokens === inputTokens + outputTokens + reasoningTokens
  return Usage.read({
    inputTokens,
    outputTokens: isExcluded ? outputTokens + reasoningTokens : outputTokens,
    cacheReadTokens: usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens,
    cacheWriteTokens: usage.prompt_tokens_details?.cache_write_tokens,
    reasoningTokens
  })
}

const deltasOf = (calls: NonNullable<Message["tool_calls"]>, provider: string): ReadonlyArray<WireDelta> =>
  (Array.isArray(calls) ? calls : [calls]).map((call: ToolCall) => ({
    index: call.index ?? undefined,
    id: call.id ?? "",
    name: nameOf(call.function?.name ?? call.name),
    arguments: argumentsOf(call.function?.arguments ?? call.arguments),
    providerMetadata: isObject(call.extra_content) ? { [provider]: { extra_content: call.extra_content } } : undefined
  }))

const nameOf = (name: unknown): string => (typeof name === "string" ? name.trim() : "")

const argumentsOf = (args: unknown): string => {
  if (args == null) return ""
  return typeof args === "string" ? args : JSON.stringify(args)
}
