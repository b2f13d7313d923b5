/** A complete response, folded from chunks. Streaming and non-streaming responses share the fold. */
import type { AssistantPart, ProviderMetadata } from "./ContentPart.js"
import type { AssistantMessage, ToolCall } from "./Message.js"
import type { ProviderLimits } from "./ProviderLimits.js"
import { Rounds } from "./Rounds.js"
import { maxSources, type Source } from "./Source.js"
import { type ChunkPart, type FinishReason, StreamChunk, type ToolCallDelta } from "./StreamChunk.js"
import type { Usage } from "./Usage.js"

/** A complete response. */
export interface ChatResponse {
  /** The text, refusals included; `""` if there is none. */
  readonly content: string
  /** The reasoning, if the provider returns it; otherwise `""`. */
  readonly reasoning: string
  /** The tool calls that the model requests, in order. */
  readonly toolCalls: ReadonlyArray<ToolCall>
  /** Why the response ended. */
  readonly finishReason: FinishReason
  /** `null` if the provider reports none. */
  readonly usage: Usage | null
  /** US dollars; `null` for an unknown model, or without a model catalog in context. */
  readonly cost: number | null
  /** The model as the provider named it in its response, or else as the caller requested it. */
  readonly model: string
  /** The model that the caller requested. */
  readonly requestedModel?: string | undefined
  /** The provider of the response. */
  readonly provider: string
  /** What the provider's headers say about its rate limits, if they say anything. */
  readonly rateLimits?: ProviderLimits | undefined
  /** The assistant's message with its parts in order, to append to the conversation. */
  readonly message: AssistantMessage
  /** The web pages that the response cites, if there are any. Their ranges are in `content`. */
  readonly sources?: ReadonlyArray<Source> | undefined
  /** Whether the provider has paused the response: append `message` to the conversation and send it again to go on. */
  readonly paused?: true | undefined
  /** The provider's JSON; for a streaming response, that of its last chunk. `null` for a response from a cache. */
  readonly rawResponse: unknown
  /** Whether the response was not requested for this call: `Policy.cache` had it, or shared it. It costs nothing. */
  readonly fromCache?: true | undefined
  /** What was sent otherwise than the caller may expect, such as a schema without strict mode. */
  readonly warnings?: ReadonlyArray<string> | undefined
}

/** The part of a failed response that arrived. */
export interface PartialResponse {
  /** The text so far. */
  readonly content: string
  /** The reasoning so far. */
  readonly reasoning: string
  /** The tool calls so far; the arguments of the last one may be incomplete. */
  readonly toolCalls: ReadonlyArray<ToolCall>
  /** The web pages cited so far, if there are any. */
  readonly sources?: ReadonlyArray<Source> | undefined
  /** The last reported counts; `null` if there were none. */
  readonly usage: Usage | null
  /** The assistant's message so far, with its parts in order. */
  readonly message: AssistantMessage
}

type Mutable<Part> = Part extends unknown ? { -readonly [Field in keyof Part]: Part[Field] } : never
type FoldedPart = Mutable<AssistantPart>
type FoldedText = Extract<FoldedPart, { type: "text" | "reasoning" | "refusal" }>
type FoldedCall = Extract<FoldedPart, { type: "tool-call" }>

/**
 * Rebuilds a response from its chunks. Make one per response; `add` mutates it, in constant time per chunk. Chunks after a
 * finish reason belong to one more response: usage and cost are summed, and the last finish reason counts. A chunk
 * without `part` whose output does not fit the open part opens a new one, so hand-made chunks need no `part`.
 */
export class ChatFold {
  private readonly parts: Array<FoldedPart> = []
  private readonly byIndex = new Map<number, FoldedPart>()
  /** By their index, which may be any number: chunks may come from another server. */
  private readonly calls = new Map<number, FoldedCall>()
  private open: FoldedText | undefined
  private unboundCall: FoldedCall | undefined
  private sources: Array<Source> | undefined
  private usage: Usage | null = null
  private last: StreamChunk | undefined
  private rounds = new Rounds()

  /** Adds one chunk. */
  add(added: StreamChunk): void {
    if (added.reset === true) this.reset()
    if (this.rounds.begins(added)) this.begin()
    const chunk = this.rounds.add(added)
    if (chunk.part !== undefined) this.takePart(chunk.part)
    if (chunk.reasoning !== "") this.textPart("reasoning").text += chunk.reasoning
    if (chunk.content !== "") this.textPart("text").text += chunk.content
    for (const delta of chunk.toolCalls) this.addToolCall(delta)
    if (chunk.sources !== undefined) this.addSources(chunk.sources)
    if (chunk.usage !== null) this.usage = chunk.usage
    if (chunk.finishReason !== null) this.last = chunk
  }

  /** Begins one more response: its text does not continue the part that is open. */
  private begin(): void {
    this.last = undefined
    this.open = undefined
    this.unboundCall = undefined
  }

  /** Drops an answer that starts again. */
  private reset(): void {
    this.rounds = new Rounds()
    this.parts.length = 0
    this.byIndex.clear()
    this.calls.clear()
    this.open = undefined
    this.unboundCall = undefined
    this.sources = undefined
    this.usage = null
    this.last = undefined
  }

  private takePart({ index, type, providerMetadata, value }: ChunkPart): void {
    let part = this.byIndex.get(index)
    if (part === undefined) {
      part = value === undefined ? emptyPart(type) : { ...value }
      if (part === undefined) return
      this.byIndex.set(index, part)
      this.parts.push(part)
      this.unboundCall = part.type === "tool-call" ? part : undefined
    }
    if (providerMetadata !== undefined) part.providerMetadata = mergeMetadata(part.providerMetadata, providerMetadata)
    this.open = isText(part) ? part : undefined
  }

  private textPart(type: "text" | "reasoning"): FoldedText {
    const open = this.open
    if (open !== undefined && (open.type === "reasoning") === (type === "reasoning")) return open
    const part: FoldedText = { type, text: "" }
    this.parts.push(part)
    this.open = part
    return part
  }

  private addToolCall(delta: ToolCallDelta): void {
    let call = this.calls.get(delta.index)
    if (call === undefined) {
      call = this.unboundCall ?? this.newCall()
      this.unboundCall = undefined
      this.calls.set(delta.index, call)
      this.open = undefined
    }
    if (call.id === "") call.id = delta.id ?? ""
    if (call.name === "") call.name = delta.name ?? ""
    call.arguments += delta.arguments
  }

  private addSources(sources: ReadonlyArray<Source>): void {
    this.sources ??= []
    for (const source of sources) if (this.sources.length < maxSources) this.sources.push(source)
  }

  private newCall(): FoldedCall {
    const call: FoldedCall = { type: "tool-call", id: "", name: "", arguments: "" }
    this.parts.push(call)
    return call
  }

  /** What has arrived so far. */
  partial(): PartialResponse {
    const { sources } = this
    return {
      ...this.derived(),
      ...(sources === undefined ? {} : { sources: [...sources] }),
      usage: this.usage,
      message: this.message()
    }
  }

  /** The complete response, or `undefined` before a chunk with a finish reason has arrived. */
  response(): ChatResponse | undefined {
    if (this.last === undefined || this.last.finishReason === null) return undefined
    return {
      ...this.partial(),
      finishReason: this.last.finishReason,
      cost: this.last.cost ?? null,
      ...(this.last.origin ?? { provider: "", model: "" }),
      ...(this.last.rateLimits === undefined ? {} : { rateLimits: this.last.rateLimits }),
      rawResponse: this.last.rawChunk,
      ...(this.last.paused === true ? { paused: true } : {}),
      ...(this.last.fromCache === true ? { fromCache: true } : {}),
      ...(this.last.warnings === undefined ? {} : { warnings: this.last.warnings })
    }
  }

  private derived(): Pick<ChatResponse, "content" | "reasoning" | "toolCalls"> {
    let content = ""
    let reasoning = ""
    for (const part of this.parts) {
      if (part.type === "text" || part.type === "refusal") content += part.text
      else if (part.type === "reasoning") reasoning += part.text
    }
    const toolCalls = Array.from(this.calls)
      .sort(([one], [other]) => one - other)
      .map(([, { id, name, arguments: text }]): ToolCall => ({ id, name, arguments: text }))
    return { content, reasoning, toolCalls }
  }

  private message(): AssistantMessage {
    const parts = this.parts.filter(isNotEmpty).map((part): AssistantPart => ({ ...part }))
    const [first] = parts
    if (first === undefined) return { role: "assistant", content: "" }
    const isPlain = parts.length === 1 && first.type === "text" && first.providerMetadata === undefined
    return { role: "assistant", content: isPlain ? first.text : parts }
  }
}

const isText = (part: FoldedPart): part is FoldedText =>
  part.type === "text" || part.type === "reasoning" || part.type === "refusal"

/** Providers open text parts that stay empty, and reject them in requests. */
const isNotEmpty = (part: FoldedPart): boolean =>
  !isText(part) || part.text !== "" || part.providerMetadata !== undefined

const emptyPart = (type: ChunkPart["type"]): FoldedPart | undefined => {
  switch (type) {
    case "text":
    case "reasoning":
    case "refusal":
      return { type, text: "" }
    case "tool-call":
      return { type, id: "", name: "", arguments: "" }
    default:
      return undefined
  }
}

/** Adds what a later chunk says to the metadata of a part. */
export const mergeMetadata = (before: ProviderMetadata | undefined, more: ProviderMetadata): ProviderMetadata =>
  before === undefined
    ? more
    : {
        ...before,
        ...Object.fromEntries(
          Object.entries(more).map(([provider, fields]) => [provider, { ...before[provider], ...fields }])
        )
      }

/**
 * Turns a complete response into chunks that fold to the same response: one chunk per part, then the last chunk with the
 * finish reason, usage, origin and cost, whose `rawChunk` is the `rawResponse`.
 *
 * ```ts
 * const chunks = chunksOf(response)
 * ```
 */
export const chunksOf = (response: ChatResponse): ReadonlyArray<StreamChunk> => {
  const { content } = response.message
  const parts: ReadonlyArray<AssistantPart> =
    typeof content === "string" ? (content === "" ? [] : [{ type: "text", text: content }]) : content
  let calls = 0
  const { provider, model, requestedModel, finishReason, usage, cost, rateLimits, rawResponse } = response
  const { sources, paused, fromCache, warnings } = response
  return [
    ...parts.map((part, index) => {
      const chunk = chunkOfPart(part, index, calls)
      if (part.type === "tool-call") calls++
      return chunk
    }),
    StreamChunk.make({
      finishReason,
      usage,
      rawChunk: rawResponse,
      origin: { provider, model, ...(requestedModel === undefined ? {} : { requestedModel }) },
      ...(rateLimits === undefined ? {} : { rateLimits }),
      ...(cost === null ? {} : { cost }),
      ...(sources === undefined ? {} : { sources }),
      ...(paused === true ? { paused } : {}),
      ...(fromCache === true ? { fromCache } : {}),
      ...(warnings === undefined ? {} : { warnings })
    })
  ]
}

const chunkOfPart = (part: AssistantPart, index: number, call: number): StreamChunk => {
  const { type, providerMetadata } = part
  const mark = { index, type, ...(providerMetadata === undefined ? {} : { providerMetadata }) }
  switch (part.type) {
    case "text":
    case "refusal":
      return StreamChunk.make({ content: part.text, part: mark })
    case "reasoning":
      return StreamChunk.make({ reasoning: part.text, part: mark })
    case "tool-call": {
      const { id, name, arguments: args } = part
      return StreamChunk.make({ toolCalls: [{ index: call, id, name, arguments: args }], part: mark })
    }
    default:
      return StreamChunk.make({ part: { index, type, value: part } })
  }
}
