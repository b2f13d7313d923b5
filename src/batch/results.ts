/** Reads the results of a batch: exactly one for each item, even if the provider's files repeat or lack lines. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { isRetryable, type LLMError } from "../domain/LLMError.js"
import * as httpErrors from "../http/errors/httpErrors.js"
import { isObject, parseJson } from "../http/Json.js"
import { textsIn } from "../http/secrets/textsIn.js"
import { plainRequest } from "../provider/engine/prepareRequest.js"
import type { RequestContext } from "../provider/engine/RequestContext.js"
import type { BatchApi, EndedPart, ItemLine } from "./BatchApi.js"
import type { BatchPart } from "./BatchHandle.js"
import type { BatchResult } from "./BatchItem.js"
import { type ReadItem, withoutResult } from "./readItem.js"
import { retryTransient } from "./retryTransient.js"

/** What reads the results of one provider. */
export interface ResultReader {
  readonly context: RequestContext
  readonly batches: BatchApi
  readonly readItem: ReadItem
  /** The requests that are known, by the ids of their items. */
  readonly requests: ReadonlyMap<string, ChatRequest>
}

// Within the day that a batch takes, a provider can be down for minutes. Retries for about an hour, at most once a minute.
const throughOutages = Schedule.intersect(
  Schedule.union(Schedule.exponential("1 second"), Schedule.spaced("1 minute")),
  Schedule.recurs(60)
)

/** Asks for the status of a part, once per interval, until the part has ended. */
export const whenEnded = (
  batches: BatchApi,
  providerId: string,
  every: Duration.DurationInput
): Effect.Effect<EndedPart, LLMError> =>
  Effect.flatMap(statusOfPart(batches, providerId), (part) =>
    part.state === "ended" ? Effect.succeed(part) : Effect.delay(whenEnded(batches, providerId, every), every)
  )

/** Asks for the status of a part, and retries for about an hour while the provider cannot be reached. */
export const statusOfPart = (batches: BatchApi, providerId: string): Effect.Effect<EndedPart, LLMError> =>
  batches.status(providerId).pipe(Effect.scoped, retryTransient(throughOutages, "1 hour"))

/** The results of a part that has ended. */
export const resultsOfPart = (
  reader: ResultReader,
  part: BatchPart,
  ended: EndedPart
): Stream.Stream<BatchResult, LLMError> =>
  Stream.suspend(() => {
    const model = part.model ?? ""
    const { refusal } = ended
    if (refusal !== undefined) {
      return Stream.unwrap(
        Effect.map(
          Effect.forEach(part.ids, (id) => sentFor(reader, id)),
          (sent) => {
            const sentTexts = sent.includes(undefined) ? undefined : () => textsIn(sent)
            const context = { ...reader.context, model, status: refusal.status ?? 400, sentTexts }
            return failing(part.ids, httpErrors.reported(context, refusal))
          }
        )
      )
    }
    const lines = new ResultLines(reader.batches, part.ids)
    return readThroughCuts(ended.lines, lines).pipe(
      Stream.mapEffect((line) => Effect.map(readResult(reader, model, line), (result) => ({ id: line.id, result }))),
      Stream.concat(Stream.suspend(() => missing(reader, model, ended, lines)))
    )
  })

/** The same error for several items. */
export const failing = (ids: ReadonlyArray<string>, error: LLMError): Stream.Stream<BatchResult> =>
  Stream.map(Stream.fromIterable(ids), (id) => ({ id, result: Either.left(error) }))

/** The request of an item as it was sent; `undefined` if it is not known. */
const sentFor = ({ requests }: ResultReader, id: string): Effect.Effect<unknown> => {
  const request = requests.get(id)
  return request === undefined
    ? Effect.succeed(undefined)
    : Effect.orElseSucceed(plainRequest(request), () => undefined)
}

/** Reads the result of an item. The request matters only to errors, so it is not prepared for a response. */
const readResult = (reader: ResultReader, model: string, { id, outcome }: ItemLine) => {
  const result = reader.readItem(model, outcome)
  return Either.isRight(result) || !reader.requests.has(id)
    ? Effect.succeed(result)
    : Effect.map(sentFor(reader, id), (sent) => reader.readItem(model, outcome, sent))
}

/** Tracks which items have had their line. A mutable class, because a second reading of a file must skip those. */
class ResultLines {
  readonly pending: Set<string>
  malformed = 0
  private strays = 0
  private readonly maxStrays: number

  constructor(
    private readonly batches: BatchApi,
    ids: ReadonlyArray<string>
  ) {
    this.pending = new Set(ids)
    this.maxStrays = ids.length + maxStrays
  }

  /** Begins with the first line again. */
  restart(): void {
    this.malformed = 0
    this.strays = 0
  }

  /** Whether nothing more is to be expected. A file may have no end. */
  get isDone(): boolean {
    return this.pending.size === 0 || this.strays > this.maxStrays
  }

  /** Reads a line. Lines of unknown items and second lines of an item are skipped. */
  read(text: string): Option.Option<ItemLine> {
    const json = parseJson(text)
    const line = isObject(json) ? this.batches.read(json) : undefined
    if (line !== undefined && this.pending.delete(line.id)) return Option.some(line)
    if (line === undefined && text.trim() !== "") this.malformed++
    this.strays++
    return Option.none()
  }
}

// Lines that bring no result, beyond one for each item.
const maxStrays = 10_000

const maxReads = 3
const pause = "200 millis"

/** Reads all lines. If the connection breaks, reads again from the first line. */
const readThroughCuts = (
  lines: EndedPart["lines"],
  results: ResultLines,
  reads = 1
): Stream.Stream<ItemLine, LLMError> =>
  Stream.suspend(() => {
    results.restart()
    return Stream.map(lines, (text) => ({ line: results.read(text), isLast: results.isDone }))
  }).pipe(
    Stream.takeUntil(({ isLast }) => isLast),
    Stream.filterMap(({ line }) => line),
    Stream.catchAll((error) =>
      isRetryable(error) && reads < maxReads
        ? Stream.unwrap(Effect.delay(Effect.succeed(readThroughCuts(lines, results, reads + 1)), pause))
        : Stream.fail(error)
    )
  )

/** The results of the items that have no line. */
const missing = (
  { context: { provider }, readItem }: ResultReader,
  model: string,
  { counts }: EndedPart,
  { pending, malformed }: ResultLines
): Stream.Stream<BatchResult> => {
  const type = counts.cancelled > 0 ? "cancelled" : counts.expired > 0 ? "expired" : undefined
  return Stream.map(Stream.fromIterable(pending), (id) => ({
    id,
    result: type === undefined ? Either.left(withoutResult(provider, model, malformed)) : readItem(model, { type })
  }))
}
