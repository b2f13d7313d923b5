/** Anthropic's message batches: https://platform.claude.com/docs/en/api/creating-message-batches */
import * as Effect from "effect/Effect"
import { isObject, type JsonObject } from "../../http/Json.js"
import type { BatchApi, EndedPart, ItemLine } from "../BatchApi.js"
import type { BatchHttp } from "../BatchHttp.js"
import type { BatchState } from "../BatchStatus.js"
import { countOf, idOf, textOf } from "./fields.js"
import { findInPages } from "./findInPages.js"

const path = "/v1/messages/batches"

const states: { readonly [status: string]: BatchState } = {
  in_progress: "running",
  canceling: "cancelling",
  ended: "ended"
}

/** Makes the batch API. */
export const make = (http: BatchHttp): BatchApi => ({
  // https://platform.claude.com/docs/en/build-with-claude/batch-processing: 100,000 requests or 256 MB
  limits: { maxItems: 100_000, maxBytes: 256_000_000, isOneModel: false },
  encode: (id, { body }) => ({ custom_id: id, params: body }),
  create: ({ lines }) =>
    Effect.flatMap(http.sending(lines).postJson(http.urlOf(path), `{"requests":[${lines.join(",")}]}`), (batch) =>
      idOf(http, batch)
    ),
  // A batch has no field for a name. So a batch that was created since then, has as many requests and belongs to no other
  // batch in the store counts as this one. If it is another one, its results have other ids and every item lacks a result.
  find: ({ count, since, isTaken }) =>
    findInPages({
      page: (after) => http.getJson(http.urlOf(`${path}?limit=100${after === "" ? "" : `&after_id=${after}`}`)),
      itemsOf: (page) => page["data"],
      matches: (batch) => totalOf(batch) === count,
      isTaken,
      idOf: (batch) => textOf(batch["id"]),
      nextOf: (page) => (page["has_more"] === true ? textOf(page["last_id"]) : ""),
      isOlder: (batch) => Date.parse(textOf(batch["created_at"])) < since - clockSkewMillis
    }),
  status: (providerId) =>
    Effect.map(http.getJson(http.urlOf(`${path}/${providerId}`)), (batch) => partOf(http, providerId, batch)),
  cancel: (providerId) => Effect.asVoid(http.postJson(http.urlOf(`${path}/${providerId}/cancel`), {})),
  read: lineOf
})

// The difference between the clocks that is allowed. A longer one would match batches of other programs.
const clockSkewMillis = 60_000

const countsOf = (batch: JsonObject): JsonObject => (isObject(batch["request_counts"]) ? batch["request_counts"] : {})

const totalOf = (batch: JsonObject): number =>
  ["processing", "succeeded", "errored", "canceled", "expired"].reduce(
    (sum, name) => sum + countOf(countsOf(batch)[name]),
    0
  )

const partOf = (http: BatchHttp, providerId: string, batch: JsonObject): EndedPart => {
  const word = textOf(batch["processing_status"])
  const counts = countsOf(batch)
  return {
    providerId,
    word,
    state: states[word] ?? "running",
    counts: {
      total: totalOf(batch),
      succeeded: countOf(counts["succeeded"]),
      failed: countOf(counts["errored"]),
      expired: countOf(counts["expired"]),
      cancelled: countOf(counts["canceled"])
    },
    // Not `results_url`: the key goes to no address that a response names.
    lines: http.getLines(http.urlOf(`${path}/${providerId}/results`))
  }
}

const lineOf = ({ custom_id: id, result }: JsonObject): ItemLine | undefined => {
  if (typeof id !== "string" || !isObject(result)) return undefined
  switch (result["type"]) {
    case "succeeded":
      return { id, outcome: { type: "response", body: result["message"] } }
    case "expired":
      return { id, outcome: { type: "expired" } }
    case "canceled":
      return { id, outcome: { type: "cancelled" } }
    default:
      return { id, outcome: { type: "error", body: result["error"] } }
  }
}
