/** An answer before any protocol's wire, and how it comes from a question and what a script says of it. */
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

/** Answers a question, as a script says or by default. */
export const answerTo = (asked: ParsedRequest, reply: SimulatedReply): ServedReply => {
  const said = isScripted(reply) ? mock(asked, reply) : spontaneous(asked, reply)
  const reasoningTokens = said.reasoning.length
  const callTokens = said.toolCalls.reduce((sum, call) => sum + tokensOf(call.name) + call.pieces.length, 0)
  const counted = {
    ...promptTokensOf(asked),
    outputTokens: Math.max(1, reasoningTokens + said.content.length + callTokens),
    reasoningTokens
  }
  return {
    id: idOf(seedOf(asked), 24),
    model: asked.model,
    ...said,
    showsReasoning: said.reasoning.length > 0 && (asked.showsReasoning || reply.reasoning !== undefined),
    finishReason: reply.finishReason ?? said.finishReason,
    usage: makeUsage({ ...counted, ...reply.usage })
  }
}

type Said = Pick<ServedReply, "reasoning" | "content" | "toolCalls" | "finishReason" | "stopSequence">

const isScripted = (reply: SimulatedReply): boolean =>
  reply.content !== undefined || reply.chunks !== undefined || reply.toolCalls !== undefined

const mock = (asked: ParsedRequest, reply: SimulatedReply): Said => {
  const toolCalls = (reply.toolCalls ?? []).map((call, index) => callOf(call, seedOf(asked), index))
  return {
    reasoning: piecesOf(reply.reasoning ?? ""),
    content: reply.chunks ?? piecesOf(reply.content ?? ""),
    toolCalls,
    finishReason: toolCalls.length === 0 ? "stop" : "tool_calls",
    stopSequence: null
  }
}

const spontaneous = (asked: ParsedRequest, reply: SimulatedReply): Said => {
  const prompt = promptOf(asked)
  const thoughts = reply.reasoning ?? (asked.wantsReasoning ? thinkAbout(prompt) : "")
  const calls = callsFor(asked, seedOf(asked))
  const budget = asked.maxTokens ?? Number.POSITIVE_INFINITY
  const reasoning = piecesOf(thoughts).slice(0, budget)
  if (calls.length > 0) {
    return { reasoning, content: [], toolCalls: calls, finishReason: "tool_calls", stopSequence: null }
  }
  const [kept, stopSequence] = stoppedAt(contentFor(asked, prompt), asked.stop)
  const pieces = piecesOf(kept)
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

const contentFor = (asked: ParsedRequest, prompt: string): string => {
  if (asked.format?.schema !== undefined) return JSON.stringify(exampleOf(asked.format.schema, prompt))
  const text = asked.toolResults.length > 0 ? fromTools(asked) : sayTo(prompt)
  return asked.format === undefined ? text : JSON.stringify({ answer: text })
}

const fromTools = (asked: ParsedRequest): string =>
  asked.toolResults.map(({ name, text }) => `${name} says: ${text.slice(0, 500)}`).join("\n")

const stoppedAt = (text: string, stop: ReadonlyArray<string>): readonly [string, string | null] => {
  const found = stop
    .filter((sequence) => sequence !== "" && text.includes(sequence))
    .map((sequence) => [text.indexOf(sequence), sequence] as const)
    .sort(([left], [right]) => left - right)[0]
  return found === undefined ? [text, null] : [text.slice(0, found[0]), found[1]]
}

/** What ids follow from: they differ from turn to turn, and are the same when the same is asked again. */
const seedOf = (asked: ParsedRequest): string => asked.turns.map((turn) => `${turn.role}: ${turn.text}`).join("\n")
