/** OpenAI's batches: https://platform.openai.com/docs/api-reference/batch */
import { isObject, type JsonObject } from "../../../http/Json.js"
import { idOf } from "../../../protocol/serve/hash.js"
import type * as Plan from "../Plan.js"
import { about, type BatchCall, bodyOf, countOf, file, json, linesOf, objectsOf, pageOf, refuse } from "./BatchCall.js"
import type { BatchedRequest, BatchedResult, SimulatedBatch } from "./SimulatedBatches.js"

/** Responds to a request about files or batches; `undefined` for another path. */
export const openAIBatches = (call: BatchCall): Plan.Plan | undefined => {
  const [, kind, id = "", action] = /^\/v1\/(files|batches)(?:\/([\w-]+))?(?:\/(\w+))?$/.exec(call.path) ?? []
  const { batches, method } = call
  const known = id.replace(/^(?:file-|batch_)/, "")
  switch (`${method} ${kind} ${id === "" ? "all" : (action ?? "one")}`) {
    case "POST files all":
      return uploaded(call)
    case "GET files one":
      return batches.file(known) === undefined
        ? refuse(call, { kind: "notFound" })
        : json(call, fileCard(known, call, batches.file(known) ?? ""))
    case "GET files content":
      return content(call, known)
    case "POST batches all":
      return created(call)
    case "GET batches all":
      return listed(call)
    case "GET batches one":
      return about(call, batches.poll(known), (batch) => batchCard(batch, call))
    case "POST batches cancel":
      return about(call, batches.cancel(known), (batch) => batchCard(batch, call))
    default:
      return undefined
  }
}

const fileCard = (id: string, { now }: BatchCall, text: string): JsonObject => ({
  id: `file-${id}`,
  object: "file",
  bytes: new TextEncoder().encode(text).length,
  created_at: Math.floor(now / 1000),
  filename: "batch.jsonl",
  purpose: "batch",
  status: "processed"
})

/** Reads the field `file` of a form. */
const uploaded = (call: BatchCall): Plan.Plan => {
  const [, boundary] = /boundary="?([^";]+)/.exec(call.headers["content-type"] ?? "") ?? []
  const part = call.text.split(`--${boundary}`).find((each) => /name="file"/.test(each))
  const text = part?.slice(part.indexOf("\r\n\r\n") + 4).replace(/\r\n$/, "")
  if (text === undefined) return refuse(call, { kind: "invalidRequest", message: "'file' is a required property" })
  return json(call, fileCard(call.batches.addFile(text), call, text))
}

const created = (call: BatchCall): Plan.Plan => {
  const body = bodyOf(call)
  const text = call.batches.file(String(body["input_file_id"] ?? "").replace(/^file-/, ""))
  const requests = objectsOf(text)?.map(requestOf)
  if (text === undefined || requests === undefined || body["completion_window"] !== "24h")
    return refuse(call, { kind: "invalidRequest" })
  if (new Set(requests.map(({ body: { model } }) => model)).size > 1)
    return refuse(call, { kind: "invalidRequest", message: "The batch file must contain requests of one model only." })
  return json(
    call,
    batchCard(call.batches.create({ protocol: "openai-chat", createdAt: call.now, fields: body, requests }), call)
  )
}

const requestOf = (line: JsonObject): BatchedRequest => ({
  id: String(line["custom_id"]),
  path: String(line["url"]),
  body: isObject(line["body"]) ? line["body"] : {}
})

const listed = (call: BatchCall): Plan.Plan => {
  const all = call.batches.list("openai-chat")
  const after = call.query.get("after")?.replace(/^batch_/, "")
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
  const { page, hasMore } = pageOf(all, start, Number(call.query.get("limit") ?? 20))
  const data = page.map((batch) => batchCard(batch, call))
  return json(call, {
    object: "list",
    data,
    first_id: data[0]?.["id"] ?? null,
    last_id: data.at(-1)?.["id"] ?? null,
    has_more: hasMore
  })
}

const statusOf = ({ results, isCancelled }: SimulatedBatch, { batches: { options } }: BatchCall): string => {
  if (results === undefined) return isCancelled ? "cancelling" : "in_progress"
  if (options.isRefused === true) return "failed"
  if (isCancelled) return "cancelled"
  return (options.expired ?? 0) > 0 ? "expired" : "completed"
}

const batchCard = (batch: SimulatedBatch, call: BatchCall): JsonObject => {
  const status = statusOf(batch, call)
  const { id, fields, createdAt, requests, results = [] } = batch
  const seconds = Math.floor(createdAt / 1000)
  // Neither file exists before it has a line.
  const has = (isError: boolean) => results.some((result) => isFailed(result) === isError)
  return {
    id: `batch_${id}`,
    object: "batch",
    endpoint: fields["endpoint"],
    errors:
      status === "failed"
        ? {
            object: "list",
            data: [{ code: "invalid_json_line", message: "The file is not valid.", line: 1, param: null }]
          }
        : null,
    input_file_id: fields["input_file_id"],
    completion_window: "24h",
    status,
    output_file_id: has(false) ? `file-${id}-output` : null,
    error_file_id: has(true) ? `file-${id}-errors` : null,
    created_at: seconds,
    expires_at: seconds + 86_400,
    request_counts: {
      total: requests.length,
      completed: countOf(batch, "response"),
      failed: countOf(batch, "error")
    },
    metadata: fields["metadata"] ?? null
  }
}

const isFailed = ({ outcome }: BatchedResult): boolean => outcome.type !== "response"

const content = (call: BatchCall, id: string): Plan.Plan => {
  const [, batchId = "", which] = /^(.*)-(output|errors)$/.exec(id) ?? []
  if (which === undefined) return file(call, call.batches.file(id))
  const results = call.batches.find(batchId)?.results
  return file(
    call,
    results &&
      linesOf(
        results.filter((result) => isFailed(result) === (which === "errors")),
        lineOf
      )
  )
}

const lineOf = ({ id, outcome }: BatchedResult): JsonObject => {
  const line = { id: `batch_req_${idOf(id, 24)}`, custom_id: id }
  switch (outcome.type) {
    case "response":
      return {
        ...line,
        response: { status_code: 200, request_id: `req_${idOf(id, 24)}`, body: outcome.body },
        error: null
      }
    case "error":
      return {
        ...line,
        response: { status_code: outcome.error.status, request_id: `req_${idOf(id, 24)}`, body: outcome.error.body },
        error: null
      }
    case "expired":
      return {
        ...line,
        response: null,
        error: {
          code: "batch_expired",
          message: "This request could not be executed before the completion window expired."
        }
      }
    case "cancelled":
      return { ...line, response: null, error: { code: "batch_cancelled", message: "This request was cancelled." } }
  }
}
