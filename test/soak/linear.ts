/** Ten times the answer costs ten times the processor, not a hundred. */
import { expect, it } from "@effect/vitest"
import type { ProtocolName } from "llm-connectivity/testing"
import type { ParsedRequest } from "../../src/protocol/serve/ParsedRequest.js"
import { wireFormats } from "../../src/testing/simulator/Endpoint.js"
import { protocolNames } from "../resilience/ask.js"
import { readings } from "../support/protocols.js"
import { report } from "../support/report.js"

const parsed: ParsedRequest = {
  model: "model",
  isStream: true,
  isStored: false,
  messages: [],
  toolResults: [],
  tools: [],
  toolChoice: "auto",
  format: undefined,
  wantsReasoning: false,
  showsReasoning: false,
  wantsSealedReasoning: false,
  maxTokens: undefined,
  stop: [],
  choices: 1,
  includesUsage: true
}

const usage = {
  inputTokens: 1,
  outputTokens: 1,
  totalTokens: 2,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
}

type Kind = "text" | "tool arguments"

/** The network reads of an answer of so many characters. */
const readsOf = (protocol: ProtocolName, kind: Kind, size: number): ReadonlyArray<Uint8Array> => {
  const pieces = Array.from({ length: size / 100 }, () => "x".repeat(100))
  const args = ['{"text":"', ...pieces, '"}']
  const answer = answerOf(kind, pieces, args)
  return chunked(wireFormats[protocol].streamEvents(answer, parsed).map((event) => event.text))
}

const answerOf = (kind: Kind, pieces: ReadonlyArray<string>, args: ReadonlyArray<string>) => ({
  id: "id",
  model: "model",
  reasoning: [],
  sources: [],
  showsReasoning: false,
  isReasoningRedacted: false,
  interleavesCalls: false,
  content: kind === "text" ? pieces : [],
  toolCalls:
    kind === "text" ? [] : [{ id: "call", isGivenId: true, name: "write", arguments: args.join(""), pieces: args }],
  finishReason: kind === "text" ? ("stop" as const) : ("tool_calls" as const),
  stopSequence: null,
  usage
})

const chunked = (events: ReadonlyArray<string>): ReadonlyArray<Uint8Array> => {
  const bytes = Buffer.from(events.join(""))
  return Array.from({ length: Math.ceil(bytes.length / 16_384) }, (_, index) =>
    bytes.subarray(index * 16_384, (index + 1) * 16_384)
  )
}

/** The milliseconds of processor that reading takes, at best. */
const cost = (protocol: ProtocolName, kind: Kind, size: number): number => {
  const reads = readsOf(protocol, kind, size)
  const once = () => {
    globalThis.gc?.()
    const before = process.cpuUsage()
    const { response } = readings[protocol](reads)
    const { user, system } = process.cpuUsage(before)
    expect(((kind === "text" ? response?.content : response?.toolCalls[0]?.arguments) ?? "").length).toBeGreaterThan(
      size - 1
    )
    return (user + system) / 1000
  }
  return Math.min(once(), once(), once())
}

const cases = protocolNames.flatMap((protocol) =>
  (["text", "tool arguments"] as const).map((kind) => [protocol, kind] as const)
)

/** Responses repeat the whole text at their end, and Gemini sends a call in one event; an event has its bound. */
const most: { readonly [Each in ProtocolName]: { readonly [Each in Kind]: number } } = {
  "openai-chat": { text: 10_000_000, "tool arguments": 10_000_000 },
  "openai-responses": { text: 8_000_000, "tool arguments": 8_000_000 },
  "anthropic-messages": { text: 10_000_000, "tool arguments": 10_000_000 },
  "google-gemini": { text: 10_000_000, "tool arguments": 8_000_000 }
}

it.each(cases)("%s: ten times the %s costs at most 12 times as much", (protocol, kind) => {
  const large = most[protocol][kind]
  cost(protocol, kind, large / 10)
  const ratio = cost(protocol, kind, large) / cost(protocol, kind, large / 10)
  report(`${protocol}, ten times the ${kind}: times the processor`, ratio)
  expect(ratio).toBeLessThanOrEqual(12)
})

/** An answer of so many tool calls, each in an event of its own. */
const callsOf = (protocol: ProtocolName, count: number): ReadonlyArray<Uint8Array> => {
  const toolCalls = Array.from({ length: count }, (_, index) => ({
    id: `call_${index}`,
    isGivenId: true,
    name: "write",
    arguments: `{"at":${index}}`,
    pieces: [`{"at":${index}}`]
  }))
  const answer = { ...answerOf("tool arguments", [], []), toolCalls }
  return chunked(wireFormats[protocol].streamEvents(answer, parsed).map((event) => event.text))
}

it.each(protocolNames)("%s: four times the tool calls cost at most 6 times as much", (protocol) => {
  const millisOf = (count: number) => {
    const reads = callsOf(protocol, count)
    const once = () => {
      const before = process.cpuUsage()
      const { response } = readings[protocol](reads)
      const { user, system } = process.cpuUsage(before)
      expect(response?.toolCalls).toHaveLength(count)
      return (user + system) / 1000
    }
    return Math.min(once(), once(), once())
  }
  const few = millisOf(10_000)
  const many = millisOf(40_000)
  report(`${protocol}, 40,000 tool calls: ms of the processor`, many)
  report(`${protocol}, four times the tool calls: times the processor`, many / few)
  expect(many / few).toBeLessThanOrEqual(6)
})
