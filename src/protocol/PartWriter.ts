/** Opens the parts of a message for protocols whose events do not mark them. */
import type { AssistantPart, ProviderMetadata } from "../domain/ContentPart.js"
import type { ChunkPart, FinishReason, StreamChunk, ToolCallDelta } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"

/** The parts so far. */
export interface PartState {
  readonly count: number
  /** The part that further text of its type continues; `undefined` if the next text opens a part. */
  readonly open: { readonly index: number; readonly type: ChunkPart["type"] } | undefined
}

/** No parts yet. */
export const noParts: PartState = { count: 0, open: undefined }

/**
 * Writes one event as chunks, each of which opens at most one part. Make one per event. Mutable, as it is on the hot
 * path.
 */
export class PartWriter {
  /** The chunks before the last one. */
  readonly before: Array<StreamChunk> = []
  private content = ""
  private reasoning = ""
  private toolCalls: Array<ToolCallDelta> = []
  private part: ChunkPart | undefined
  private count: number
  private open: PartState["open"]

  constructor(
    state: PartState,
    private readonly rawChunk: unknown
  ) {
    this.count = state.count
    this.open = state.open
  }

  get state(): PartState {
    return { count: this.count, open: this.open }
  }

  /** Appends text to the open part, or to a new one if another type is open. */
  addText(type: "text" | "reasoning" | "refusal", text: string): void {
    if (text === "") return
    if (this.open?.type !== type) this.openPart(type)
    if (type === "reasoning") this.reasoning += text
    else this.content += text
  }

  /** Writes a complete part with metadata. Later text is not merged with it. */
  addClosedText(type: "text" | "reasoning", text: string, providerMetadata: ProviderMetadata): void {
    this.openPart(type, providerMetadata)
    if (type === "reasoning") this.reasoning += text
    else this.content += text
    this.open = undefined
  }

  /** Adds metadata to the open part and closes it, or writes an empty part with it if another type is open. */
  close(type: "text" | "reasoning", providerMetadata: ProviderMetadata): void {
    if (this.open?.type !== type) return this.addClosedText(type, "", providerMetadata)
    const { index } = this.open
    if (this.part?.index === index) {
      this.part = { ...this.part, providerMetadata }
    } else {
      if (this.part !== undefined) this.flush()
      this.part = { index, type, providerMetadata }
    }
    this.open = undefined
  }

  /** Opens a tool call with its first delta, and returns the index of its part. */
  addCall(delta: ToolCallDelta, providerMetadata?: ProviderMetadata): number {
    const index = this.openPart("tool-call", providerMetadata)
    this.open = undefined
    this.toolCalls.push(delta)
    return index
  }

  /** Adds metadata to a part that an earlier event opened. Later text opens a part. */
  addMetadata(part: ChunkPart): void {
    this.flush()
    this.part = part
    this.open = undefined
  }

  /** Continues a tool call. */
  continueCall(delta: ToolCallDelta): void {
    this.toolCalls.push(delta)
  }

  /** Adds a part that does not stream. */
  addValue(value: Extract<AssistantPart, { readonly type: "provider" }>): void {
    this.openPart(value.type)
    if (this.part !== undefined) this.part = { ...this.part, value }
    this.open = undefined
  }

  /** Writes the last chunk of the event. */
  end(finishReason: FinishReason | null, usage: Usage | null): StreamChunk {
    const { content, reasoning, toolCalls, rawChunk, part } = this
    const chunk = { content, reasoning, toolCalls, finishReason, usage, rawChunk }
    return part === undefined ? chunk : { ...chunk, part }
  }

  private openPart(type: ChunkPart["type"], providerMetadata?: ProviderMetadata): number {
    this.flush()
    const index = this.count++
    this.open = { index, type }
    this.part = providerMetadata === undefined ? { index, type } : { index, type, providerMetadata }
    return index
  }

  private flush(): void {
    if (this.part === undefined && this.content === "" && this.reasoning === "" && this.toolCalls.length === 0) return
    this.before.push(this.end(null, null))
    this.content = ""
    this.reasoning = ""
    this.toolCalls = []
    this.part = undefined
  }
}
