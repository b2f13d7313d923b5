/** Writes an answer as the events of AG-UI, version 1.0. */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { LLMError } from "../../domain/LLMError.js"
import { encodeEvent } from "../../http/framing/EventFormat.js"
import type { JsonObject } from "../../http/Json.js"
import type { PendingApproval } from "../../tools/approvals/PendingApproval.js"
import type { AnswerEnded, AnswerEvent, CallSettled, ResponseEnded, TextAdded } from "../answer/AnswerEvent.js"
import { approvalToken } from "../answer/approvalToken.js"
import { privateFields } from "../answer/privateFields.js"
import type { AnswerWriter } from "../answer/respondWithAnswer.js"
import { type ErrorWithStatus, toResponse } from "../errorResponse.js"
import type { RunInput } from "./RunInput.js"
import { shownMessage, shownResult } from "./shownMessages.js"

/** The run that the events belong to. */
export interface AGUIRun extends Pick<RunInput, "threadId" | "runId" | "threadMessages"> {}

/** The version of the protocol that is written. */
const protocolVersion = "1.0"

const event = (type: string, fields: JsonObject = {}): string => encodeEvent(undefined, { type, ...fields })

/** The JSON Schema of the answer to an interrupt. */
const responseSchema = {
  type: "object",
  properties: { approved: { type: "boolean" }, reason: { type: "string" } },
  required: ["approved"]
}

/** Writes the events of one run. A mutable class, because it tracks which messages and calls are open. */
export class AGUIWriter implements AnswerWriter {
  readonly headers = {}
  private step = -1
  /** The id of the open text of the answer, or of the open reasoning. */
  private openText: string | undefined
  private openReasoning: string | undefined
  private openCalls: Array<string> = []
  private reasonings = 0
  private text = ""
  /** The messages of the complete responses of this run. */
  private readonly shown: Array<JsonObject> = []

  constructor(private readonly run: AGUIRun) {}

  begin(): string {
    const { threadId, runId } = this.run
    return event("RUN_STARTED", { threadId, runId, protocolVersion })
  }

  write(answer: Exclude<AnswerEvent, AnswerEnded>): string {
    switch (answer.type) {
      case "response-begin":
        return this.beginStep(answer.step)
      case "text":
        return answer.kind === "text" ? this.addText(answer.text) : this.addReasoning(answer)
      case "call-begin":
        return this.beginCall(answer.id, answer.name)
      case "call-text":
        return event("TOOL_CALL_ARGS", { toolCallId: answer.id, delta: answer.text })
      case "file":
        return event("CUSTOM", { name: "file", value: { url: answer.url, mediaType: answer.mediaType } })
      case "sources":
        return event("CUSTOM", { name: "sources", value: { messageId: this.messageId, sources: answer.sources } })
      case "reset":
        return this.reset()
      case "response-end":
        return this.endResponse(answer)
      case "progress":
        return event("CUSTOM", {
          name: "tool-progress",
          value: { toolCallId: answer.call.toolCallId, progress: answer.progress }
        })
      case "result":
        return this.addResult(answer)
    }
  }

  end({ finishReason, usage, cost, origin, approvals, pendingCalls }: AnswerEnded): string {
    const outcome =
      approvals.length > 0
        ? { type: "interrupt", interrupts: approvals.map(interruptOf) }
        : { type: "success", ...(pendingCalls.length > 0 ? { pendingToolCallIds: pendingCalls } : {}) }
    return this.finish({
      outcome,
      usage: usage === null ? undefined : [tokenUsage(usage, origin)],
      metadata: privateFields({ finishReason, cost })
    })
  }

  stopped(): string {
    return this.closeAll() + this.finish({ outcome: { type: "cancelled" } })
  }

  fail({ _tag, message }: LLMError): string {
    return event("RUN_ERROR", { message, code: _tag })
  }

  rejection(failure: ErrorWithStatus): HttpServerResponse.HttpServerResponse {
    return toResponse(failure)
  }

  private get messageId(): string {
    return `${this.run.runId}/${this.step}`
  }

  private finish(fields: JsonObject): string {
    const { threadId, runId } = this.run
    return this.endStep() + event("RUN_FINISHED", { threadId, runId, ...fields })
  }

  private beginStep(step: number): string {
    const before = this.endStep()
    this.step = step
    this.begun()
    return before + event("STEP_STARTED", { stepName: `step ${step}` })
  }

  private endStep(): string {
    return this.step < 0 ? "" : event("STEP_FINISHED", { stepName: `step ${this.step}` })
  }

  private begun(): void {
    this.text = ""
    this.reasonings = 0
  }

  private addText(text: string): string {
    let before = ""
    if (this.openText === undefined) {
      before = this.closeReasoning()
      this.openText = this.messageId
      before += event("TEXT_MESSAGE_START", { messageId: this.messageId, role: "assistant" })
    }
    this.text += text
    return before + event("TEXT_MESSAGE_CONTENT", { messageId: this.messageId, delta: text })
  }

  private addReasoning({ text, begins }: TextAdded): string {
    let before = ""
    if (begins || this.openReasoning === undefined) {
      before = this.closeText() + this.closeReasoning()
      const messageId = `${this.messageId}/reasoning-${this.reasonings++}`
      this.openReasoning = messageId
      before +=
        event("REASONING_START", { messageId }) + event("REASONING_MESSAGE_START", { messageId, role: "reasoning" })
    }
    return before + event("REASONING_MESSAGE_CONTENT", { messageId: this.openReasoning, delta: text })
  }

  private beginCall(toolCallId: string, toolCallName: string): string {
    const before = this.closeText() + this.closeReasoning()
    this.openCalls.push(toolCallId)
    return before + event("TOOL_CALL_START", { toolCallId, toolCallName, parentMessageId: this.messageId })
  }

  private closeText(metadata?: JsonObject): string {
    const messageId = this.openText
    this.openText = undefined
    return messageId === undefined ? "" : event("TEXT_MESSAGE_END", { messageId, metadata })
  }

  private closeReasoning(): string {
    const messageId = this.openReasoning
    this.openReasoning = undefined
    return messageId === undefined
      ? ""
      : event("REASONING_MESSAGE_END", { messageId }) + event("REASONING_END", { messageId })
  }

  private closeAll(): string {
    const calls = this.openCalls.map((toolCallId) => event("TOOL_CALL_END", { toolCallId }))
    this.openCalls = []
    return this.closeReasoning() + this.closeText() + calls.join("")
  }

  /** The end of a text has the message as metadata if its text alone does not rebuild it: front ends store this metadata. */
  private endResponse(response: ResponseEnded): string {
    const message = shownMessage(this.messageId, this.text, response)
    if (message === undefined) return this.closeAll()
    this.shown.push(message)
    const { metadata } = message
    if (metadata === undefined) return this.closeAll()
    const opening =
      this.openText === undefined ? event("TEXT_MESSAGE_START", { messageId: this.messageId, role: "assistant" }) : ""
    this.openText = this.messageId
    return opening + this.closeText(metadata) + this.closeAll()
  }

  private addResult(settled: CallSettled): string {
    const message = shownResult(this.run.runId, settled)
    this.shown.push(message)
    const { id, ...result } = message
    return event("TOOL_CALL_RESULT", { ...result, messageId: id })
  }

  /** Replaces what the response has shown by the thread as it was before. */
  private reset(): string {
    const before = this.closeAll()
    this.begun()
    return before + event("MESSAGES_SNAPSHOT", { messages: [...this.run.threadMessages, ...this.shown] })
  }
}

const interruptOf = (approval: PendingApproval): JsonObject => ({
  id: approvalToken(approval),
  reason: "tool_call",
  message: `Approve the call of ${approval.call.name}?`,
  toolCallId: approval.call.toolCallId,
  responseSchema,
  expiresAt: new Date(approval.expiresAt).toISOString()
})

const tokenUsage = (usage: NonNullable<AnswerEnded["usage"]>, origin: AnswerEnded["origin"]): JsonObject => ({
  provider: origin?.provider,
  model: origin?.model,
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  totalTokens: usage.totalTokens,
  reasoningTokens: usage.reasoningTokens,
  cachedInputTokens: usage.cacheReadTokens,
  cacheWriteInputTokens: usage.cacheWriteTokens
})
