/** Writes the chunks of one response as the events of Responses. */
import type { ProviderMetadata } from "../../../domain/ContentPart.js"
import type { ChunkPart, StreamChunk, ToolCallDelta } from "../../../domain/StreamChunk.js"
import type { JsonObject } from "../../../http/Json.js"
import { obfuscationOf } from "../../serve/obfuscation.js"
import { errorOf } from "../../serve/openAIErrors.js"
import type { ResponseHead, ResponseWriter } from "../../serve/ResponseWriter.js"
import type { ServedError } from "../../serve/ServedError.js"
import { namedEvent } from "../../serve/WireFormat.js"
import type { ContentEvent, ItemStatus } from "./content.js"
import { endOf, responseJson, usageJson } from "./json.js"
import { cite, isOutput, OutputItem, type OutputType } from "./OutputItem.js"

/** What a request says about its stream. */
export interface ResponseEventsOptions {
  readonly obfuscates: boolean
  /** Whether reasoning comes with what has to go back with it. */
  readonly wantsSeals: boolean
}

/** Mutable, as it writes each chunk once. Calls end with the stream, because their deltas may interleave. */
export class ResponseEvents implements ResponseWriter {
  private sequence = 0
  /** The length of the content so far. */
  private length = 0
  private readonly items: Array<OutputItem> = []
  private readonly itemOfPart = new Map<number, OutputItem>()
  private readonly itemOfCall = new Map<number, OutputItem>()
  /** The item that text and reasoning belong to. */
  private open: OutputItem | undefined
  private last: StreamChunk | undefined

  constructor(
    private readonly head: ResponseHead,
    private readonly options: ResponseEventsOptions
  ) {}

  end(): string {
    const { finishReason, usage } = this.last ?? {}
    const end = endOf(finishReason ?? "other", this.head.createdAt)
    const rest = this.items.filter((item) => !item.isClosed)
    const closing = rest.map((item, index) => this.close(item, index === rest.length - 1 ? end.status : "completed"))
    const lastItem = this.items.at(-1)
    const output = this.items.map((item) => item.done(item === lastItem ? end.status : "completed"))
    const response = responseJson(this.head, { ...end, output, usage: usage == null ? null : usageJson(usage) })
    return closing.join("") + this.write(`response.${end.status}`, { response })
  }

  fail(error: ServedError): string {
    const { type, code, message, param } = errorOf(error, this.head.model)
    const reported = { code: code ?? type, message }
    const response = responseJson(this.head, { status: "failed", error: reported })
    return this.write("error", { error: { ...reported, type, param } }) + this.write("response.failed", { response })
  }

  encode({ content, reasoning, toolCalls, part, finishReason, ...chunk }: StreamChunk): string {
    if (finishReason !== null) this.last = { content, reasoning, toolCalls, finishReason, ...chunk }
    let text = ""
    if (part !== undefined) text += this.enter(part, toolCalls[0])
    if (reasoning !== "") text += this.grow("reasoning", reasoning)
    if (content !== "") text += this.grow("text", content)
    for (const delta of toolCalls) text += this.growCall(delta)
    // The events of a text that has ended cannot have them any more, but the response at the end does.
    if (chunk.sources !== undefined) cite(this.items, chunk.sources)
    return text
  }

  /** Opens the item of a part, or adds what the provider says of it. */
  private enter({ index, type, providerMetadata }: ChunkPart, call: ToolCallDelta | undefined): string {
    if (!isOutput(type)) return ""
    const known = this.itemOfPart.get(index)
    known?.addMetadata(providerMetadata)
    if (known !== undefined) {
      if (type !== "tool-call" && !known.isClosed) this.open = known
      return ""
    }
    const before = type === "tool-call" ? "" : this.closeOpen()
    const [item, added] = this.add(type, call, providerMetadata)
    this.itemOfPart.set(index, item)
    return before + added
  }

  private add(type: OutputType, call?: ToolCallDelta, metadata?: ProviderMetadata): readonly [OutputItem, string] {
    const item = new OutputItem(type, this.items.length, this.head.id, this.options.wantsSeals)
    item.addMetadata(metadata)
    item.start = this.length
    this.items.push(item)
    if (call === undefined) this.open = item
    else {
      item.call = { id: call.id ?? "", name: call.name ?? "" }
      this.itemOfCall.set(call.index, item)
    }
    const added = this.write("response.output_item.added", { output_index: item.index, item: item.added() })
    return [item, added + this.writeAll(item, item.content.open)]
  }

  private grow(type: "text" | "reasoning", delta: string): string {
    const fits = this.open !== undefined && (this.open.type === "reasoning") === (type === "reasoning")
    const before = fits ? "" : this.closeOpen()
    const [item, added] = fits && this.open !== undefined ? [this.open, ""] : this.add(type)
    return before + added + this.delta(item, delta)
  }

  private growCall(call: ToolCallDelta): string {
    const known = this.itemOfCall.get(call.index)
    const [item, added] = known === undefined ? this.add("tool-call", call) : [known, ""]
    return call.arguments === "" ? added : added + this.delta(item, call.arguments)
  }

  private delta(item: OutputItem, delta: string): string {
    item.text += delta
    if (item.type === "text" || item.type === "refusal") this.length += delta.length
    const { type, fields } = item.content.delta(delta)
    const padding = this.options.obfuscates ? { obfuscation: obfuscationOf(delta) } : {}
    return this.write(type, { item_id: item.id, output_index: item.index, ...fields, ...padding })
  }

  private closeOpen(): string {
    const { open } = this
    this.open = undefined
    return open === undefined ? "" : this.close(open, "completed")
  }

  private close(item: OutputItem, status: ItemStatus): string {
    item.isClosed = true
    const done = { output_index: item.index, item: item.done(status) }
    return this.writeAll(item, item.closing()) + this.write("response.output_item.done", done)
  }

  private writeAll(item: OutputItem, events: ReadonlyArray<ContentEvent>): string {
    return events
      .map(({ type, fields }) => this.write(type, { item_id: item.id, output_index: item.index, ...fields }))
      .join("")
  }

  private write(type: string, fields: JsonObject): string {
    const opening = this.sequence > 0 || type === "response.created" ? "" : this.begin()
    return opening + namedEvent({ type, sequence_number: this.sequence++, ...fields })
  }

  /** The events before all others. */
  private begin(): string {
    const response = responseJson(this.head, {})
    return this.write("response.created", { response }) + this.write("response.in_progress", { response })
  }
}
