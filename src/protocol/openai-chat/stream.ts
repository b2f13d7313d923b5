/** Decodes chat completions, streaming or not, into chunks, with tolerance for every vendor's deviations. */
import type { FinishReason, StreamChunk, ToolCallDelta } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import type { ReportedError } from "../../http/errorClassification.js"
import { isObject } from "../../http/Json.js"
import { readFinishReason } from "../finishReasons.js"
import { reportedError } from "../openAIErrors.js"
import { noParts, type PartState, PartWriter } from "../PartWriter.js"
import type { Step } from "../Protocol.js"
import { addDetails, type Details, detailsIn } from "./reasoningDetails.js"
import type { Choice, Event, Message, ToolCall, Usage as WireUsage } from "./schema.js"

/** The state between events. */
export interface State {
  /** The tool calls so far, each with its index and id on the wire. */
  readonly calls: ReadonlyArray<{ readonly index: number | undefined; readonly id: string }>
  /** Whether the model refused: its finish reason is `stop` even then. */
  readonly isRefused: boolean
  /** The details of the reasoning that no chunk carries yet. */
  readonly details: Details
  readonly parts: PartState
  /** The key of the details in `providerMetadata`. */
  readonly provider: string
}

/** The state before the first event. */
export const initialState = (provider: string): State => ({
  calls: [],
  isRefused: false,
  details: [],
  parts: noParts,
  provider
})

/** Decodes one event. */
export const step = (state: State, event: Event): Step<State> => {
  // With n > 1 the choices interleave. Only the first is read.
  const choice = event.choices?.find((each) => (each.index ?? 0) === 0)
  const failure = failureOf(event, choice)
  const message = choice?.delta ?? choice?.message ?? undefined
  const refusal = message?.refusal ?? ""
  const isRefused = state.isRefused || refusal !== ""
  const [calls, toolCalls] = readToolCalls(state.calls, message?.tool_calls ?? [])
  const details = message?.reasoning_details == null ? state.details : addDetails(state.details, detailsIn(message))
  const content = contentOf(message)
  const reasoning = reasoningOf(message)
  const finishReason = finishReasonOf(choice, isRefused)
  const usage = usageOf(event.usage ?? event.x_groq?.usage ?? choice?.usage)
  const model = event.model ?? ""
  const { open } = state.parts
  // Nearly all events only continue the open part. They reuse the state and allocate only their chunk.
  const continues =
    refusal === "" &&
    toolCalls.length === 0 &&
    details.length === 0 &&
    (content === "" || open?.type === "text") &&
    (reasoning === "" || open?.type === "reasoning")
  if (continues) {
    const chunk: StreamChunk = { content, reasoning, toolCalls, finishReason, usage, rawChunk: event }
    return { state, chunk, failure, model }
  }
  const carries =
    details.length > 0 && (content !== "" || refusal !== "" || toolCalls.length > 0 || finishReason !== null)
  const output = { reasoning, content, refusal, toolCalls, details: carries ? details : [] }
  const writer = write(state, event, output)
  const chunk = writer.end(finishReason, usage)
  const next = { calls, isRefused, details: carries ? [] : details, parts: writer.state, provider: state.provider }
  return { state: next, before: writer.before, chunk, failure, model }
}

/** The output of one event. */
interface Output extends Pick<StreamChunk, "content" | "reasoning" | "toolCalls"> {
  readonly refusal: string
  /** The details of the reasoning that ends here. */
  readonly details: Details
}

const write = (state: State, event: Event, output: Output): PartWriter => {
  const { reasoning, content, refusal, toolCalls, details } = output
  const writer = new PartWriter(state.parts, event)
  writer.addText("reasoning", reasoning)
  if (details.length > 0) writer.close("reasoning", { [state.provider]: { reasoning_details: details } })
  writer.addText("text", content)
  writer.addText("refusal", refusal)
  let count = state.calls.length
  for (const delta of toolCalls) {
    if (delta.index < count) writer.continueCall(delta)
    else {
      writer.addCall(delta)
      count++
    }
  }
  return writer
}

const contentOf = (message: Message | undefined): string => {
  const content = message?.content
  if (content == null) return ""
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("")
}

const reasoningOf = (message: Message | undefined): string => {
  if (message === undefined) return ""
  // OpenRouter and others send the same text under both names.
  const named = message.reasoning_content || message.reasoning
  if (named) return named
  return Array.isArray(message.content) ? message.content.map((part) => thinkingOf(part.thinking)).join("") : ""
}

/** Mistral's reasoning: a string, or a list of texts. */
const thinkingOf = (thinking: unknown): string => {
  if (typeof thinking === "string") return thinking
  if (!Array.isArray(thinking)) return ""
  return thinking.map((part: unknown) => String((isObject(part) ? part["text"] : undefined) ?? "")).join("")
}

const finishReasonOf = (choice: Choice | undefined, isRefused: boolean): FinishReason | null => {
  // Some servers send "" instead of null.
  if (!choice?.finish_reason) return null
  const reason = readFinishReason(choice.finish_reason)
  if (reason === "failure") return null
  return isRefused && reason === "stop" ? "content_filter" : reason
}

/** The error that an event reports: its own, that of its choice, MiniMax's, Groq's, or a finish reason that says so. */
const failureOf = (event: Event, choice: Choice | undefined): ReportedError | undefined => {
  if (event.error != null || event.object === "error") return reportedError(event)
  if (choice?.error != null) return reportedError({ error: choice.error })
  const groq = event.x_groq?.error
  if (groq != null) return reportedError({ error: groq })
  const { status_code, status_msg } = event.base_resp ?? {}
  if (status_code) return { message: status_msg ?? "", codes: [String(status_code)] }
  if (choice?.finish_reason && readFinishReason(choice.finish_reason) === "failure") {
    return { message: `the response ended with the finish reason ${choice.finish_reason}`, codes: ["server_error"] }
  }
  // DashScope sends its errors flat, as events without choices.
  return event.choices == null && event.message != null ? reportedError(event) : undefined
}

const usageOf = (usage: WireUsage | null | undefined): Usage.Usage | null => {
  // Some servers send `{}` before they know the counts.
  if (usage?.prompt_tokens == null && usage?.completion_tokens == null) return null
  const inputTokens = usage.prompt_tokens ?? 0
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens ?? 0
  const outputTokens = usage.completion_tokens ?? 0
  // xAI excludes reasoning from the completion tokens, which only its total shows.
  const isExcluded = reasoningTokens > 0 && usage.total_tokens === inputTokens + outputTokens + reasoningTokens
  return Usage.make({
    inputTokens,
    outputTokens: isExcluded ? outputTokens + reasoningTokens : outputTokens,
    cacheReadTokens: usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens,
    cacheWriteTokens: usage.prompt_tokens_details?.cache_write_tokens,
    reasoningTokens
  })
}

const readToolCalls = (
  known: State["calls"],
  deltas: ReadonlyArray<ToolCall>
): readonly [State["calls"], ReadonlyArray<ToolCallDelta>] => {
  if (deltas.length === 0) return [known, []]
  let calls = known
  const read = deltas.map((delta): ToolCallDelta => {
    const at = positionOf(calls, delta)
    const args = argumentsOf(delta.function?.arguments)
    const name = delta.function?.name
    if (at < calls.length) return { index: at, arguments: args }
    const id = delta.id || `call_${at}`
    calls = [...calls, { index: delta.index ?? undefined, id }]
    return { index: at, id, ...(name == null ? {} : { name }), arguments: args }
  })
  return [calls, read]
}

/**
 * Finds the call that a delta continues, or the position of the next call. Mistral leaves the index out, and others
 * number every call 0: there, a name with another id begins a new call.
 */
const positionOf = (calls: State["calls"], delta: ToolCall): number => {
  const at = delta.index == null ? calls.length - 1 : calls.findLastIndex((call) => call.index === delta.index)
  const begins = Boolean(delta.id) && Boolean(delta.function?.name) && calls[at]?.id !== delta.id
  return at === -1 || begins ? calls.length : at
}

const argumentsOf = (args: unknown): string => {
  if (args == null) return ""
  return typeof args === "string" ? args : JSON.stringify(args)
}
