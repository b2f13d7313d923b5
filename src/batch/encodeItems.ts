/** Encodes the items of a batch, and splits them into as many parts as the provider's limits need. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { maxJsonDepth, toJsonText } from "../domain/JsonText.js"
import { type LLMError, ValidationError } from "../domain/LLMError.js"
import { sha256 } from "../http/sha256.js"
import type { PreparedRequest } from "../protocol/PreparedRequest.js"
import type { Encoded, ToolNames } from "../protocol/Protocol.js"
import { prepareRequest } from "../provider/engine/prepareRequest.js"
import { invalid } from "../provider/engine/RequestContext.js"
import type { ProviderRuntime } from "../provider/ProviderRuntime.js"
import type { BatchApi, BatchLimits } from "./BatchApi.js"
import type { BatchItem } from "./BatchItem.js"

/** The part of a protocol that batches use. */
export interface ItemEncoder {
  readonly encode: (request: PreparedRequest, stream: boolean) => Either.Either<Encoded, string>
  readonly toolNames?: ToolNames
}

/** An item, encoded for the provider. */
export interface EncodedItem {
  readonly id: string
  readonly model: string
  readonly line: string
}

/** The items of one of the provider's batches. */
export interface Part {
  readonly model: string
  readonly items: ReadonlyArray<EncodedItem>
}

/** Encodes all items. An invalid item fails the batch before anything is sent. */
export const encodeItems = (
  items: ReadonlyArray<BatchItem>,
  defaultModel: string,
  runtime: ProviderRuntime,
  protocol: ItemEncoder,
  batches: BatchApi
): Effect.Effect<ReadonlyArray<EncodedItem>, LLMError> =>
  Effect.forEach(items, ({ id, request }) =>
    Effect.gen(function* () {
      const chat = { ...request, model: request.model ?? defaultModel }
      const { prepared, context } = yield* prepareRequest(chat, runtime, protocol, undefined)
      const encoded = protocol.encode(prepared, false)
      if (Either.isLeft(encoded)) return yield* invalid(context, encoded.left)
      const line = toJsonText(batches.encode(id, encoded.right))
      if (line === undefined)
        return yield* invalid(
          context,
          `the request contains a value that JSON cannot express (a cycle, a bigint or more than ${maxJsonDepth} levels); remove it`
        )
      return { id, model: prepared.model, line }
    }).pipe(Effect.mapError((error) => naming(error, id)))
  )

const naming = (error: LLMError, id: string): LLMError =>
  error._tag === "ValidationError"
    ? new ValidationError({ provider: error.provider, model: error.model, message: `item ${id}: ${error.message}` })
    : error

const encoder = new TextEncoder()

// A line end, or the comma of a list.
const separatorBytes = 1

/** Splits items by their models, where the provider wants one model per batch, and by its limits. */
export const partsOf = (
  items: ReadonlyArray<EncodedItem>,
  { maxItems, maxBytes, isOneModel }: BatchLimits
): Either.Either<ReadonlyArray<Part>, string> => {
  const parts: Array<{ readonly model: string; readonly items: Array<EncodedItem> }> = []
  const open = new Map<string, { readonly part: { readonly items: Array<EncodedItem> }; bytes: number }>()
  for (const item of items) {
    const bytes = encoder.encode(item.line).length + separatorBytes
    if (bytes > maxBytes) return Either.left(`item ${item.id} has more than ${maxBytes} bytes; make it shorter`)
    const key = isOneModel ? item.model : ""
    const last = open.get(key)
    if (last === undefined || last.part.items.length === maxItems || last.bytes + bytes > maxBytes) {
      const part = { model: key, items: [item] }
      parts.push(part)
      open.set(key, { part, bytes })
    } else {
      last.part.items.push(item)
      last.bytes += bytes
    }
  }
  return Either.right(parts)
}

/** Identifies the content of a batch: the hash of the hashes of its parts. */
export const digestOf = (parts: ReadonlyArray<Part>): Effect.Effect<string> =>
  Effect.flatMap(
    Effect.forEach(parts, ({ items }) => sha256(items.map(({ line }) => line).join("\n"))),
    (hashes) => sha256(hashes.join("\n"))
  )
