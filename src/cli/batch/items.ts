/** Reads the requests of a batch from JSONL. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { BatchItem } from "../../batch/BatchItem.js"
import { ChatRequest } from "../../domain/ChatRequest.js"
import { type CommandError, usageError } from "../CommandError.js"

const Line = Schema.parseJson(
  Schema.Union(
    Schema.Struct({ id: Schema.String, request: Schema.Record({ key: Schema.String, value: Schema.Unknown }) }),
    Schema.Struct({ id: Schema.String, prompt: Schema.String })
  )
)

const decodeLine = Schema.decodeUnknownEither(Line)
const decodeRequest = Schema.decodeUnknownEither(ChatRequest)

/** Reads one request per line: `{"id", "prompt"}`, or `{"id", "request"}` with a whole request. */
export const parseItems = (text: string): Either.Either<ReadonlyArray<BatchItem>, CommandError> =>
  Either.all(
    text
      .split("\n")
      .map((line, index) => [line, index + 1] as const)
      .filter(([line]) => line.trim() !== "")
      .map(([line, number]) => parseItem(line, number))
  )

const parseItem = (line: string, number: number): Either.Either<BatchItem, CommandError> =>
  Either.gen(function* () {
    const item = yield* Either.mapLeft(decodeLine(line), () =>
      usageError(`line ${number} is no {"id", "prompt"} or {"id", "request"}; correct it`)
    )
    if ("prompt" in item) return { id: item.id, request: { messages: [{ role: "user", content: item.prompt }] } }
    const request = yield* Either.mapLeft(decodeRequest(item.request), () =>
      usageError(`the request in line ${number} is no ChatRequest; its messages must have a role and content`)
    )
    return { id: item.id, request }
  })
