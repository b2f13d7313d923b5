/** Builds the protocol-independent reply from a parsed request and a scripted reply. */
import { make as makeUsage } from "../../../domain/Usage.js"
import { idOf } from "../../../protocol/serve/hash.js"
import { type ParsedRequest, promptOf } from "../../../protocol/serve/ParsedRequest.js"
import type { ServedReply } from "../../../protocol/serve/ServedReply.js"
import type { SimulatedReply } from "../SimulatedReply.js"
import { sayTo, thinkAbout } from "./defaultReplies.js"
import { promptTokensOf } from "./promptTokens.js"
import { exampleOf } from "./schemaExample.js"
import { piecesOf, tokensOf } from "./tokens.js"
import { callOf, callsFor } from "./toolCalls.js"

/** Builds the reply to a request; fields that the script omits get defaults. */
export const replyTo = (parsed: ParsedRequest, reply: SimulatedReply): ServedReply => {
  const parts = isScripted(reply) ? scriptedParts(parsed, reply) : defaultParts(parsed, reply)
  const reasoningTokens = parts.reasoning.length
  const callTokens = parts.toolCalls.reduce((sum, call) => sum + tokensOf(call.name) + call.pieces.length, 0)
  const counted = {
    ...promptTokensOf(parsed),
    outputTokens: Math.max(1, reasoningTokens + parts.content.length + callTokens),
    reasoningTokens
  }
  const isRedacted = reply.redactedReasoning === true
  return {
    id: idOf(seedOf(parsed), 24),
    model: parsed.model,
    ...parts,
    sources: reply.sources ?? [],
    isReasoningRedacted: isRedacted && parts.reasoning.length > 0,
    showsReasoning:
      !isRedacted && parts.reasoning.length > 0 && (parsed.showsReasoning || reply.reasoning !== undefined),
    interleavesCalls: reply.interleavedToolCalls === true,
    finishReason: reply.finishReason ?? parts.finishReason,
    usage: makeUsage({ ...counted, ...reply.usage })
  }
}

type ReplyParts = Pick<ServedReply, "reasoning" | "content" | "toolCalls" | "finishReason" | "stopSequence">

const isScripted = (reply: SimulatedReply): boolean =>
  reply.content !== undefined || reply.chunks !== undefined || reply.toolCalls !== undefined

const scriptedParts = (parsed: ParsedRequest, reply: SimulatedReply): ReplyParts => {
  const toolCalls = (reply.toolCalls ?? []).map((call, index) => callOf(call, seedOf(parsed), index))
  return {
    reasoning: piecesOf(reply.reasoning ?? (reply.redactedReasoning === true ? thinkAbout(promptOf(parsed)) : "")),
    content: reply.chunks ?? piecesOf(reply.content ?? ""),
    toolCalls,
    finishReason: toolCalls.length === 0 ? "stop" : "tool_calls",
    stopSequence: null
  }
}

const defaultParts = (parsed: ParsedRequest, reply: SimulatedReply): ReplyParts => {
  const prompt = promptOf(parsed)
  const thoughts =
    reply.reasoning ?? (parsed.wantsReasoning || reply.redactedReasoning === true ? thinkAbout(prompt) : "")
  const calls = callsFor(parsed, seedOf(parsed))
  const budget = parsed.maxTokens ?? Number.POSITIVE_INFINITY
  const reasoning = piecesOf(thoughts).slice(0, budget)
  if (calls.length > 0) {
    return { reasoning, content: [], toolCalls: calls, finishReason: "tool_calls", stopSequence: null }
  }
  const [stopped, stopSequence] = stoppedAt(contentFor(parsed, prompt), parsed.stop)
  const pieces = piecesOf(stopped)
  const content = pieces.slice(0, Math.max(0, budget - reasoning.length))
  const isCut = content.length < pieces.length
  return {
    reasoning,
    content,
    toolCalls: [],
    finishReason: isCut ? "length" : "stop",
    stopSequence: isCut ? null : stopSequence
  }
}

const contentFor = (parsed: ParsedRequest, prompt: string): string => {
  if (parsed.format?.schema !== undefined) return JSON.stringify(exampleOf(parsed.format.schema, prompt))
  const text = parsed.toolResults.length > 0 ? fromTools(parsed) : sayTo(prompt)
  return parsed.format === undefined ? text : JSON.stringify({ answer: text })
}

const fromTools = (parsed: ParsedRequest): string =>
  parsed.toolResults.map(({ name, text }) => `${name} says: ${text.slice(0, 500)}`).join("\n")

const stoppedAt = (text: string, stop: ReadonlyArray<string>): readonly [string, string | null] => {
  const found = stop
    .filter((sequence) => sequence !== "" && text.includes(sequence))
    .map((sequence) => [text.indexOf(sequence), sequence] as const)
    .sort(([left], [right]) => left - right)[0]
  return found === undefined ? [text, null] : [text.slice(0, found[0]), found[1]]
}

/** The seed of ids: the same for the same conversation, different after each message. */
const seedOf = (parsed: ParsedRequest): string =>
  parsed.messages.map((message) => `${message.role}: ${message.text}`).join("\n")
