/** One item of a response's output as it grows: a message, reasoning, or a call. */
import { mergeMetadata } from "../../../domain/ChatResponse.js"
import type { AssistantPart, ProviderMetadata } from "../../../domain/ContentPart.js"
import type { Source } from "../../../domain/Source.js"
import type { JsonObject } from "../../../http/Json.js"
import {
  argumentsEvents,
  type ContentEvent,
  type ContentEvents,
  callJson,
  citingTextEvents,
  type ItemStatus,
  messageJson,
  reasoningJson,
  refusalEvents,
  summaryEvents,
  textEvents
} from "./content.js"
import { seal } from "./seal.js"

/** The parts of a message that Responses can express. */
export type OutputType = "text" | "refusal" | "reasoning" | "tool-call"

const kinds: { readonly [Type in OutputType]: { readonly prefix: string; readonly content: ContentEvents } } = {
  text: { prefix: "msg", content: textEvents },
  refusal: { prefix: "msg", content: refusalEvents },
  reasoning: { prefix: "rs", content: summaryEvents },
  "tool-call": { prefix: "fc", content: argumentsEvents }
}

/** Whether an item can be made of a part. */
export const isOutput = (type: AssistantPart["type"]): type is OutputType => Object.hasOwn(kinds, type)

/** Mutable, as a stream adds to it delta by delta. */
export class OutputItem {
  readonly id: string
  readonly content: ContentEvents
  text = ""
  isClosed = false
  metadata: ProviderMetadata | undefined
  /** The id and name of a call. */
  call = { id: "", name: "" }
  /** Where its text begins in the content of the response. */
  start = 0
  private readonly annotations: Array<JsonObject> = []

  constructor(
    readonly type: OutputType,
    /** The position in the output. */
    readonly index: number,
    responseId: string,
    private readonly wantsSeals: boolean
  ) {
    const { prefix, content } = kinds[type]
    this.id = `${prefix}_${responseId}${index}`
    this.content = content
  }

  /** The item before its first delta. */
  added(): JsonObject {
    return this.json("in_progress", undefined)
  }

  /** The item after its last delta. */
  done(status: ItemStatus): JsonObject {
    return this.json(status, this.text)
  }

  /** The events after its last delta. */
  closing(): ReadonlyArray<ContentEvent> {
    const content = this.type === "text" ? citingTextEvents(this.annotations) : this.content
    return content.close(this.text)
  }

  /** Adds a page that its text cites. Without a range, both offsets are 0. */
  cite({ url, title = "", range }: Source): void {
    const start_index = range === undefined ? 0 : range.start - this.start
    const end_index = range === undefined ? 0 : range.end - this.start
    this.annotations.push({ type: "url_citation", end_index, start_index, title, url })
  }

  addMetadata(more: ProviderMetadata | undefined): void {
    if (more !== undefined) this.metadata = mergeMetadata(this.metadata, more)
  }

  private json(status: ItemStatus, text: string | undefined): JsonObject {
    switch (this.type) {
      case "reasoning":
        return reasoningJson(this.id, text === "" ? undefined : text, this.wantsSeals ? seal(this.metadata) : undefined)
      case "tool-call":
        return {
          ...callJson(this.id, status, { ...this.call, arguments: text ?? "" }),
          ...(this.metadata === undefined ? {} : { extra_content: this.metadata })
        }
      default:
        return messageJson(this.id, status, this.type, text, this.annotations)
    }
  }
}

/** Adds pages to the texts that cite them, those without a range to the last text. */
export const cite = (items: ReadonlyArray<OutputItem>, sources: ReadonlyArray<Source>): void => {
  const texts = items.filter(({ type }) => type === "text")
  for (const source of sources) {
    const { start = Number.POSITIVE_INFINITY } = source.range ?? {}
    texts.findLast((item) => item.start <= start)?.cite(source)
  }
}
