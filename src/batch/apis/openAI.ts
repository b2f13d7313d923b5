/** OpenAI's batches: https://platform.openai.com/docs/api-reference/batch */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { isObject, type JsonObject } from "../../http/Json.js"
import type { BatchApi, EndedPart, ItemLine, NewPart } from "../BatchApi.js"
import type { BatchHttp } from "../BatchHttp.js"
import type { BatchState } from "../BatchStatus.js"
import { clockSkewMillis, countOf, idOf, textOf } from "./fields.js"
import { findInPages } from "./findInPages.js"

const states: { readonly [status: string]: BatchState } = {
  validating: "pending",
  in_progress: "running",
  finalizing: "running",
  cancelling: "cancelling",
  completed: "ended",
  failed: "ended",
  expired: "ended",
  cancelled: "ended"
}

/** Makes the batch API; `path` is that of the protocol, such as `/chat/completions`. */
export const make = (http: BatchHttp, path: string): BatchApi => ({
  // https://platform.openai.com/docs/guides/batch: 50,000 requests and 200 MB, all of one model
  limits: { maxItems: 50_000, maxBytes: 200_000_000, isOneModel: true },
  encode: (id, { body }) => ({ custom_id: id, method: "POST", url: `/v1${path}`, body }),
  create: (part) => create(http.sending(part.lines), path, part),
  find: (part) =>
    findInPages({
      page: (after) => http.getJson(http.urlOf(`/batches?limit=100${after === "" ? "" : `&after=${after}`}`)),
      itemsOf: (page) => page["data"],
      matches: (batch) =>
        isObject(batch["metadata"]) && batch["metadata"][nameField] === part.name && refusalOf(batch) === undefined,
      idOf: (batch) => textOf(batch["id"]),
      nextOf: (page, last) => (page["has_more"] === true ? last : ""),
      isOlder: (batch) => countOf(batch["created_at"]) * 1000 < part.since - clockSkewMillis
    }),
  status: (providerId) =>
    Effect.map(http.getJson(http.urlOf(`/batches/${providerId}`)), (batch) => partOf(http, providerId, batch)),
  cancel: (providerId) => Effect.asVoid(http.postJson(http.urlOf(`/batches/${providerId}/cancel`), {})),
  read: lineOf
})

// It stands in a path.
const fileId = /^\w[\w.:=-]*$/

const nameField = "llm-connectivity"

const boundary = "llm-connectivity-batch-file"

const create = (http: BatchHttp, path: string, part: NewPart) =>
  Effect.gen(function* () {
    const batch = yield* http.postJson(http.urlOf("/batches"), {
      input_file_id: yield* upload(http, part),
      endpoint: `/v1${path}`,
      completion_window: "24h",
      metadata: { [nameField]: part.name }
    })
    return yield* idOf(http, batch)
  })

/** Uploads a file as `multipart/form-data`. No line of JSON begins with `--`, so none can be taken for the boundary. */
const upload = (http: BatchHttp, { lines }: NewPart) => {
  const field = `--${boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n`
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="batch.jsonl"\r\ncontent-type: application/jsonl\r\n\r\n`
  const body = `${field}${file}${lines.join("\n")}\n\r\n--${boundary}--\r\n`
  return Effect.flatMap(
    http.send({
      method: "POST",
      url: http.urlOf("/files"),
      body: HttpBody.text(body, `multipart/form-data; boundary=${boundary}`)
    }),
    ({ json }) => idOf(http, json)
  )
}

const partOf = (http: BatchHttp, providerId: string, batch: JsonObject): EndedPart => {
  const word = textOf(batch["status"])
  const counts = isObject(batch["request_counts"]) ? batch["request_counts"] : {}
  const [total, succeeded, failed] = [countOf(counts["total"]), countOf(counts["completed"]), countOf(counts["failed"])]
  const rest = Math.max(0, total - succeeded - failed)
  const refusal = refusalOf(batch)
  // Each file is read if it exists, whatever the status: an expired batch can have both.
  const files = [textOf(batch["output_file_id"]), textOf(batch["error_file_id"])].filter((file) => fileId.test(file))
  return {
    providerId,
    word,
    state: states[word] ?? "running",
    counts: {
      total,
      succeeded,
      failed,
      expired: word === "expired" ? rest : 0,
      cancelled: word === "cancelled" ? rest : 0
    },
    ...(refusal === undefined ? {} : { refusal }),
    lines: Stream.flatMap(Stream.fromIterable(files), (file) => http.getLines(http.urlOf(`/files/${file}/content`)))
  }
}

/** The error of a batch whose file did not pass the check of the provider. */
const refusalOf = (batch: JsonObject): EndedPart["refusal"] => {
  const errors = isObject(batch["errors"]) ? batch["errors"]["data"] : undefined
  const [error]: ReadonlyArray<unknown> = Array.isArray(errors) ? errors : []
  return batch["status"] === "failed" && isObject(error)
    ? { message: textOf(error["message"]), codes: [textOf(error["code"])], status: 400 }
    : undefined
}

const lineOf = (line: JsonObject): ItemLine | undefined => {
  const { custom_id: id, response, error } = line
  if (typeof id !== "string") return undefined
  const code = isObject(error) ? error["code"] : undefined
  if (code === "batch_expired") return { id, outcome: { type: "expired" } }
  if (code === "batch_cancelled") return { id, outcome: { type: "cancelled" } }
  if (!isObject(response)) return { id, outcome: { type: "error", body: { error } } }
  const { status_code: status, body } = response
  return status === 200
    ? { id, outcome: { type: "response", body } }
    : { id, outcome: { type: "error", status: countOf(status), body } }
}
