/** Writes streams that deviate from their protocol at random, in the ways that servers and gateways were reported to. */
import type { ProtocolName } from "llm-connectivity/testing"
import type { Dice } from "./damage.js"

/** A tool call that the stream has. */
export interface Call {
  readonly id: string
  readonly name: string
  readonly args: string
}

/** A generation, and what identifies it on the wire. */
export interface Generated {
  readonly id: string
  readonly text: string
  readonly calls: ReadonlyArray<Call>
}

const cutText = (text: string, dice: Dice): ReadonlyArray<string> => {
  const at = dice.below(text.length + 1)
  return at === 0 || at === text.length ? [text] : [text.slice(0, at), text.slice(at)]
}

/** The data of events, before they are serialized. */
export type Events = ReadonlyArray<unknown>

const chat = ({ id: generation, text, calls }: Generated, dice: Dice): Events => {
  const numbering = dice.pick(["right", "zero", "none", "drifting"] as const)
  const identity = dice.pick(["id", "late", "none", "shared"] as const)
  const delta = (fields: object, finish_reason: string | null = null) => ({
    id: generation,
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
  if (dice.below(5) === 0) events.push(delta({ tool_calls: [{ index: 7, function: { name: "", arguments: "" } }] }))
  if (dice.below(5) === 0) events.push({ choices: [{ message: { content: text }, finish_reason: null }] })
  events.push(delta({}, dice.pick(["stop", "tool_calls", "TOOL_USE"])))
  return events
}

const anthropic = ({ id: generation, text, calls }: Generated, dice: Dice): Events => {
  const start = { type: "message_start", message: { id: generation, usage: { input_tokens: 1 } } }
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

const responses = ({ id: generation, text, calls }: Generated, dice: Dice): Events => {
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
  const created = { type: "response.created", response: { id: generation } }
  return [
    created,
    ...words,
    done,
    ...items,
    { type: "response.completed", response: { id: generation, status: "completed" } }
  ]
}

const google = ({ id: responseId, text, calls }: Generated, dice: Dice): Events => {
  const sharesIds = dice.below(3) === 0
  const event = (parts: Events, finishReason?: string) => ({
    responseId,
    candidates: [{ content: { parts }, finishReason }]
  })
  const parts = calls.map(({ id, name, args }) =>
    event([{ functionCall: { id: sharesIds ? "c" : id, name, args: JSON.parse(args) } }])
  )
  return [event([{ text }]), ...parts, event([], dice.pick(["STOP", "stop"]))]
}

/** The events of a whole generation, by protocol. */
export const writers = {
  "openai-chat": chat,
  "anthropic-messages": anthropic,
  "openai-responses": responses,
  "google-gemini": google
} as const satisfies { readonly [Each in ProtocolName]: (generated: Generated, dice: Dice) => Events }
