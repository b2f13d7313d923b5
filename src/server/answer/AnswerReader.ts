/** Reads the chunks of a response, or the events of a tool loop, as the events of an answer. */
import { ChatFold } from "../../domain/ChatResponse.js"
import type { FilePart, ImagePart } from "../../domain/ContentPart.js"
import { Rounds } from "../../domain/Rounds.js"
import type { ChunkPart, FinishReason, StreamChunk, ToolCallDelta } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"
import { sendableMessage, withoutCalls } from "../../tools/sendableMessage.js"
import type { LoopEnded, ToolLoopEvent } from "../../tools/ToolLoopEvent.js"
import { denialError, failureContent } from "../../tools/ToolResult.js"
import type { AnswerElement, AnswerEnded, AnswerEvent, TextKind } from "./AnswerEvent.js"

/** The finish of a response. */
interface Finish extends Pick<AnswerEnded, "finishReason" | "origin" | "cost"> {}

/** A mutable class, because it runs for every chunk. */
export class AnswerReader {
  private readonly rounds = new Rounds()
  private step = -1
  private usage: Usage | null = null
  private finish: Finish | undefined
  private calls: ReadonlyArray<string> = []
  private loopEnd: LoopEnded | undefined
  private isLoop = false
  private response = new ResponseReader()

  /** The events of some elements. */
  push(elements: ReadonlyArray<AnswerElement>): ReadonlyArray<AnswerEvent> {
    const events: Array<AnswerEvent> = []
    for (const element of elements) {
      // A run of a response is read as chunk events, without an end event.
      this.isLoop ||= "type" in element && element.type !== "chunk"
      if (!("type" in element)) this.addChunk(element, events)
      else if (element.type === "chunk") this.addChunk(element.chunk, events)
      else if (element.type === "end") this.loopEnd = element
      else events.push(...settled(element))
    }
    return events
  }

  /** The end of the answer; `undefined` if it is incomplete. */
  end(): AnswerEnded | undefined {
    if (this.finish === undefined || (this.isLoop && this.loopEnd === undefined)) return undefined
    const { pendingApprovals = [], pendingCalls } = this.loopEnd?.response ?? {}
    return {
      type: "end",
      ...this.finish,
      usage: this.usage,
      approvals: pendingApprovals,
      pendingCalls: pendingCalls?.map(({ toolCallId }) => toolCallId) ?? this.calls
    }
  }

  private addChunk(chunk: StreamChunk, events: Array<AnswerEvent>): void {
    if (this.step < 0 || this.rounds.begins(chunk)) {
      this.step += 1
      this.finish = undefined
      this.response = new ResponseReader()
      events.push({ type: "response-begin", step: this.step })
    } else if (chunk.reset === true) {
      this.response = new ResponseReader()
      events.push({ type: "reset" })
    }
    const { usage, cost, origin, finishReason } = this.rounds.add(chunk)
    this.usage = usage ?? this.usage
    this.response.add(chunk, events)
    if (finishReason === null) return
    this.finish = { finishReason, origin, cost }
    this.calls = this.response.end(finishReason, events)
  }
}

/** Reads one response. */
class ResponseReader {
  private readonly fold = new ChatFold()
  private readonly ids = new Map<number, string>()
  private open: TextKind | undefined
  private lastPart = -1
  private isReordered = false

  add(chunk: StreamChunk, events: Array<AnswerEvent>): void {
    this.fold.add(chunk)
    if (chunk.part !== undefined) this.takePart(chunk.part, events)
    if (chunk.reasoning !== "") this.addText("reasoning", chunk.reasoning, events)
    if (chunk.content !== "") this.addText("text", chunk.content, events)
    for (const delta of chunk.toolCalls) this.addCall(delta, events)
    if (chunk.sources !== undefined) events.push({ type: "sources", sources: chunk.sources })
  }

  /** Ends the response and gives the ids of its calls. */
  end(finishReason: FinishReason, events: Array<AnswerEvent>): ReadonlyArray<string> {
    const { message, toolCalls } = this.fold.partial()
    const isCutOff = finishReason === "length" || finishReason === "content_filter"
    events.push({
      type: "response-end",
      message: isCutOff || toolCalls.length === 0 ? withoutCalls(message) : sendableMessage(message),
      calls: toolCalls,
      isCutOff,
      isReordered: this.isReordered
    })
    return isCutOff ? [] : toolCalls.map(({ id }) => id)
  }

  private takePart({ index, value }: ChunkPart, events: Array<AnswerEvent>): void {
    if (index < this.lastPart) this.isReordered = true
    // Metadata of the open part does not end it.
    if (index !== this.lastPart) this.open = undefined
    this.lastPart = Math.max(this.lastPart, index)
    if (value !== undefined && value.type !== "provider") events.push(fileOf(value))
  }

  private addText(kind: TextKind, text: string, events: Array<AnswerEvent>): void {
    events.push({ type: "text", kind, text, begins: this.open !== kind })
    this.open = kind
  }

  private addCall({ index, id = "", name = "", arguments: text }: ToolCallDelta, events: Array<AnswerEvent>): void {
    const known = this.ids.get(index)
    if (known === undefined) {
      this.ids.set(index, id)
      this.open = undefined
      events.push({ type: "call-begin", id, name })
    }
    if (text !== "") events.push({ type: "call-text", id: known ?? id, text })
  }
}

const fileOf = ({ url, data = "", mediaType = "" }: ImagePart | FilePart): AnswerEvent => ({
  type: "file",
  url: url ?? `data:${mediaType};base64,${data}`,
  mediaType: mediaType === "" ? "image/*" : mediaType
})

/** What a front end shows of the events of tools. */
const settled = (event: Exclude<ToolLoopEvent, { type: "chunk" | "end" }>): ReadonlyArray<AnswerEvent> => {
  switch (event.type) {
    case "tool-progressed":
      return [{ type: "progress", call: event.call, progress: event.progress }]
    case "tool-finished":
      return [{ type: "result", call: event.call, content: event.content }]
    case "tool-failed":
      return [{ type: "result", call: event.call, content: failureContent(event.error), error: event.error }]
    case "tool-denied":
      return [deniedOf(event)]
    default:
      return []
  }
}

const deniedOf = ({ call, reason }: Extract<ToolLoopEvent, { type: "tool-denied" }>): AnswerEvent => {
  const error = denialError(reason)
  return { type: "result", call, content: failureContent(error), error, isDenied: true }
}
