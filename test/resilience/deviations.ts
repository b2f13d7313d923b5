/** Checks what is read of streams that deviate from their protocol at random, the same way for the same seed. */
import type { ProtocolName } from "llm-connectivity/testing"
import { readings } from "../support/protocols.js"
import { Dice } from "./damage.js"
import { type Call, type Events, type Generated, writers } from "./deviatingWires.js"

const names = ["a", "b", "look_up"] as const

/** How a stream ends: as its protocol says, too early, with another generation after a part of itself, or in an error. */
type Ending = "whole" | "cut" | "spliced" | "failed"

interface Deviation {
  readonly events: Events
  readonly ending: Ending
}

// At least this many events: every writer has then written output.
const minSplice = 4

const failures: { readonly [Each in ProtocolName]: ReadonlyArray<(message: string) => unknown> } = {
  "openai-chat": [
    (message) => ({ error: { message, type: "server_error" } }),
    (message) => ({ choices: [{ index: 0, delta: {}, finish_reason: "error", error: { message } }] }),
    (message) => ({ choices: [], x_groq: { error: { message } } }),
    (message) => ({ choices: null, message, code: "error" }),
    (message) => ({ choices: null, base_resp: { status_code: 1, status_msg: message } })
  ],
  "openai-responses": [
    (message) => ({ type: "error", message, code: "server_error" }),
    (message) => ({ type: "response.failed", response: { id: "r", status: "failed", error: { message } } }),
    (message) => ({ error: { message } })
  ],
  "anthropic-messages": [
    (message) => ({ type: "error", error: { type: "invalid_request_error", message } }),
    (message) => ({ error: { message } })
  ],
  "google-gemini": [
    (message) => ({ error: { code: 400, message, status: "INVALID_ARGUMENT" } }),
    (message) => ({ error: { message } })
  ]
}

const deviationOf = (protocol: ProtocolName, generated: Generated, dice: Dice): Deviation => {
  const whole = writers[protocol](generated, dice)
  const cutAt = dice.below(whole.length)
  const before = whole.slice(0, cutAt)
  switch (dice.pick(["whole", "whole", "whole", "cut", "spliced", "failed"])) {
    case "cut":
      return { events: before, ending: "cut" }
    case "spliced":
      return cutAt < minSplice
        ? { events: whole, ending: "whole" }
        : { events: [...before, ...writers[protocol]({ ...generated, id: "other" }, dice)], ending: "spliced" }
    case "failed": {
      const failure = failures[protocol][dice.below(failures[protocol].length)]
      return { events: [...before, failure?.("The prompt is too long")], ending: "failed" }
    }
    default:
      return { events: whole, ending: "whole" }
  }
}

const readsOf = (events: Events, dice: Dice): ReadonlyArray<Uint8Array> => {
  const noise = ["", ": ping\n\n", "data: null\n\n", "data:  \n\n"] as const
  const bytes = Buffer.from(events.map((event) => `${dice.pick(noise)}data: ${JSON.stringify(event)}\n\n`).join(""))
  const at = dice.below(bytes.length + 1)
  return [bytes.subarray(0, at), bytes.subarray(at)]
}

/** What is wrong with the reading of one stream; `undefined` if nothing is. */
const problemOf = (protocol: ProtocolName, seed: number): string | undefined => {
  const dice = new Dice(seed)
  const calls = Array.from({ length: dice.below(4) }, (_, at): Call => {
    const name = dice.pick(names)
    return { id: `call_${seed}_${at}`, name, args: JSON.stringify({ [`k${at}`]: at, s: "}{" }) }
  })
  const text = `Text ${seed}`
  const { events, ending } = deviationOf(protocol, { id: "first", text, calls }, dice)
  const { response, error, partial } = readings[protocol](readsOf(events, dice))
  const read = partial.toolCalls.map((call) => `${call.name}${call.arguments}`)
  const sent = calls.map((call) => `${call.name}${call.args}`)
  const said = `${protocol} ${seed}, ${ending}: ${partial.content} ${read.join(" ")} of ${sent.join(" ")}, ${error?.message ?? "complete"}`
  if (read.some((call, position) => !(sent[position] ?? "").startsWith(call))) return `joined: ${said}`
  if (!text.startsWith(partial.content)) return `repeated: ${said}`
  if (ending === "failed") {
    return error?._tag === "ContextWindowExceededError" ? undefined : `not that failure: ${said}`
  }
  if (ending !== "whole") return error === undefined ? `a clean end of a ${ending} answer: ${said}` : undefined
  if (response?.content !== text || read.length !== sent.length) return `lost: ${said}`
  return new Set(response.toolCalls.map((call) => call.id)).size === sent.length ? undefined : `ids repeat: ${said}`
}

/** Reads so many streams of every protocol in turn, and returns what is wrong. */
export const readDeviations = (first: number, count: number): ReadonlyArray<string> => {
  const protocols = ["openai-chat", "anthropic-messages", "openai-responses", "google-gemini"] as const
  return Array.from({ length: count }, (_, at) => problemOf(protocols[at % 4] ?? "openai-chat", first + at)).flatMap(
    (problem) => (problem === undefined ? [] : [problem])
  )
}
