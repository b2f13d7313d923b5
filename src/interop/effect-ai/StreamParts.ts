/** Converts the chunks of a response to stream parts of @effect/ai, and joins deltas that arrive in one read. */
import type * as Response from "@effect/ai/Response"
import * as Either from "effect/Either"
import { ChatFold, type ChatResponse, mergeMetadata } from "../../domain/ChatResponse.js"
import type { ProviderMetadata } from "../../domain/ContentPart.js"
import type { LLMError } from "../../domain/LLMError.js"
import type { ChunkPart, StreamChunk, ToolCallDelta } from "../../domain/StreamChunk.js"
import { callsOf, endOf, type Ids, metadataOf, sourcesOf, uniqueId, withUniqueIds } from "./ResponseParts.js"

type Part = Response.StreamPartEncoded
type Delta = Extract<Part, { readonly delta: string }>

/** A text or reasoning block that has started. */
interface Block {
  readonly type: "text" | "reasoning"
  readonly id: string
}

/** Converts the chunks of one response. */
export class StreamParts {
  /** The complete response, after its last chunk. */
  response: ChatResponse | undefined
  /** The failure of a response whose tool calls are malformed; its other parts are emitted before it. */
  failure: LLMError | undefined

  private readonly fold = new ChatFold()
  private readonly calls = new Map<number, string>()
  private block: Block | undefined
  private blocks = 0
  private partIndex: number | undefined
  private metadata: ProviderMetadata | undefined
  private parts: Array<Part> = []
  private sources = 0

  constructor(private readonly ids: Ids) {}

  /** Converts the chunks of one network read. */
  add(chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<Part> {
    this.parts = []
    for (const chunk of chunks) this.take(chunk)
    return this.parts
  }

  private take(chunk: StreamChunk): void {
    this.fold.add(chunk)
    const { part } = chunk
    if (part !== undefined) this.takePart(part)
    if (chunk.reasoning !== "") this.addDelta("reasoning", chunk.reasoning)
    if (chunk.content !== "") this.addDelta("text", chunk.content)
    for (const delta of chunk.toolCalls) this.takeCall(delta)
    if (chunk.sources !== undefined) {
      this.parts.push(...sourcesOf(chunk.sources, this.ids, this.sources))
      this.sources += chunk.sources.length
    }
    const response = chunk.finishReason === null ? undefined : this.fold.response()
    if (response !== undefined) this.finish(withUniqueIds(response, this.ids))
  }

  /** A part with metadata keeps its own block, so that its metadata stays with it. */
  private takePart({ index, type, providerMetadata }: ChunkPart): void {
    if (index !== this.partIndex) {
      this.endBlock()
      this.partIndex = index
    }
    if (providerMetadata === undefined || (type !== "text" && type !== "reasoning" && type !== "refusal")) return
    // The block first: its beginning ends the one before, with that one's metadata.
    this.addDelta(type === "reasoning" ? "reasoning" : "text", "")
    this.metadata = mergeMetadata(this.metadata, providerMetadata)
  }

  private addDelta(type: Block["type"], delta: string): void {
    if (this.block?.type !== type) {
      this.endBlock()
      this.block = { type, id: `${this.ids.answer}_${this.blocks++}` }
      this.parts.push({ type: `${type}-start`, id: this.block.id })
    }
    if (delta !== "") this.append({ type: `${type}-delta`, id: this.block.id, delta })
  }

  private endBlock(): void {
    if (this.block !== undefined) {
      const metadata = metadataOf({ providerMetadata: this.metadata })
      this.parts.push({ type: `${this.block.type}-end`, id: this.block.id, ...metadata })
    }
    this.block = undefined
    this.metadata = undefined
  }

  private takeCall(delta: ToolCallDelta): void {
    this.endBlock()
    let id = this.calls.get(delta.index)
    if (id === undefined) {
      id = uniqueId(delta.id, this.calls.size, this.ids)
      this.calls.set(delta.index, id)
      this.parts.push({ type: "tool-params-start", id, name: delta.name ?? "" })
    }
    if (delta.arguments !== "") this.append({ type: "tool-params-delta", id, delta: delta.arguments })
  }

  /** Joins deltas, as @effect/ai validates every part. */
  private append(part: Delta): void {
    const last = this.parts.at(-1)
    if (last?.type === part.type && last.id === part.id) {
      this.parts[this.parts.length - 1] = { ...part, delta: last.delta + part.delta }
    } else this.parts.push(part)
  }

  /** Emits calls only at the end, so that no tool runs for a truncated response. */
  private finish(response: ChatResponse): void {
    this.endBlock()
    for (const id of this.calls.values()) this.parts.push({ type: "tool-params-end", id })
    Either.match(callsOf(response), {
      onLeft: (error) => {
        this.failure = error
      },
      onRight: (calls) => {
        this.parts.push(...calls, ...endOf(response))
        this.response = response
      }
    })
  }
}
