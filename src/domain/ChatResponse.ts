/** A whole answer, as the fold of its chunks: streamed and unstreamed answers share it. */
import type { AssistantMessage, ProviderData, ToolCall } from "./Message.js"
import type { FinishReason, StreamChunk } from "./StreamChunk.js"
import type { Usage } from "./Usage.js"

/** A whole answer. */
export interface ChatResponse {
  /** The text; `""` when there is none. */
  readonly content: string
  /** What the model thought, where the provider shows it; `""` otherwise. */
  readonly reasoning: string
  /** The calls that the model asks for, in their order. */
  readonly toolCalls: ReadonlyArray<ToolCall>
  /** Why the answer ended. */
  readonly finishReason: FinishReason
  /** `null` where the wire has none. */
  readonly usage: Usage | null
  /** US dollars; `null` without a catalog of prices in context or with an unknown model. */
  readonly cost: number | null
  /** The model as the provider named it in its answer, or else as it was asked for. */
  readonly model: string
  /** The provider that answered. */
  readonly provider: string
  /** The assistant's message, to append to the conversation. */
  readonly message: AssistantMessage
  /** The provider's own JSON; of a streamed answer, that of its last chunk. */
  readonly rawResponse: unknown
}

/** What had arrived of an answer that failed. */
export interface PartialResponse {
  /** The text so far. */
  readonly content: string
  /** The reasoning so far. */
  readonly reasoning: string
  /** The calls so far; the arguments of the last one may be incomplete. */
  readonly toolCalls: ReadonlyArray<ToolCall>
  /** The last counts that were known, `null` if none were. */
  readonly usage: Usage | null
}

/** Everything that chunks add up to; made new for each answer and then added to in place, once per chunk. */
export class ChatFold {
  private content = ""
  private reasoning = ""
  private readonly calls = new Map<number, { id: string; name: string; arguments: string }>()
  private readonly providerData: Array<ProviderData["data"]> = []
  private readonly positions: Array<ProviderData["after"]> = []
  private usage: Usage | null = null
  private last: StreamChunk | undefined

  /** Adds one chunk. */
  add(chunk: StreamChunk): void {
    this.content += chunk.content
    this.reasoning += chunk.reasoning
    for (const delta of chunk.toolCalls) this.addToolCall(delta)
    if (chunk.usage !== null) this.usage = chunk.usage
    if (chunk.providerData !== undefined) {
      this.providerData.push(chunk.providerData)
      this.positions.push({
        reasoning: this.reasoning.length,
        content: this.content.length,
        toolCalls: this.calls.size
      })
    }
    if (chunk.finishReason !== null) this.last = chunk
  }

  private addToolCall(delta: StreamChunk["toolCalls"][number]): void {
    const call = this.calls.get(delta.index)
    if (call === undefined) {
      this.calls.set(delta.index, { id: delta.id ?? "", name: delta.name ?? "", arguments: delta.arguments })
      return
    }
    if (call.id === "") call.id = delta.id ?? ""
    if (call.name === "") call.name = delta.name ?? ""
    call.arguments += delta.arguments
  }

  /** What has arrived so far. */
  partial(): PartialResponse {
    return {
      content: this.content,
      reasoning: this.reasoning,
      toolCalls: Array.from(this.calls.values(), (call) => ({ ...call })),
      usage: this.usage
    }
  }

  /** The whole answer, or `undefined` while no chunk with a finish reason has arrived. */
  response(): ChatResponse | undefined {
    if (this.last === undefined || this.last.finishReason === null) return undefined
    const origin = this.last.origin ?? { provider: "", model: "" }
    return {
      ...this.partial(),
      finishReason: this.last.finishReason,
      cost: this.last.cost ?? null,
      ...origin,
      message: this.message(origin.provider),
      rawResponse: this.last.rawChunk
    }
  }

  private message(provider: string): AssistantMessage {
    const { content, reasoning, toolCalls } = this.partial()
    const providerData = this.positions.map((after, index) => ({ provider, data: this.providerData[index], after }))
    return {
      role: "assistant",
      content,
      ...(reasoning === "" ? {} : { reasoning }),
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
      ...(providerData.length === 0 ? {} : { providerData })
    }
  }
}
