/** Reads Gemini's answers, streamed or whole, as chunks; every tolerance that Google's two hosts need is here. */
import type { FinishReason } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import { noParts, type PartState, PartWriter } from "../PartWriter.js"
import type { Step } from "../Protocol.js"
import * as Call from "./calls.js"
import { reportedError } from "./errors.js"
import type { Candidate, Event, FunctionCall, Part, Usage as WireUsage } from "./schema.js"

/** A call whose arguments still arrive in pieces. */
interface OpenCall {
  readonly index: number
  readonly id: string
  readonly args: unknown
  readonly pieces: Call.Pieces | undefined
}

/** What is remembered from event to event. */
export interface State {
  readonly parts: PartState
  /** The tool calls so far. */
  readonly calls: number
  readonly open: OpenCall | undefined
  /** The last value of each count: an event may leave out what an earlier one reported. */
  readonly counts: WireUsage | undefined
  /** The name under which signatures stand in `providerMetadata`. */
  readonly provider: string
}

/** Nothing read yet. */
export const initialOf = (provider: string): State => ({
  parts: noParts,
  calls: 0,
  open: undefined,
  counts: undefined,
  provider
})

/** Turns one event into what it amounts to. */
export const step = (state: State, event: Event): Step<State> => {
  const failure = event.error == null ? undefined : reportedError(event)
  // With candidateCount > 1 the candidates interleave; only the first is read.
  const candidate = event.candidates?.find((each) => each !== null && (each.index ?? 0) === 0) ?? undefined
  const reading = new Reading(state, event)
  for (const part of candidate?.content?.parts ?? []) if (part !== null) reading.add(part)
  // The end of the last call's pieces may be left out.
  if (candidate?.finishReason) reading.closeCall()
  const { writer, open, calls } = reading
  const counts = countsOf(state.counts, event.usageMetadata)
  const chunk = writer.end(finishReasonOf(event, candidate, calls > 0), usageOf(counts))
  return {
    state: { parts: writer.state, calls, open, counts, provider: state.provider },
    before: writer.before,
    chunk,
    failure,
    model: event.modelVersion ?? ""
  }
}

/** Reads the parts of one event. */
class Reading {
  readonly writer: PartWriter
  open: OpenCall | undefined
  calls: number
  private readonly provider: string

  constructor(state: State, event: Event) {
    this.writer = new PartWriter(state.parts, event)
    this.open = state.open
    this.calls = state.calls
    this.provider = state.provider
  }

  add(part: Part): void {
    if (part.functionCall != null) this.addCall(part.functionCall, part.thoughtSignature ?? "")
    else if (part.text != null) this.addText(part.text, part)
    else if (isOther(part)) this.writer.addValue({ type: "provider", provider: this.provider, data: part })
    else this.addText("", part)
  }

  /** Ends the call whose arguments came in pieces. */
  closeCall(): void {
    if (this.open === undefined) return
    const { index, args, pieces } = this.open
    this.writer.continueCall({
      index,
      arguments: pieces === undefined ? Call.toText(args) : Call.assemble(pieces)
    })
    this.open = undefined
  }

  /**
   * A signature belongs to one part, which is merged with no other: https://ai.google.dev/gemini-api/docs/thought-signatures.
   * A stream that ends with an empty signed part signs the text before it, as the non-streaming answer shows.
   */
  private addText(text: string, part: Part): void {
    const signature = part.thoughtSignature
    const type = part.thought === true ? "reasoning" : "text"
    if (!signature) this.writer.addText(type, text)
    else if (text === "") this.writer.close(type, this.signed(signature))
    else this.writer.addClosedText(type, text, this.signed(signature))
  }

  private signed(thoughtSignature: string) {
    return { [this.provider]: { thoughtSignature } }
  }

  private addCall(call: FunctionCall, signature: string): void {
    const continues = this.open !== undefined && (!call.name || (Boolean(call.id) && call.id === this.open.id))
    if (!continues) {
      // The end of the pieces of a call that has already ended.
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
    const index = this.calls++
    const id = call.id || Call.makeId(index)
    const isComplete = call.willContinue !== true && call.partialArgs == null
    this.writer.addCall(
      { index, id, name: call.name ?? "", arguments: isComplete ? Call.toText(call.args) : "" },
      signature === "" ? undefined : this.signed(signature)
    )
    if (!isComplete) this.open = { index, id, args: call.args, pieces: undefined }
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
