/** Turns a recorded exchange into the plan of a response, to which the Simulator's faults can be applied. */
import { protocolOf, wireFormats } from "../simulator/Endpoint.js"
import { applyFault } from "../simulator/faults/applyFault.js"
import type { Fault } from "../simulator/faults/Fault.js"
import type { Plan, Step } from "../simulator/Plan.js"
import type { ProtocolName } from "../simulator/SimulatedReply.js"
import type { Exchange, Read, RecordedResponse } from "./Exchange.js"
import { type EventEnd, eventEnds } from "./eventParts.js"

/** The plan that replays an exchange as it was recorded. */
export const planOf = ({ response, failedMillis }: Exchange): Plan =>
  response === undefined
    ? { delayMillis: failedMillis, head: undefined, body: [], ending: "reset", isResetOnReuse: false }
    : {
        delayMillis: response.atMillis,
        head: { status: response.status, headers: response.headers },
        body: timed(
          response.reads.map((read) => ({ ...read, part: "framing" as const })),
          response
        ),
        ending: response.ending === "complete" ? "end" : "reset",
        isResetOnReuse: false
      }

/** The plan that replays an exchange with faults. */
export const faultyPlan = (
  exchange: Exchange,
  faults: ReadonlyArray<Fault>,
  gzip: (bytes: Uint8Array) => Uint8Array
): Plan => {
  const plan = planOf(exchange)
  if (exchange.response === undefined) return plan
  const url = new URL(exchange.request.url)
  const protocol = protocolAt(url, exchange.response.headers)
  const body = timed(piecesOf(exchange.response, protocol), exchange.response)
  const context = {
    wire: wireFormats[protocol],
    model: modelOf(exchange),
    otherUrl: "http://localhost",
    path: `${url.pathname}${url.search}`,
    gzip
  }
  return faults.reduce((planned, fault) => applyFault(planned, fault, context), { ...plan, body })
}

const protocolAt = ({ pathname }: URL, headers: { readonly [name: string]: string }): ProtocolName => {
  if (/\/messages$/.test(pathname)) return "anthropic-messages"
  if (/\/responses$/.test(pathname)) return "openai-responses"
  if (/[:/](?:streamG|g)enerateContent$/.test(pathname)) return "google-gemini"
  return protocolOf(pathname, headers)
}

const modelOf = ({ request }: Exchange): string => {
  const model: unknown =
    typeof request.body === "object" && request.body !== null ? Reflect.get(request.body, "model") : undefined
  return typeof model === "string" ? model : ""
}

/** A part of a read that ends where an event or the read ends. */
interface Piece extends Read {
  readonly part: EventEnd["part"]
}

const timed = (pieces: ReadonlyArray<Piece>, { atMillis, endMillis }: RecordedResponse): ReadonlyArray<Step> => {
  let now = atMillis
  const waitUntil = (millis: number): ReadonlyArray<Step> => {
    const wait = millis - now
    now = Math.max(now, millis)
    return wait > 0 ? [{ type: "wait", millis: wait }] : []
  }
  const steps = pieces.flatMap(
    ({ atMillis: at, bytes, part }): ReadonlyArray<Step> => [...waitUntil(at), { type: "write", bytes, part }]
  )
  return [...steps, ...waitUntil(endMillis)]
}

/** The reads, cut where events end. Each read of a response without events is a piece of the answer. */
const piecesOf = ({ reads, headers }: RecordedResponse, protocol: ProtocolName): ReadonlyArray<Piece> => {
  const isStream = /event-stream/.test(headers["content-type"] ?? "")
  if (!isStream) {
    return reads.map((read, index) => ({ ...read, part: index === reads.length - 1 ? "finish" : "delta" }))
  }
  const ends = eventEnds(joined(reads), protocol)
  let next = 0
  let start = 0
  return reads.flatMap((read) => {
    const pieces: Array<Piece> = []
    const end = start + read.bytes.length
    let from = start
    for (let event = ends[next]; event !== undefined && event.at <= end; event = ends[++next]) {
      pieces.push({ ...read, bytes: read.bytes.subarray(from - start, event.at - start), part: event.part })
      from = event.at
    }
    if (from < end) pieces.push({ ...read, bytes: read.bytes.subarray(from - start), part: "framing" })
    start = end
    return pieces
  })
}

/** The bytes of all reads. */
export const joined = (reads: ReadonlyArray<Read>): Uint8Array => {
  const bytes = new Uint8Array(reads.reduce((size, read) => size + read.bytes.length, 0))
  let at = 0
  for (const read of reads) {
    bytes.set(read.bytes, at)
    at += read.bytes.length
  }
  return bytes
}
