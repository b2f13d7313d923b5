/** Gemini's batch mode and the files that it reads and writes: https://ai.google.dev/gemini-api/docs/batch-api */
import { isObject, type JsonObject } from "../../../http/Json.js"
import * as Plan from "../Plan.js"
import { about, type BatchCall, bodyOf, countOf, file, json, linesOf, objectsOf, pageOf, refuse } from "./BatchCall.js"
import type { BatchedOutcome, BatchedRequest, BatchedResult, SimulatedBatch } from "./SimulatedBatches.js"

const protocol = "google-gemini"

/** Responds to a request about files or batches; `undefined` for another path. */
export const googleBatches = (call: BatchCall): Plan.Plan | undefined => {
  const { batches, method, path } = call
  if (path === "/upload/v1beta/files") return method === "POST" ? uploaded(call) : undefined
  const [, downloaded] = /^\/download\/v1beta\/files\/(\w+):download$/.exec(path) ?? []
  if (downloaded !== undefined && method === "GET") return results(call, downloaded)
  const [, model] = /^\/v1beta\/models\/([^:]+):batchGenerateContent$/.exec(path) ?? []
  if (model !== undefined && method === "POST") return created(call, decodeURIComponent(model))
  const [, id, action] = /^\/v1beta\/batches(?:\/(\w+))?(?::(\w+))?$/.exec(path) ?? []
  if (path === "/v1beta/batches" && method === "GET") return listed(call)
  if (id === undefined) return undefined
  if (method === "GET") return about(call, batches.poll(id), (batch) => batchCard(batch, call))
  return action === "cancel" && method === "POST" ? about(call, batches.cancel(id), () => ({})) : undefined
}

/** A resumable upload: the first request starts it and gets a URL, to which the pieces are sent. */
const uploaded = (call: BatchCall): Plan.Plan => {
  const { headers, query, text, batches } = call
  const command = headers["x-goog-upload-command"] ?? ""
  if (command.includes("start")) {
    const url = `http://${headers["host"]}${call.path}?upload_id=${batches.addFile("")}`
    return Plan.withHeaders(json(call, {}), { "x-goog-upload-url": url, "x-goog-upload-status": "active" })
  }
  const id = query.get("upload_id") ?? ""
  if (batches.file(id) === undefined) return refuse(call, { kind: "notFound" })
  batches.appendTo(id, text)
  const isFinal = command.includes("finalize")
  return Plan.withHeaders(json(call, isFinal ? { file: fileCard(id, call) } : {}), {
    "x-goog-upload-status": isFinal ? "final" : "active"
  })
}

const fileCard = (id: string, { headers }: BatchCall): JsonObject => ({
  name: `files/${id}`,
  mimeType: "application/jsonl",
  state: "ACTIVE",
  uri: `http://${headers["host"]}/v1beta/files/${id}`
})

const created = (call: BatchCall, model: string): Plan.Plan => {
  const given = bodyOf(call)["batch"]
  const batch = isObject(given) ? given : {}
  const config = batch["input_config"] ?? batch["inputConfig"]
  const input = isObject(config) ? config : {}
  const fileName = input["file_name"] ?? input["fileName"]
  const inside = isObject(input["requests"]) ? input["requests"]["requests"] : undefined
  const lines =
    fileName === undefined
      ? (Array.isArray(inside) ? inside : []).filter(isObject)
      : objectsOf(call.batches.file(String(fileName).replace(/^files\//, "")))
  if (lines === undefined || lines.length === 0) return refuse(call, { kind: "invalidRequest" })
  const fields = {
    model: `models/${model}`,
    displayName: batch["display_name"] ?? batch["displayName"],
    isFile: fileName !== undefined
  }
  const requests = lines.map((line, index) => requestOf(line, index, model))
  return json(call, batchCard(call.batches.create({ protocol, createdAt: call.now, fields, requests }), call))
}

const requestOf = (line: JsonObject, index: number, model: string): BatchedRequest => {
  const key = line["key"] ?? (isObject(line["metadata"]) ? line["metadata"]["key"] : undefined)
  return {
    id: String(key ?? index),
    path: `/v1beta/models/${model}:generateContent`,
    body: isObject(line["request"]) ? line["request"] : {}
  }
}

const listed = (call: BatchCall): Plan.Plan => {
  const start = Number(call.query.get("pageToken") ?? 0)
  const size = Number(call.query.get("pageSize") ?? 50)
  const { page, hasMore } = pageOf(call.batches.list(protocol), start, size)
  return json(call, {
    operations: page.map((batch) => batchCard(batch, call)),
    ...(hasMore ? { nextPageToken: String(start + size) } : {})
  })
}

const stateOf = ({ results: done, isCancelled }: SimulatedBatch, { batches: { options } }: BatchCall): string => {
  if (done === undefined) return "BATCH_STATE_PENDING"
  if (options.isRefused === true) return "BATCH_STATE_FAILED"
  if (isCancelled) return "BATCH_STATE_CANCELLED"
  return (options.expired ?? 0) > 0 ? "BATCH_STATE_EXPIRED" : "BATCH_STATE_SUCCEEDED"
}

const batchCard = (batch: SimulatedBatch, call: BatchCall): JsonObject => {
  const { id, fields, createdAt, requests, results: done } = batch
  const state = stateOf(batch, call)
  const time = new Date(createdAt).toISOString()
  const metadata = {
    "@type": `${typeName}GenerateContentBatch`,
    name: `batches/${id}`,
    model: fields["model"],
    displayName: fields["displayName"],
    createTime: time,
    updateTime: time,
    batchStats: {
      requestCount: String(requests.length),
      successfulRequestCount: String(countOf(batch, "response")),
      failedRequestCount: String(countOf(batch, "error"))
    },
    state
  }
  if (done === undefined) return { name: `batches/${id}`, metadata }
  const output = outputOf(batch, done)
  return {
    name: `batches/${id}`,
    metadata: { ...metadata, endTime: time, output },
    done: true,
    ...(state === "BATCH_STATE_FAILED"
      ? { error: { code: 400, message: "The file is not valid.", status: "INVALID_ARGUMENT" } }
      : { response: { "@type": `${typeName}GenerateContentBatchOutput`, ...output } })
  }
}

const typeName = "type.googleapis.com/google.ai.generativelanguage.v1main."

/** The name of a file if the requests came in a file, the results themselves otherwise. */
const outputOf = ({ id, fields }: SimulatedBatch, done: ReadonlyArray<BatchedResult>): JsonObject =>
  fields["isFile"] === true
    ? { responsesFile: `files/${id}` }
    : {
        inlinedResponses: {
          inlinedResponses: done.map((result) => ({ metadata: { key: result.id }, ...resultOf(result.outcome) }))
        }
      }

const results = (call: BatchCall, id: string): Plan.Plan => {
  const done = call.batches.find(id)?.results
  return file(call, done === undefined ? call.batches.file(id) : linesOf(done, lineOf))
}

const lineOf = ({ id, outcome }: BatchedResult): JsonObject => ({ key: id, ...resultOf(outcome) })

/** Requests that were not run have the codes of google.rpc.Code. */
const resultOf = (outcome: BatchedOutcome): JsonObject => {
  switch (outcome.type) {
    case "response":
      return { response: outcome.body }
    case "error":
      return outcome.error.body
    case "expired":
      return { error: { code: 4, message: "The deadline expired before the request was run." } }
    case "cancelled":
      return { error: { code: 1, message: "The request was cancelled." } }
  }
}
