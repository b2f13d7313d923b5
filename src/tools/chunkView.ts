/** Shows the events of a loop as the chunks of one response. */
import {
  type AssistantPart,
  partsOf,
  type ReasoningPart,
  type RefusalPart,
  type TextPart
} from "../domain/ContentPart.js"
import { type Source, shifted } from "../domain/Source.js"
import { StreamChunk } from "../domain/StreamChunk.js"
import * as Usage from "../domain/Usage.js"
import type { StepFinished, ToolLoopEvent, ToolLoopResponse } from "./ToolLoopEvent.js"

/**
 * Turns events into chunks. A mutable class, as it counts what earlier steps had. The metadata of parts is left out: the
 * parts of several steps make one message for display, while the conversation to continue from is in the end event.
 */
export class ChunkView {
  private usage: Usage.Usage | null = null
  private stepUsage: Usage.Usage | null = null
  private parts = 0
  private stepParts = 0
  /** The length of the text, and where that of the current step begins in it. */
  private length = 0
  private start = 0
  /** The steps that have ended, which a step that starts again must not take back. */
  private readonly steps: Array<StepFinished> = []
  private sources: ReadonlyArray<Source> = []
  private stepSources: ReadonlyArray<Source> = []

  /** The chunks of some events. */
  readonly push = (events: Iterable<ToolLoopEvent>): ReadonlyArray<StreamChunk> => {
    const chunks: Array<StreamChunk> = []
    for (const event of events) {
      if (event.type === "chunk") this.addChunk(event.chunk, chunks)
      else if (event.type === "step-finished") this.finishStep(event)
      else if (event.type === "end") chunks.push(...lastChunks(event.response, this.parts))
    }
    return chunks
  }

  private addChunk(chunk: StreamChunk, to: Array<StreamChunk>): void {
    if (chunk.reset === true) this.restartStep(to)
    const { content, reasoning, rawChunk, part } = chunk
    const sources = chunk.sources && shifted(chunk.sources, this.start)
    if (sources !== undefined) this.stepSources = this.stepSources.concat(sources)
    this.length += content.length
    if (part !== undefined) this.stepParts = Math.max(this.stepParts, part.index + 1)
    this.stepUsage = chunk.usage ?? this.stepUsage
    const isText = part?.type === "text" || part?.type === "reasoning" || part?.type === "refusal"
    if (content === "" && reasoning === "" && !isText && chunk.usage === null && sources === undefined) return
    to.push(
      StreamChunk.make({
        content,
        reasoning,
        usage: chunk.usage === null ? null : this.total(),
        rawChunk,
        ...(sources === undefined ? {} : { sources }),
        ...(isText ? { part: { index: this.parts + part.index, type: part.type } } : {})
      })
    )
  }

  private finishStep(step: StepFinished): void {
    this.steps.push(step)
    this.sources = this.sources.concat(this.stepSources)
    this.stepSources = []
    this.usage = this.total()
    this.stepUsage = null
    this.parts += this.stepParts
    this.stepParts = 0
    this.start = this.length
  }

  /** A reset takes back everything, so the earlier steps are shown again. */
  private restartStep(to: Array<StreamChunk>): void {
    this.length = this.start
    this.stepParts = 0
    this.stepUsage = null
    this.stepSources = []
    const texts = this.steps.flatMap(textsOf).map((part, index) => chunkOf(part, index))
    this.parts = Math.max(this.parts, texts.length)
    const sources = this.sources.length === 0 ? [] : [StreamChunk.make({ sources: this.sources })]
    to.push(StreamChunk.make({ reset: true }), ...texts, ...sources)
  }

  private total(): Usage.Usage | null {
    if (this.usage === null || this.stepUsage === null) return this.usage ?? this.stepUsage
    return Usage.sum(this.usage, this.stepUsage)
  }
}

type ShownPart = TextPart | ReasoningPart | RefusalPart

/** The texts that a step has shown. */
const textsOf = ({ messages }: StepFinished): ReadonlyArray<ShownPart> =>
  messages
    .flatMap((message) => (message.role === "assistant" ? partsOf<AssistantPart>(message.content) : []))
    .filter((part) => "text" in part)

const chunkOf = ({ type, text }: ShownPart, index: number): StreamChunk =>
  StreamChunk.make({ ...(type === "reasoning" ? { reasoning: text } : { content: text }), part: { index, type } })

/** The calls that are left to the caller, and the finish of the whole loop. */
const lastChunks = (response: ToolLoopResponse, parts: number): ReadonlyArray<StreamChunk> => {
  const { finishReason, usage, cost, provider, model, requestedModel, rawResponse, paused } = response
  const pending = [...response.pendingApprovals.map(({ call }) => call), ...response.pendingCalls]
  const calls = pending.map(({ toolCallId, name, arguments: args }, index) =>
    StreamChunk.make({
      toolCalls: [{ index, id: toolCallId, name, arguments: typeof args === "string" ? args : JSON.stringify(args) }],
      part: { index: parts + index, type: "tool-call" }
    })
  )
  const origin = { provider, model, ...(requestedModel === undefined ? {} : { requestedModel }) }
  const finish = {
    ...{ finishReason, usage, origin, rawChunk: rawResponse },
    ...(cost === null ? {} : { cost }),
    ...(paused === true ? { paused } : {})
  }
  return [...calls, StreamChunk.make(finish)]
}
