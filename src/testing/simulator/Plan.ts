/** A response before it is sent, as data, so that what goes wrong can be put into it at any place. */
import * as Duration from "effect/Duration"
import type { JsonObject } from "../../http/Json.js"
import { compactJson, type JsonFormat, type StreamEvent } from "../../protocol/serve/WireFormat.js"
import type { Position } from "./faults/Fault.js"

/** Bytes to send, and what they are of the answer. */
export interface Write {
  readonly type: "write"
  readonly bytes: Uint8Array
  readonly part: StreamEvent["part"]
}

/** A pause. */
export interface Wait {
  readonly type: "wait"
  readonly millis: number
}

/** Steps to repeat until the caller is gone. */
export interface Repeat {
  readonly type: "repeat"
  readonly steps: ReadonlyArray<Write | Wait>
}

/** One step of sending a body. */
export type Step = Write | Wait | Repeat

/** A response. */
export interface Plan {
  /** How long nothing is sent. */
  readonly delayMillis: number
  /** `undefined` for no response at all. */
  readonly head: { readonly status: number; readonly headers: { readonly [name: string]: string } } | undefined
  readonly body: ReadonlyArray<Step>
  /** How it ends: properly, with a TCP reset, or not. */
  readonly ending: "end" | "reset" | "open"
  /** Whether the connection is reset when the next request comes on it. */
  readonly isResetOnReuse: boolean
}

const encoder = new TextEncoder()

/** A step that sends a text. */
export const write = (text: string, part: StreamEvent["part"] = "framing"): Write => ({
  type: "write",
  bytes: encoder.encode(text),
  part
})

/** A step that waits. */
export const wait = (duration: Duration.DurationInput): Wait => ({ type: "wait", millis: Duration.toMillis(duration) })

const plain = { delayMillis: 0, ending: "end" as const, isResetOnReuse: false }

/** Sends the events of a stream, with a pause between its deltas. */
export const streamed = (
  events: ReadonlyArray<StreamEvent>,
  contentType: string,
  pace: Duration.DurationInput
): Plan => {
  const pause = wait(pace)
  const first = events.findIndex((event) => event.part === "delta")
  const body = events.flatMap((event, index): ReadonlyArray<Step> => {
    const step = write(event.text, event.part)
    return event.part === "delta" && index !== first && pause.millis > 0 ? [pause, step] : [step]
  })
  const headers = { "content-type": contentType, "cache-control": "no-cache" }
  return { ...plain, head: { status: 200, headers }, body }
}

/** Sends a text in one piece. */
export const sent = (status: number, contentType: string, text: string): Plan => {
  const step = write(text)
  const headers = { "content-type": contentType, "content-length": String(step.bytes.length) }
  return { ...plain, head: { status, headers }, body: text === "" ? [] : [step] }
}

/** Sends JSON. */
export const json = (status: number, body: unknown, format: JsonFormat = compactJson): Plan =>
  sent(status, format.contentType, format.stringify(body))

/**
 * Sends a non-streaming response after the time that its deltas would have taken, in as many slices, so that faults have
 * the same positions.
 */
export const complete = (body: JsonObject, deltas: number, pace: Duration.DurationInput, format: JsonFormat): Plan => {
  const plan = json(200, body, format)
  const bytes = encoder.encode(format.stringify(body))
  const size = Math.ceil(bytes.length / (deltas + 1))
  const slices = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index): Write => {
    const isLast = (index + 1) * size >= bytes.length
    return { type: "write", bytes: bytes.slice(index * size, (index + 1) * size), part: isLast ? "finish" : "delta" }
  })
  return { ...plan, delayMillis: Duration.toMillis(pace) * deltas, body: slices }
}

/** Adds or replaces headers. */
export const withHeaders = (plan: Plan, headers: { readonly [name: string]: string }): Plan =>
  plan.head === undefined ? plan : { ...plan, head: { ...plan.head, headers: { ...plan.head.headers, ...headers } } }

/** Adds headers, but for those that the response has. */
export const withDefaultHeaders = (plan: Plan, headers: { readonly [name: string]: string }): Plan =>
  plan.head === undefined ? plan : { ...plan, head: { ...plan.head, headers: { ...headers, ...plan.head.headers } } }

/** Takes the length back that was announced, as the body will have another. */
export const withoutLength = (plan: Plan): Plan => {
  if (plan.head === undefined) return plan
  const { "content-length": _, ...headers } = plan.head.headers
  return { ...plan, head: { ...plan.head, headers } }
}

/** What is sent before a position, and what after. */
export const split = (
  body: ReadonlyArray<Step>,
  position: Position
): readonly [ReadonlyArray<Step>, ReadonlyArray<Step>] => {
  if ("afterBytes" in position) return splitBytes(body, position.afterBytes)
  const at =
    "afterFinish" in position
      ? body.findLastIndex((step) => isPart(step, "finish")) + 1 || body.length
      : afterDeltas(body, position.afterChunks)
  return [body.slice(0, at), body.slice(at)]
}

/** Says whether a step sends a part of an answer. */
export const isPart = (step: Step, part: StreamEvent["part"]): boolean => step.type === "write" && step.part === part

const afterDeltas = (body: ReadonlyArray<Step>, deltas: number): number => {
  const places = body.flatMap((step, index) => (isPart(step, "delta") ? [index] : []))
  if (deltas === 0) return places[0] ?? indexOrEnd(body, (step) => isPart(step, "finish"))
  const place = places[deltas - 1]
  return place === undefined ? body.length : place + 1
}

const indexOrEnd = (body: ReadonlyArray<Step>, matches: (step: Step) => boolean): number => {
  const index = body.findIndex(matches)
  return index === -1 ? body.length : index
}

const splitBytes = (body: ReadonlyArray<Step>, bytes: number): readonly [ReadonlyArray<Step>, ReadonlyArray<Step>] => {
  let left = bytes
  for (const [index, step] of body.entries()) {
    if (step.type !== "write") continue
    if (left < step.bytes.length) {
      const before: Write = { ...step, bytes: step.bytes.slice(0, left), part: "framing" }
      const after: Write = { ...step, bytes: step.bytes.slice(left) }
      return [
        [...body.slice(0, index), ...(left === 0 ? [] : [before])],
        [after, ...body.slice(index + 1)]
      ]
    }
    left -= step.bytes.length
  }
  return [body, []]
}
