/** Writes an answer as the AI SDK's UI message stream, version 1. */
import * as Headers from "@effect/platform/Headers"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { type AssistantPart, partsOf } from "../../domain/ContentPart.js"
import type { LLMError } from "../../domain/LLMError.js"
import type { ToolCall, ToolMessage } from "../../domain/Message.js"
import type { Source } from "../../domain/Source.js"
import type { FinishReason } from "../../domain/StreamChunk.js"
import { encodeEvent } from "../../http/framing/EventFormat.js"
import type { JsonObject } from "../../http/Json.js"
import { parseArguments } from "../../tools/parseArguments.js"
import type {
  AnswerEnded,
  AnswerEvent,
  CallSettled,
  ResponseEnded,
  TextAdded,
  TextKind
} from "../answer/AnswerEvent.js"
import { approvalToken } from "../answer/approvalToken.js"
import { exactPartType, privateFields } from "../answer/privateFields.js"
import type { AnswerWriter } from "../answer/respondWithAnswer.js"
import { type ErrorWithStatus, toResponse } from "../errorResponse.js"

/** The AI SDK's names of the finish reasons. */
const finishReasons: { readonly [Reason in FinishReason]: string } = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter",
  other: "other"
}

const event = (json: JsonObject): string => encodeEvent(undefined, json)

/** The response to a failure before anything else: `useChat` takes the whole body as the message of its error. */
export const toTextResponse = (failure: ErrorWithStatus): HttpServerResponse.HttpServerResponse => {
  const { status, headers } = toResponse(failure)
  return HttpServerResponse.text(failure.error.message, { status, headers: Headers.remove(headers, "content-type") })
}

/** Writes one answer. A mutable class, because it tracks which part is open. */
export class UIMessageWriter implements AnswerWriter {
  readonly headers = { "x-vercel-ai-ui-message-stream": "v1" }
  private open: { readonly kind: TextKind; readonly id: string } | undefined
  private step = -1
  private texts = 0

  constructor(private readonly messageId: string | undefined) {}

  begin(): string {
    return event({ type: "start", messageId: this.messageId })
  }

  write(answer: Exclude<AnswerEvent, AnswerEnded>): string {
    switch (answer.type) {
      case "response-begin":
        return this.beginStep(answer.step)
      case "text":
        return this.addText(answer)
      case "call-begin":
        return this.close() + event({ type: "tool-input-start", toolCallId: answer.id, toolName: answer.name })
      case "call-text":
        return event({ type: "tool-input-delta", toolCallId: answer.id, inputTextDelta: answer.text })
      case "file":
        return this.close() + event({ type: "file", url: answer.url, mediaType: answer.mediaType })
      case "sources":
        return answer.sources.map((source) => sourceOf(source, this.step)).join("")
      case "reset":
        this.open = undefined
        this.texts = 0
        return event({ type: "reset-step" })
      case "response-end":
        return this.endResponse(answer)
      case "progress":
        return outputOf(answer.call.toolCallId, { output: answer.progress, preliminary: true })
      case "result":
        return resultOf(answer)
    }
  }

  end({ finishReason, usage, cost, origin, approvals }: AnswerEnded): string {
    const requests = approvals.map((approval) =>
      event({
        type: "tool-approval-request",
        approvalId: approvalToken(approval),
        toolCallId: approval.call.toolCallId
      })
    )
    const messageMetadata = { usage: usage ?? undefined, cost, ...origin }
    const finish = event({ type: "finish", finishReason: finishReasons[finishReason], messageMetadata })
    return `${requests.join("")}${event({ type: "finish-step" })}${finish}data: [DONE]\n\n`
  }

  stopped(): string {
    return event({ type: "abort" })
  }

  fail({ message }: LLMError): string {
    return event({ type: "error", errorText: message })
  }

  rejection(failure: ErrorWithStatus): HttpServerResponse.HttpServerResponse {
    return toTextResponse(failure)
  }

  private beginStep(step: number): string {
    const previous = this.step < 0 ? "" : event({ type: "finish-step" })
    this.step = step
    this.texts = 0
    return previous + event({ type: "start-step" })
  }

  private addText({ kind, text, begins }: TextAdded): string {
    let before = ""
    if (begins || this.open?.kind !== kind) {
      before = this.close()
      const id = `${this.step}-${this.texts++}`
      this.open = { kind, id }
      before += event({ type: `${kind}-start`, id })
    }
    return before + event({ type: `${kind}-delta`, id: this.open?.id, delta: text })
  }

  private close(): string {
    const { open } = this
    this.open = undefined
    return open === undefined ? "" : event({ type: `${open.kind}-end`, id: open.id })
  }

  private endResponse(response: ResponseEnded): string {
    const { message, calls, isCutOff } = response
    const exact = isRebuilt(response, this.texts) ? "" : event({ type: exactPartType, data: message })
    return this.close() + calls.map((call) => inputOf(call, isCutOff)).join("") + exact
  }
}

/** Whether `assistantMessage` rebuilds the message from the parts that were shown. */
const isRebuilt = ({ message, calls, isReordered }: ResponseEnded, texts: number): boolean => {
  if (isReordered) return false
  const parts = partsOf<AssistantPart>(message.content === "" ? [] : message.content)
  const shown = parts.filter(({ type }) => type === "text" || type === "reasoning")
  return shown.length === texts && parts.length === texts + calls.length && parts.every(isPlain)
}

const isPlain = (part: AssistantPart): boolean => {
  if (part.providerMetadata !== undefined) return false
  if (part.type === "text") return part.cache === undefined
  if (part.type === "reasoning") return true
  return part.type === "tool-call" && JSON.stringify(parseArguments(part.arguments)) === part.arguments
}

/** The id of a source. A counter would repeat the id of another source when a message of an earlier request continues. */
const sourceOf = ({ url, title, range }: Source, step: number): string => {
  const sourceId = `${step}/${range === undefined ? "" : `${range.start}-${range.end}`}/${url}`
  const place = range === undefined ? {} : { providerMetadata: privateFields({ range }) }
  return event({ type: "source-url", sourceId, url, title, ...place })
}

const inputOf = ({ id, name, arguments: text }: ToolCall, isCutOff: boolean): string => {
  const call = { toolCallId: id, toolName: name, input: parseArguments(text) ?? text }
  return isCutOff
    ? event({ type: "tool-input-error", ...call, errorText: "the response was cut off, so the call was not run" })
    : event({ type: "tool-input-available", ...call })
}

const outputOf = (toolCallId: string, fields: JsonObject): string =>
  event({ type: "tool-output-available", toolCallId, ...fields })

const resultOf = ({ call: { toolCallId }, content, error, isDenied }: CallSettled): string => {
  if (error === undefined) return outputOf(toolCallId, outputFields(content))
  const [errorText, form] = typeof error === "string" ? [error, "text"] : [JSON.stringify(error), "json"]
  const failed = event({
    type: "tool-output-error",
    toolCallId,
    errorText,
    providerMetadata: privateFields({ form })
  })
  // The denied state keeps the text of the error, which says why.
  return isDenied === true ? failed + event({ type: "tool-output-denied", toolCallId }) : failed
}

/** The output of a call for pages, with the metadata from which the content for the model can be rebuilt. */
const outputFields = (content: ToolMessage["content"]): JsonObject => {
  if (typeof content !== "string") return { output: content, providerMetadata: privateFields({ form: "parts" }) }
  const json = jsonOf(content)
  return json === undefined
    ? { output: content, providerMetadata: privateFields({ form: "text" }) }
    : { output: json, providerMetadata: privateFields({ form: "json" }) }
}

/** The parsed JSON of a text; `undefined` unless stringifying it gives the same text. */
const jsonOf = (text: string): unknown => {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json !== "string" && JSON.stringify(json) === text ? json : undefined
  } catch {
    return undefined
  }
}
