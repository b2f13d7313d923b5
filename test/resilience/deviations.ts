/** Writes streams that deviate from their protocol at random, the same way for the same seed, and checks what is read. */
import type { ProtocolName } from "llm-connectivity/testing"
import { readings } from "../support/protocols.js"
import { Dice } from "./damage.js"

interface Call {
  readonly id: string
  readonly name: string
  readonly args: string
}

const names = ["a", "b", "look_up"] as const

const cutText = (text: string, dice: Dice): ReadonlyArray<string> => {
  const at = dice.below(text.length + 1)
  return at === 0 || at === text.length ? [text] : [text.slice(0, at), text.slice(at)]
}

type Events = ReadonlyArray<unknown>

const chat = (text: string, calls: ReadonlyArray<Call>, dice: Dice): Events => {
  const numbering = dice.pick(["right", "zero", "none", "drifting"] as const)
  const identity = dice.pick(["id", "late", "none", "shared"] as const)
  const delta = (fields: object, finish_reason: string | null = null) => ({
    id: "x",
    choices: [{ index: 0, delta: fields, finish_reason }]
  })
  const events: Array<unknown> = [delta({ role: "assistant", content: text })]
  for (const [position, { id, name, args }] of calls.entries()) {
    const pieces = identity === "none" || identity === "shared" ? [args] : cutText(args, dice)
    for (const [at, piece] of pieces.entries()) {
      const index = { right: position, zero: 0, none: undefined, drifting: position + at }[numbering]
      const wireId = identity === "shared" ? "0" : identity === "none" || (identity === "late" && at === 0) ? null : id
      const call = { index, id: at === 0 || identity === "late" ? wireId : null }
      const named = at === 0 || dice.below(4) === 0 ? { name } : {}
      const whole = { ...call, function: { ...named, arguments: piece } }
      events.push(delta({ tool_calls: dice.below(5) === 0 ? whole : [whole] }))
    }
    if (dice.below(5) === 0) events.push({}, delta({ tool_calls: [] }))
  }
  if (dice.below(5) === 0) events.push({ choices: [{ message: { content: text }, finish_reason: null }] })
  events.push(delta({}, dice.pick(["stop", "tool_calls", "TOOL_USE"])))
  return events
}

const anthropic = (text: string, calls: ReadonlyArray<Call>, dice: Dice): Events => {
  const start = { type: "message_start", message: { id: "m", usage: { input_tokens: 1 } } }
  const isDrifting = dice.below(2) === 0
  const sharesIds = dice.below(4) === 0
  const blocks = calls.flatMap(({ id, name, args }, position) => {
    const index = 1 + position * 2
    const numbered = isDrifting ? index + 1 : index
    const block = { type: "tool_use", id: sharesIds ? "t" : id, name, input: {} }
    const pieces = cutText(args, dice).map((partial_json) => ({
      type: "content_block_delta",
      index: numbered,
      delta: { type: "input_json_delta", partial_json }
    }))
    const stop = { type: "content_block_stop", index: numbered }
    return [{ type: "content_block_start", index, content_block: block }, ...pieces, stop]
  })
  const words = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }
  const repeat = dice.below(3) === 0 ? [{ type: "message", role: "assistant", content: [{ type: "text", text }] }] : []
  const ending = { type: "message_delta", delta: { stop_reason: dice.pick(["tool_use", "STOP"]) } }
  return [start, ...(dice.below(3) === 0 ? [start] : []), words, ...blocks, ...repeat, ending]
}

const responses = (text: string, calls: ReadonlyArray<Call>, dice: Dice): Events => {
  const grows = dice.below(2) === 0
  const sharesIds = dice.below(3) === 0
  const words = cutText(text, dice).map((delta, at) => ({
    type: "response.output_text.delta",
    item_id: "msg",
    output_index: 0,
    content_index: grows ? at : 0,
    delta
  }))
  const done = {
    type: "response.output_text.done",
    item_id: "msg",
    output_index: 0,
    content_index: grows ? 9 : 0,
    text
  }
  const items = calls.map(({ id, name, args }, position) => ({
    type: "response.output_item.done",
    output_index: position + 1,
    item: { type: "function_call", id: `fc_${position}`, call_id: sharesIds ? "c" : id, name, arguments: args }
  }))
  const created = { type: "response.created", response: { id: "r" } }
  return [created, ...words, done, ...items, { type: "response.completed", response: { id: "r", status: "completed" } }]
}

const google = (text: string, calls: ReadonlyArray<Call>, dice: Dice): Events => {
  const sharesIds = dice.below(3) === 0
  const event = (parts: Events, finishReason?: string) => ({ candidates: [{ content: { parts }, finishReason }] })
  const parts = calls.map(({ id, name, args }) =>
    event([{ functionCall: { id: sharesIds ? "c" : id, name, args: JSON.parse(args) } }])
  )
  return [event([{ text }]), ...parts, event([], dice.pick(["STOP", "stop"]))]
}

const writers = {
  "openai-chat": chat,
  "anthropic-messages": anthropic,
  "openai-responses": responses,
  "google-gemini": google
} as const

/** What is wrong with the reading of one stream; `undefined` if nothing is. */
const problemOf = (protocol: ProtocolName, seed: number): string | undefined => {
  const dice = new Dice(seed)
  const calls = Array.from({ length: 1 + dice.below(3) }, (_, at): Call => {
    const name = dice.pick(names)
    return { id: `call_${seed}_${at}`, name, args: JSON.stringify({ [`k${at}`]: at, s: "}{" }) }
  })
  const all = writers[protocol](`Text ${seed}`, calls, dice)
  // A cut before the last event has no finish reason.
  const isCut = dice.below(3) === 0
  const events = isCut ? all.slice(0, dice.below(all.length)) : all
  const noise = ["", ": ping\n\n", "data: null\n\n", "data:  \n\n"] as const
  const text = events.map((event) => `${dice.pick(noise)}data: ${JSON.stringify(event)}\n\n`).join("")
  const bytes = Buffer.from(text)
  const at = dice.below(bytes.length + 1)
  const { response, error, partial } = readings[protocol]([bytes.subarray(0, at), bytes.subarray(at)])
  const read = partial.toolCalls.map((call) => `${call.name}${call.arguments}`)
  const sent = calls.map((call) => `${call.name}${call.args}`)
  const said = `${protocol} ${seed}: ${read.join(" ")} of ${sent.join(" ")}, ${error?.message ?? "complete"}`
  if (read.some((call, position) => !(sent[position] ?? "").startsWith(call))) return `joined: ${said}`
  if (isCut) return error === undefined ? `a clean end of a cut answer: ${said}` : undefined
  if (response === undefined || read.length !== sent.length) return `lost: ${said}`
  return new Set(response.toolCalls.map((call) => call.id)).size === sent.length ? undefined : `ids repeat: ${said}`
}

/** Reads so many streams of every protocol in turn, and returns what is wrong. */
export const readDeviations = (first: number, count: number): ReadonlyArray<string> => {
  const protocols = ["openai-chat", "anthropic-messages", "openai-responses", "google-gemini"] as const
  return Array.from({ length: count }, (_, at) => problemOf(protocols[at % 4] ?? "openai-chat", first + at)).flatMap(
    (problem) => (problem === undefined ? [] : [problem])
  )
}
