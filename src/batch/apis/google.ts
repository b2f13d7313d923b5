/** Gemini's batch mode: https://ai.google.dev/gemini-api/docs/batch-api */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as httpErrors from "../../http/errors/httpErrors.js"
import { isObject, type JsonObject } from "../../http/Json.js"
import type { BatchApi, EndedPart, ItemLine, NewPart } from "../BatchApi.js"
import type { BatchHttp } from "../BatchHttp.js"
import type { BatchState } from "../BatchStatus.js"
import { clockSkewMillis, countOf, textOf } from "./fields.js"
import { findInPages } from "./findInPages.js"

const states: { readonly [state: string]: BatchState } = {
  PENDING: "pending",
  RUNNING: "running",
  SUCCEEDED: "ended",
  FAILED: "ended",
  CANCELLED: "ended",
  EXPIRED: "ended"
}

/** Makes the batch API. */
export const make = (http: BatchHttp): BatchApi => ({
  // Google accepts files of 2 GB. The smaller limit bounds the memory of an upload.
  limits: { maxItems: 100_000, maxBytes: 256_000_000, isOneModel: true },
  encode: (key, { body }) => ({ key, request: body }),
  create: (part) => create(http.sending(part.lines), part),
  find: ({ name, since }) =>
    findInPages({
      page: (token) => http.getJson(http.urlOf(`/batches?pageSize=100${token === "" ? "" : `&pageToken=${token}`}`)),
      itemsOf: (page) => page["operations"] ?? page["batches"],
      matches: (batch) => metadataOf(batch)["displayName"] === name && refusalOf(batch) === undefined,
      idOf: (batch) => textOf(batch["name"]),
      nextOf: (page) => textOf(page["nextPageToken"]),
      isOlder: (batch) => Date.parse(textOf(metadataOf(batch)["createTime"])) < since - clockSkewMillis
    }),
  status: (providerId) =>
    Effect.map(http.getJson(http.urlOf(`/${providerId}`)), (batch) => partOf(http, providerId, batch)),
  cancel: (providerId) => Effect.asVoid(http.postJson(http.urlOf(`/${providerId}:cancel`), {})),
  read: lineOf
})

const create = (http: BatchHttp, part: NewPart) =>
  Effect.gen(function* () {
    const file = yield* upload(http, part)
    const url = http.urlOf(`/models/${encodeURIComponent(part.model)}:batchGenerateContent`)
    const batch = { display_name: part.name, input_config: { file_name: file } }
    return yield* nameOf(http, yield* http.postJson(url, { batch }))
  })

/** The URL of a file operation: Google puts its folder before the version of the API, as in `/upload/v1beta/files`. */
const beside = (url: string, folder: string): string => {
  const { origin, pathname, search } = new URL(url)
  return `${origin}/${folder}${pathname}${search}`
}

/** Uploads in two requests, as Google's own client does: https://ai.google.dev/api/files */
const upload = (http: BatchHttp, { lines, name }: NewPart) =>
  Effect.gen(function* () {
    const body = HttpBody.text(`${lines.join("\n")}\n`, "application/jsonl")
    const url = beside(http.urlOf("/files"), "upload")
    const started = yield* http.send({
      method: "POST",
      url,
      body: HttpBody.text(JSON.stringify({ file: { display_name: name } }), "application/json"),
      headers: {
        "x-goog-upload-protocol": "resumable",
        "x-goog-upload-command": "start",
        "x-goog-upload-header-content-length": String(body.contentLength),
        "x-goog-upload-header-content-type": body.contentType
      }
    })
    const target = started.headers["x-goog-upload-url"] ?? ""
    if (!URL.canParse(target) || new URL(target).origin !== new URL(url).origin)
      return yield* httpErrors.malformed(http.context, "its upload URL is missing, or that of another host")
    const { json } = yield* http.send({
      method: "POST",
      url: target,
      body,
      headers: { "x-goog-upload-offset": "0", "x-goog-upload-command": "upload, finalize" }
    })
    return yield* nameOf(http, isObject(json["file"]) ? json["file"] : {})
  })

/** The name of a file or batch, such as `batches/123`: a path below the base URL, so nothing else is accepted. */
const nameOf = (http: BatchHttp, { name }: JsonObject) =>
  typeof name === "string" && /^(?:files|batches)\/[\w-]+$/.test(name)
    ? Effect.succeed(name)
    : httpErrors.malformed(http.context, "it has no name")

const metadataOf = (batch: JsonObject): JsonObject => (isObject(batch["metadata"]) ? batch["metadata"] : batch)

const partOf = (http: BatchHttp, providerId: string, batch: JsonObject): EndedPart => {
  const metadata = metadataOf(batch)
  const word = textOf(metadata["state"])
  const stats = isObject(metadata["batchStats"]) ? metadata["batchStats"] : {}
  const [total, succeeded, failed] = ["requestCount", "successfulRequestCount", "failedRequestCount"].map((field) =>
    countOf(stats[field])
  )
  const refusal = refusalOf(batch)
  const state = states[word.replace(/^(?:BATCH|JOB)_STATE_/, "")] ?? "running"
  const rest = Math.max(0, (total ?? 0) - (succeeded ?? 0) - (failed ?? 0))
  return {
    providerId,
    word,
    state,
    counts: {
      total: total ?? 0,
      succeeded: succeeded ?? 0,
      failed: failed ?? 0,
      expired: word.endsWith("EXPIRED") ? rest : 0,
      cancelled: word.endsWith("CANCELLED") ? rest : 0
    },
    ...(refusal === undefined ? {} : { refusal }),
    lines: linesOf(http, [batch["response"], metadata["output"]])
  }
}

/** The error of a batch that failed as a whole. */
const refusalOf = (batch: JsonObject): EndedPart["refusal"] => {
  const { error } = batch
  return textOf(metadataOf(batch)["state"]).endsWith("FAILED") && isObject(error)
    ? { message: textOf(error["message"]), codes: [textOf(error["status"])], status: countOf(error["code"]) }
    : undefined
}

/** The results are a file. For a batch whose requests were sent inline, the batch contains them. */
const linesOf = (http: BatchHttp, places: ReadonlyArray<unknown>): EndedPart["lines"] => {
  const outputs = places.filter(isObject)
  const file = outputs.map((output) => textOf(output["responsesFile"])).find((name) => /^files\/[\w-]+$/.test(name))
  if (file !== undefined) return http.getLines(beside(http.urlOf(`/${file}:download?alt=media`), "download"))
  const inlined = outputs.map((output) => output["inlinedResponses"]).find(isObject)?.["inlinedResponses"]
  return Stream.map(Stream.fromIterable(Array.isArray(inlined) ? inlined : []), (line) => JSON.stringify(line))
}

const lineOf = (line: JsonObject): ItemLine | undefined => {
  const id = line["key"] ?? (isObject(line["metadata"]) ? line["metadata"]["key"] : undefined)
  if (typeof id !== "string") return undefined
  if (isObject(line["response"])) return { id, outcome: { type: "response", body: line["response"] } }
  const { error } = line
  if (!isObject(error)) return undefined
  // google.rpc.Code: 1 is CANCELLED, 4 DEADLINE_EXCEEDED
  if (error["code"] === 1) return { id, outcome: { type: "cancelled" } }
  if (error["code"] === 4) return { id, outcome: { type: "expired" } }
  return { id, outcome: { type: "error", status: httpStatusOf(error["code"]), body: { error } } }
}

/** Errors inside results have the codes of gRPC or of HTTP: https://cloud.google.com/apis/design/errors */
const httpStatusOf = (code: unknown): number | undefined => {
  const statuses: { readonly [code: number]: number } = { 3: 400, 5: 404, 7: 403, 8: 429, 13: 500, 14: 503, 16: 401 }
  const number = countOf(code)
  return number >= 400 ? number : statuses[number]
}
