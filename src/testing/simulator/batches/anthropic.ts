/** Anthropic's message batches: https://platform.claude.com/docs/en/api/creating-message-batches */
import { isObject, type JsonObject } from "../../../http/Json.js"
import type * as Plan from "../Plan.js"
import { about, type BatchCall, bodyOf, countOf, file, json, linesOf, pageOf, refuse } from "./BatchCall.js"
import type { BatchedRequest, BatchedResult, SimulatedBatch } from "./SimulatedBatches.js"

const protocol = "anthropic-messages"
const base = "/v1/messages/batches"

/** Responds to a request about batches; `undefined` for another path. */
export const anthropicBatches = (call: BatchCall): Plan.Plan | undefined => {
  if (!call.path.startsWith(base)) return undefined
  const [, id = "", action] = /^(?:\/msgbatch_(\w+))?(?:\/(\w+))?$/.exec(call.path.slice(base.length)) ?? []
  const { batches, method } = call
  switch (`${method} ${id === "" ? "all" : (action ?? "one")}`) {
    case "POST all":
      return created(call)
    case "GET all":
      return listed(call)
    case "GET one":
      return about(call, batches.poll(id), (batch) => batchCard(batch, call))
    case "POST cancel":
      return about(call, batches.cancel(id), (batch) => batchCard(batch, call))
    case "GET results": {
      const results = batches.find(id)?.results
      return file(call, results && linesOf(results, lineOf))
    }
    default:
      return undefined
  }
}

const created = (call: BatchCall): Plan.Plan => {
  const { requests: given } = bodyOf(call)
  const requests = (Array.isArray(given) ? given : []).filter(isObject).map(requestOf)
  if (requests.length === 0) return refuse(call, { kind: "invalidRequest", message: "requests: Field required" })
  if (new Set(requests.map(({ id }) => id)).size < requests.length)
    return refuse(call, { kind: "invalidRequest", message: "requests: custom_id must be unique" })
  const wrong = requests.find(({ id }) => !/^[a-zA-Z0-9_-]{1,64}$/.test(id))
  if (wrong !== undefined)
    return refuse(call, {
      kind: "invalidRequest",
      message: `requests: custom_id ${JSON.stringify(wrong.id)} is invalid`
    })
  return json(call, batchCard(call.batches.create({ protocol, createdAt: call.now, fields: {}, requests }), call))
}

const requestOf = (request: JsonObject): BatchedRequest => ({
  id: String(request["custom_id"]),
  path: "/v1/messages",
  body: isObject(request["params"]) ? request["params"] : {}
})

const listed = (call: BatchCall): Plan.Plan => {
  const all = call.batches.list(protocol)
  const after = call.query.get("after_id")?.replace(/^msgbatch_/, "")
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
  const { page, hasMore } = pageOf(all, start, Number(call.query.get("limit") ?? 20))
  const data = page.map((batch) => batchCard(batch, call))
  return json(call, {
    data,
    has_more: hasMore,
    first_id: data[0]?.["id"] ?? null,
    last_id: data.at(-1)?.["id"] ?? null
  })
}

const isoTime = (millis: number): string => new Date(millis).toISOString()

const batchCard = (batch: SimulatedBatch, { headers }: BatchCall): JsonObject => {
  const { id, createdAt, requests, results, isCancelled } = batch
  const succeeded = countOf(batch, "response")
  return {
    id: `msgbatch_${id}`,
    type: "message_batch",
    processing_status: results !== undefined ? "ended" : isCancelled ? "canceling" : "in_progress",
    request_counts: {
      processing: results === undefined ? requests.length : 0,
      succeeded,
      errored: countOf(batch, "error"),
      canceled: countOf(batch, "cancelled"),
      expired: countOf(batch, "expired")
    },
    ended_at: results === undefined ? null : isoTime(createdAt),
    created_at: isoTime(createdAt),
    expires_at: isoTime(createdAt + 86_400_000),
    archived_at: null,
    cancel_initiated_at: isCancelled ? isoTime(createdAt) : null,
    results_url: results === undefined ? null : `http://${headers["host"]}${base}/msgbatch_${id}/results`
  }
}

const lineOf = ({ id, outcome }: BatchedResult): JsonObject => {
  switch (outcome.type) {
    case "response":
      return { custom_id: id, result: { type: "succeeded", message: outcome.body } }
    case "error":
      return { custom_id: id, result: { type: "errored", error: outcome.error.body } }
    case "expired":
      return { custom_id: id, result: { type: "expired" } }
    case "cancelled":
      return { custom_id: id, result: { type: "canceled" } }
  }
}
