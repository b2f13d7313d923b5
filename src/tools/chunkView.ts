/** Shows the events of a loop as the chunks of one response. */
import { shifted } from "../domain/Source.js"
import { StreamChunk } from "../domain/StreamChunk.js"
import * as Usage from "../domain/Usage.js"
import type { ToolLoopEvent, ToolLoopResponse } from "./ToolLoopEvent.js"

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

  /** The chunks of some events. */
  readonly push = (events: Iterable<ToolLoopEvent>): ReadonlyArray<StreamChunk> => {
    const chunks: Array<StreamChunk> = []
    for (const event of events) {
      if (event.type === "chunk") this.addChunk(event.chunk, chunks)
      else if (event.type === "step-finished") this.finishStep()
      else if (event.type === "end") chunks.push(...lastChunks(event.response, this.parts))
    }
    return chunks
  }

  private addChunk(chunk: StreamChunk, to: Array<StreamChunk>): void {
    const { content, reasoning, rawChunk, part, sources } = chunk
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
        ...(sources === undefined ? {} : { sources: shifted(sources, this.start) }),
        ...(isText ? { part: { index: this.parts + part.index, type: part.type } } : {})
      })
    )
  }

  private finishStep(): void {
    this.usage = this.total()
    this.stepUsage = null
    this.parts += this.stepParts
    this.stepParts = 0
    this.start = this.length
  }

  private total(): Usage.Usage | null {
    if (this.usage === null || this.stepUsage === null) return this.usage ?? this.stepUsage
    return Usage.sum(this.usage, this.stepUsage)
  }
}

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
