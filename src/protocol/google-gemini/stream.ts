/** Reads Gemini's answers, streamed or whole, as chunks; every tolerance that Google's two hosts need is here. */
import type { FinishReason, StreamChunk, ToolCallDelta } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import type { Step } from "../Protocol.js"
import * as Call from "./calls.js"
import { reportedError } from "./errors.js"
import type { KeptPart, Position } from "./messages.js"
import type { Candidate, Event, FunctionCall, Part, Usage as WireUsage } from "./schema.js"

/** A call whose arguments still come in pieces. */
interface OpenCall {
  readonly index: number
  readonly id: string
  readonly args: unknown
  readonly pieces: Call.Pieces | undefined
}

/** What is remembered from event to event. */
export interface State {
  /** How much has been read of the message. */
  readonly read: Position
  readonly open: OpenCall | undefined
  /** The last value of each count: an event may leave out what an earlier one said. */
  readonly counts: WireUsage | undefined
}

/** Nothing read yet. */
export const initial: State = {
  read: { reasoning: 0, content: 0, toolCalls: 0 },
  open: undefined,
  counts: undefined
}

/** Turns one event into what it amounts to. */
export const step = (state: State, event: Event): Step<State> => {
  const failure = event.error == null ? undefined : reportedError(event)
  // With candidateCount > 1 the candidates interleave; the first is ours.
  const candidate = event.candidates?.find((each) => each !== null && (each.index ?? 0) === 0) ?? undefined
  const reading = new Reading(state)
  for (const part of candidate?.content?.parts ?? []) if (part !== null) reading.add(part)
  // The end of the last call's pieces may be left out.
  if (candidate?.finishReason) reading.closeCall()
  const { content, reasoning, toolCalls, kept, open } = reading
  const read = reading.position()
  const counts = countsOf(state.counts, event.usageMetadata)
  const chunk: StreamChunk = {
    content,
    reasoning,
    toolCalls,
    finishReason: finishReasonOf(event, candidate, read.toolCalls > 0),
    usage: usageOf(counts),
    rawChunk: event
  }
  return {
    state: { read, open, counts },
    chunk: kept.length === 0 ? chunk : { ...chunk, providerData: kept },
    failure,
    model: event.modelVersion ?? ""
  }
}

/** Adds up the parts of one event. */
class Reading {
  content = ""
  reasoning = ""
  readonly toolCalls: Array<ToolCallDelta> = []
  readonly kept: Array<KeptPart> = []
  open: OpenCall | undefined
  private calls: number

  constructor(private readonly state: State) {
    this.open = state.open
    this.calls = state.read.toolCalls
  }

  position(): Position {
    const { reasoning, content } = this.state.read
    return {
      reasoning: reasoning + this.reasoning.length,
      content: content + this.content.length,
      toolCalls: this.calls
    }
  }

  add(part: Part): void {
    if (part.functionCall != null) this.addCall(part.functionCall, part.thoughtSignature ?? "")
    else if (part.text != null) this.addText(part.text, part)
    else if (isOther(part)) this.kept.push({ kind: "other", at: this.position(), part })
    else this.addText("", part)
  }

  /** Ends the call whose arguments came in pieces. */
  closeCall(): void {
    if (this.open === undefined) return
    const { index, args, pieces } = this.open
    this.toolCalls.push({ index, arguments: pieces === undefined ? Call.toText(args) : Call.assemble(pieces) })
    this.open = undefined
  }

  private addText(text: string, part: Part): void {
    const signature = part.thoughtSignature
    const kind = part.thought === true ? "thought" : "text"
    if (signature) this.kept.push({ kind, at: this.position(), length: text.length, signature })
    if (kind === "thought") this.reasoning += text
    else this.content += text
  }

  private addCall(call: FunctionCall, signature: string): void {
    const continues = this.open !== undefined && (!call.name || (Boolean(call.id) && call.id === this.open.id))
    if (!continues) {
      // What ends the pieces of a call that has ended already.
      if (!call.name && call.args == null && call.partialArgs == null) return
      this.closeCall()
      this.beginCall(call, signature)
    }
    if (this.open === undefined) return
    let pieces = this.open.pieces
    for (const piece of call.partialArgs ?? []) pieces = { piece, before: pieces }
    this.open = { ...this.open, args: call.args ?? this.open.args, pieces }
    if (call.willContinue !== true) this.closeCall()
  }

  private beginCall(call: FunctionCall, signature: string): void {
    if (signature !== "") this.kept.push({ kind: "call", at: this.position(), signature })
    const index = this.calls++
    const id = call.id || Call.makeId(index)
    const isWhole = call.willContinue !== true && call.partialArgs == null
    this.toolCalls.push({ index, id, name: call.name ?? "", arguments: isWhole ? Call.toText(call.args) : "" })
    if (!isWhole) this.open = { index, id, args: call.args, pieces: undefined }
  }
}

const known: ReadonlySet<string> = new Set(["text", "thought", "thoughtSignature", "functionCall"])

/** Says whether a part is of a kind that no chunk shows. */
const isOther = (part: Part): boolean => Object.entries(part).some(([key, value]) => value != null && !known.has(key))

/** https://ai.google.dev/api/generate-content#FinishReason */
const finishReasons: { readonly [reason: string]: FinishReason | null } = {
  // The value of an enum that nobody set: the model has not stopped.
  FINISH_REASON_UNSPECIFIED: null,
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  LANGUAGE: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
  MODEL_ARMOR: "content_filter",
  IMAGE_SAFETY: "content_filter",
  IMAGE_PROHIBITED_CONTENT: "content_filter",
  IMAGE_RECITATION: "content_filter"
}

const finishReasonOf = (event: Event, candidate: Candidate | undefined, hasCalls: boolean): FinishReason | null => {
  const said = candidate?.finishReason
  if (!said) return isBlocked(event) ? "content_filter" : null
  const reason = Object.hasOwn(finishReasons, said) ? finishReasons[said] : undefined
  if (reason === "stop" && hasCalls) return "tool_calls"
  return reason === undefined ? "other" : reason
}

/** A prompt that was refused has no candidates: https://ai.google.dev/api/generate-content#BlockReason */
const isBlocked = (event: Event): boolean => {
  const reason = event.promptFeedback?.blockReason
  return Boolean(reason) && !/^BLOCK(?:ED)?_REASON_UNSPECIFIED$/.test(reason ?? "")
}

const countsOf = (counts: State["counts"], said: WireUsage | null | undefined): State["counts"] => {
  if (said == null) return counts
  const merged: WireUsage = {
    promptTokenCount: said.promptTokenCount ?? counts?.promptTokenCount,
    toolUsePromptTokenCount: said.toolUsePromptTokenCount ?? counts?.toolUsePromptTokenCount,
    cachedContentTokenCount: said.cachedContentTokenCount ?? counts?.cachedContentTokenCount,
    candidatesTokenCount: said.candidatesTokenCount ?? counts?.candidatesTokenCount,
    thoughtsTokenCount: said.thoughtsTokenCount ?? counts?.thoughtsTokenCount
  }
  // Vertex says on every event under which tariff it runs, but counts only on the last.
  return saysNothing(merged) ? counts : merged
}

// Written out, as it is asked at every event.
const saysNothing = (counts: WireUsage): boolean =>
  counts.promptTokenCount == null &&
  counts.toolUsePromptTokenCount == null &&
  counts.cachedContentTokenCount == null &&
  counts.candidatesTokenCount == null &&
  counts.thoughtsTokenCount == null

/** Gemini counts thoughts beside the candidates, and what its own tools read beside the prompt. */
const usageOf = (counts: State["counts"]): Usage.Usage | null => {
  if (counts === undefined) return null
  return Usage.make({
    inputTokens: (counts.promptTokenCount ?? 0) + (counts.toolUsePromptTokenCount ?? 0),
    outputTokens: (counts.candidatesTokenCount ?? 0) + (counts.thoughtsTokenCount ?? 0),
    cacheReadTokens: counts.cachedContentTokenCount,
    reasoningTokens: counts.thoughtsTokenCount
  })
}
