/** A request about batches, and the responses that the protocols have in common. */
import { isObject, type JsonObject, parseJson } from "../../../http/Json.js"
import type { ServedError } from "../../../protocol/serve/ServedError.js"
import type { WireFormat } from "../../../protocol/serve/WireFormat.js"
import * as Plan from "../Plan.js"
import { refusal } from "../Planner.js"
import type { BatchedOutcome, BatchedResult, SimulatedBatch, SimulatedBatches } from "./SimulatedBatches.js"

/** A request about batches. */
export interface BatchCall {
  readonly wire: WireFormat
  readonly batches: SimulatedBatches
  readonly method: string
  /** The path of the request without its query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Responds with JSON. */
export const json = ({ wire }: BatchCall, body: JsonObject): Plan.Plan => Plan.json(200, body, wire.json)

/** Responds with an error. */
export const refuse = ({ wire }: BatchCall, error: ServedError): Plan.Plan => refusal(wire, error, "")

/** Responds with a batch, or with 404 if it does not exist. */
export const about = (
  call: BatchCall,
  batch: SimulatedBatch | undefined,
  show: (batch: SimulatedBatch) => JsonObject
): Plan.Plan => (batch === undefined ? refuse(call, { kind: "notFound" }) : json(call, show(batch)))

/** Responds with a file of lines, or with 404 if it does not exist. */
export const file = (call: BatchCall, text: string | undefined): Plan.Plan =>
  text === undefined ? refuse(call, { kind: "notFound" }) : Plan.sent(200, "application/x-jsonl", text)

/** The body as a JSON object; empty if it is not one. */
export const bodyOf = ({ text }: BatchCall): JsonObject => {
  const body = parseJson(text)
  return isObject(body) ? body : {}
}

/** The JSON objects of a file's lines; `undefined` without a file, or if a line is not a JSON object. */
export const objectsOf = (text: string | undefined): ReadonlyArray<JsonObject> | undefined => {
  if (text === undefined) return undefined
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseJson)
  return lines.every(isObject) ? lines.filter(isObject) : undefined
}

/** The text of results, a line for each. */
export const linesOf = (results: ReadonlyArray<BatchedResult>, show: (result: BatchedResult) => JsonObject): string =>
  results.map((result) => `${result.line ?? JSON.stringify(show(result))}\n`).join("")

/** How many requests of a batch have an outcome. Lines that were added to the results do not count. */
export const countOf = ({ requests, results = [] }: SimulatedBatch, type: BatchedOutcome["type"]): number => {
  const ids = new Set(requests.map(({ id }) => id))
  return results.filter(({ id, outcome }) => outcome.type === type && ids.delete(id)).length
}

/** One page of a list, and whether there are more after it. */
export const pageOf = <A>(all: ReadonlyArray<A>, start: number, size: number) => ({
  page: all.slice(start, start + size),
  hasMore: start + size < all.length
})
