/** Decodes Gemini's responses, streaming or not, into chunks, with tolerance for the deviations of its two hosts. */
import type { FinishReason } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import type { ReportedError } from "../../http/errors/classification.js"
import { CallIds } from "../CallIds.js"
import { failureOfWord, readFinishReason } from "../finishReasons.js"
import { Generation } from "../Generation.js"
import { noParts, type PartState, PartWriter } from "../PartWriter.js"
import type { Step } from "../Protocol.js"
import { addPiece, joinPieces, type Pieces } from "./callPieces.js"
import { reportedError } from "./errors.js"
import { citationsOf } from "./grounding.js"
import type { Candidate, Event, FunctionCall, Part, Usage as WireUsage } from "./schema.js"

/** A tool call whose arguments still arrive in pieces. */
interface OpenCall {
  readonly index: number
  readonly id: string
  readonly args: unknown
  readonly pieces: Pieces | undefined
}

/** The state between events. */
export interface State {
  readonly parts: PartState
  /** How many tool calls there are so far. */
  readonly calls: number
  readonly open: OpenCall | undefined
  /** The ids of the calls; mutable. */
  readonly ids: CallIds
  /** The arguments of the whole calls by id and name; mutable. */
  readonly whole: Map<string, string>
  /** The last value of each count: an event may omit counts that an earlier one reported. */
  readonly counts: WireUsage | undefined
  /** The key of signatures in `providerMetadata`. */
  readonly provider: string
  /** The generation, by its id; mutable. */
  readonly generation: Generation
}

/** The state before the first event. */
export const initialState = (provider: string): State => ({
  parts: noParts,
  calls: 0,
  open: undefined,
  ids: new CallIds(),
  whole: new Map(),
  counts: undefined,
  provider,
  generation: new Generation()
})

/** Decodes one event. */
export const step = (state: State, event: Event): Step<State> => {
  // Every event has the id, and none begins the response. A gateway that gives each its own id says nothing by it.
  const sign = { id: event.responseId, isStart: true, hasOutput: state.parts.count > 0 }
  if (state.generation.isOther(sign, 2)) return { state, isSpliced: true }
  // With candidateCount > 1 the candidates interleave. Only the first is read.
  const candidate = event.candidates?.find((each) => each !== null && (each.index ?? 0) === 0) ?? undefined
  const failure = failureOf(event, candidate)
  const decoder = new EventDecoder(state, event)
  for (const part of candidate?.content?.parts ?? []) if (part !== null) decoder.add(part)
  // The stream may omit the end of the last call's pieces.
  if (candidate?.finishReason) decoder.closeCall()
  const { writer, open, calls } = decoder
  const counts = countsOf(state.counts, event.usageMetadata)
  const chunk = writer.end(finishReasonOf(event, candidate, calls > 0), usageOf(counts))
  return {
    state: { ...state, parts: writer.state, calls, open, counts },
    before: writer.before,
    chunk,
    ...(candidate?.groundingMetadata == null ? {} : { citations: citationsOf(candidate.groundingMetadata) }),
    failure,
    malformed: decoder.malformed,
    model: event.modelVersion ?? ""
  }
}

const failureOf = (event: Event, candidate: Candidate | undefined): ReportedError | undefined => {
  if (event.error != null) return reportedError(event)
  const word = candidate?.finishReason
  return word && readFinishReason(word) === "failure" ? failureOfWord(word) : undefined
}

// Without a spread, which takes longer.
const withCounts = (
  { parts, calls, open, ids, whole, provider, generation }: State,
  counts: State["counts"]
): State => ({
  parts,
  calls,
  open,
  ids,
  whole,
  counts,
  provider,
  generation
})

/** The state after an event that reports counts. */
export const addCounts = (state: State, reported: WireUsage | null | undefined): State => {
  const counts = countsOf(state.counts, reported)
  return counts === state.counts ? state : withCounts(state, counts)
}

/** Decodes the parts of one event. Mutable, as it runs on the hot path. */
class EventDecoder {
  readonly writer: PartWriter
  open: OpenCall | undefined
  calls: number
  /** The path of a field that is wrong. */
  malformed: string | undefined
  private readonly provider: string
  private readonly ids: CallIds
  private readonly whole: State["whole"]

  constructor(state: State, event: Event) {
    this.ids = state.ids
    this.whole = state.whole
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

  /** Ends the call whose arguments arrive in pieces. */
  closeCall(): void {
    if (this.open === undefined) return
    const { index, args, pieces } = this.open
    this.writer.continueCall({
      index,
      arguments: pieces === undefined ? argumentsText(args) : joinPieces(pieces)
    })
    this.open = undefined
  }

  /**
   * A signature belongs to one part, which is not merged with others: https://ai.google.dev/gemini-api/docs/thought-signatures.
   * An empty signed part at the end of a stream signs the text before it, as the non-streaming response shows.
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
      // The end of a call that has already ended.
      if (!call.name && call.args == null && call.partialArgs == null) return
      this.closeCall()
      this.beginCall(call, signature)
    }
    if (this.open === undefined) return
    let pieces = this.open.pieces
    for (const piece of call.partialArgs ?? []) {
      const added = addPiece(pieces, piece)
      if (added === undefined) this.malformed = "functionCall.partialArgs.jsonPath"
      else pieces = added
    }
    this.open = { ...this.open, args: call.args ?? this.open.args, pieces }
    if (call.willContinue !== true) this.closeCall()
  }

  /** A whole call that arrived before: some gateways repeat all calls in the last event. */
  private isRepeated(call: FunctionCall): boolean {
    if (!call.id || call.willContinue === true || call.partialArgs != null) return false
    const key = `${call.id} ${call.name}`
    const text = argumentsText(call.args)
    if (this.whole.get(key) === text) return true
    this.whole.set(key, text)
    return false
  }

  private beginCall(call: FunctionCall, signature: string): void {
    if (this.isRepeated(call)) return
    const index = this.calls++
    const id = this.ids.take(call.id ?? "", index)
    const isComplete = call.willContinue !== true && call.partialArgs == null
    this.writer.addCall(
      { index, id, name: call.name ?? "", arguments: isComplete ? argumentsText(call.args) : "" },
      signature === "" ? undefined : this.signed(signature)
    )
    if (!isComplete) this.open = { index, id, args: call.args, pieces: undefined }
  }
}

const decodedFields: ReadonlySet<string> = new Set(["text", "thought", "thoughtSignature", "functionCall"])

/** Checks whether a part has a type that is not decoded. */
const isOther = (part: Part): boolean =>
  Object.entries(part).some(([key, value]) => value != null && !decodedFields.has(key))

/** Checks whether an id was generated here (`CallIds`). Gemini does not know it. */
export const isGeneratedId = (id: string): boolean => /^call_\d+$/.test(id)

/** Returns complete arguments as JSON text. */
const argumentsText = (args: unknown): string => (typeof args === "string" ? args : JSON.stringify(args ?? {}))

const finishReasonOf = (event: Event, candidate: Candidate | undefined, hasCalls: boolean): FinishReason | null => {
  const wireReason = candidate?.finishReason
  if (!wireReason) return isBlocked(event) ? "content_filter" : null
  const reason = readFinishReason(wireReason)
  if (reason === "failure" || reason === "none") return null
  return reason === "stop" && hasCalls ? "tool_calls" : reason
}

/** A blocked prompt has no candidates: https://ai.google.dev/api/generate-content#BlockReason */
const isBlocked = (event: Event): boolean => {
  const reason = event.promptFeedback?.blockReason
  return Boolean(reason) && !/^BLOCK(?:ED)?_REASON_UNSPECIFIED$/.test(reason ?? "")
}

const countsOf = (counts: State["counts"], reported: WireUsage | null | undefined): State["counts"] => {
  if (reported == null) return counts
  const merged: WireUsage = {
    promptTokenCount: Usage.countOf(reported.promptTokenCount) ?? counts?.promptTokenCount,
    toolUsePromptTokenCount: Usage.countOf(reported.toolUsePromptTokenCount) ?? counts?.toolUsePromptTokenCount,
    cachedContentTokenCount: Usage.countOf(reported.cachedContentTokenCount) ?? counts?.cachedContentTokenCount,
    candidatesTokenCount: Usage.countOf(reported.candidatesTokenCount) ?? counts?.candidatesTokenCount,
    thoughtsTokenCount: Usage.countOf(reported.thoughtsTokenCount) ?? counts?.thoughtsTokenCount
  }
  // Vertex sends usage with only its traffic type on every event, and counts on the last.
  return hasNoCounts(merged) ? counts : merged
}

// Without a loop, as it runs for every event.
const hasNoCounts = (counts: WireUsage): boolean =>
  counts.promptTokenCount == null &&
  counts.toolUsePromptTokenCount == null &&
  counts.cachedContentTokenCount == null &&
  counts.candidatesTokenCount == null &&
  counts.thoughtsTokenCount == null

/** Gemini excludes reasoning from the candidates' tokens, and the input of server-side tools from the prompt's. */
export const usageOf = (counts: State["counts"]): Usage.Usage | null => {
  if (counts === undefined) return null
  return Usage.read({
    inputTokens: (counts.promptTokenCount ?? 0) + (counts.toolUsePromptTokenCount ?? 0),
    outputTokens: (counts.candidatesTokenCount ?? 0) + (counts.thoughtsTokenCount ?? 0),
    cacheReadTokens: counts.cachedContentTokenCount,
    reasoningTokens: counts.thoughtsTokenCount
  })
}
