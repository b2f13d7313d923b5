/** Writes the chunks of one response as the events of chat completions. */
import type { StreamChunk, ToolCallDelta } from "../../../domain/StreamChunk.js"
import type { JsonObject } from "../../../http/Json.js"
import { obfuscationOf } from "../../serve/obfuscation.js"
import type { ResponseHead, ResponseWriter } from "../../serve/ResponseWriter.js"
import type { ServedError } from "../../serve/ServedError.js"
import { dataEvent } from "../../serve/WireFormat.js"
import {
  annotationsJson,
  argumentsDelta,
  callJson,
  choiceJson,
  endMarker,
  errorEvent,
  finishReasons,
  headJson,
  openingDelta,
  usageOf
} from "./json.js"

/** What a request says about its stream. */
export interface CompletionEventsOptions {
  readonly includesUsage: boolean
  readonly obfuscates: boolean
}

/** Mutable, as it writes each chunk once. The finish reason waits until the stream has ended. */
export class CompletionEvents implements ResponseWriter {
  private readonly head: JsonObject
  private readonly model: string
  /** The event of a content delta, around the JSON of its text. */
  private readonly frame: readonly [before: string, after: string]
  private isOpen = false
  private isRefusal = false
  private last: StreamChunk | undefined
  /** The call that a part of the message is, by the index of the part. */
  private readonly callOfPart = new Map<number, number>()

  constructor(
    head: ResponseHead,
    private readonly options: CompletionEventsOptions
  ) {
    this.model = head.model
    this.head = headJson("chat.completion.chunk", head)
    this.frame = frameOf(this.eventOf({ content: frameMark }))
  }

  end(): string {
    const { finishReason, usage } = this.last ?? {}
    const finish = this.eventOf({}, finishReasons[finishReason ?? "other"])
    const counts = usage == null ? null : usageOf(usage, 1)
    const last = this.options.includesUsage ? dataEvent({ ...this.head, choices: [], usage: counts }) : ""
    return this.opening() + finish + last + endMarker
  }

  fail(error: ServedError): string {
    return errorEvent(error, this.model)
  }

  encode(chunk: StreamChunk): string {
    const { content, reasoning, toolCalls, part, sources } = chunk
    if (chunk.finishReason !== null) this.last = chunk
    if (part !== undefined) this.isRefusal = part.type === "refusal"
    const isShown = reasoning !== "" || toolCalls.length > 0 || part?.type === "tool-call" || sources !== undefined
    if (content === "" && !isShown) return ""
    let text = this.opening()
    if (reasoning !== "") text += this.eventOf({ reasoning_content: reasoning })
    if (content !== "") text += this.contentEvent(content)
    if (sources !== undefined) text += this.eventOf({ annotations: annotationsJson(sources) })
    for (const delta of toolCalls) text += this.eventOf(this.callDelta(delta, part))
    return toolCalls.length === 0 ? text + this.metadataEvent(part) : text
  }

  private opening(): string {
    if (this.isOpen) return ""
    this.isOpen = true
    return this.eventOf(openingDelta(""))
  }

  // Nearly every chunk takes this way, so it writes only the text anew.
  private contentEvent(content: string): string {
    if (this.isRefusal) return this.eventOf({ refusal: content })
    if (this.options.obfuscates) return this.eventOf({ content })
    return this.frame[0] + JSON.stringify(content) + this.frame[1]
  }

  private callDelta({ index, id, name, arguments: args }: ToolCallDelta, part: StreamChunk["part"]): JsonObject {
    if (part?.type === "tool-call") this.callOfPart.set(part.index, index)
    if (id === undefined && name === undefined) return argumentsDelta(index, args)
    return { tool_calls: [{ index, ...callJson(id ?? "", name ?? "", args), ...extraOf(part) }] }
  }

  /** What the provider adds to a call whose deltas were sent. */
  private metadataEvent(part: StreamChunk["part"]): string {
    const index = part?.providerMetadata === undefined ? undefined : this.callOfPart.get(part.index)
    return index === undefined ? "" : this.eventOf({ tool_calls: [{ index, function: {}, ...extraOf(part) }] })
  }

  private eventOf(delta: JsonObject, finish: string | null = null): string {
    return dataEvent({
      ...this.head,
      choices: [choiceJson(0, { delta }, finish)],
      ...(this.options.includesUsage ? { usage: null } : {}),
      ...(this.options.obfuscates ? { obfuscation: obfuscationOf(delta) } : {})
    })
  }
}

/** A call's signature must come back with the call; Google's own server of this protocol has this field for it. */
const extraOf = (part: StreamChunk["part"]): JsonObject =>
  part?.type === "tool-call" && part.providerMetadata !== undefined ? { extra_content: part.providerMetadata } : {}

const frameMark = "content"

const frameOf = (event: string): readonly [string, string] => {
  const field = `"content":${JSON.stringify(frameMark)}`
  const at = event.lastIndexOf(field) + field.length
  return [event.slice(0, at - JSON.stringify(frameMark).length), event.slice(at)]
}
