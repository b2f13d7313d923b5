/** Reads the results of a batch: exactly one for each item, whatever the provider's files have. */
import { type Duration, Effect, Either, Option, Schedule, Stream } from "effect"
import { isRetryable, type LLMError } from "../domain/LLMError.js"
import type { ReportedError } from "../http/errorClassification.js"
import * as httpErrors from "../http/httpErrors.js"
import { isObject, parseJson } from "../http/Json.js"
import type { RequestContext } from "../provider/RequestContext.js"
import type { BatchPart } from "./BatchHandle.js"
import type { BatchResult } from "./BatchItem.js"
import type { BatchWire, EndedPart } from "./BatchWire.js"
import { type ReadItem, withoutResult } from "./readItem.js"

/** What reads the results of one provider. */
export interface ResultReader {
  readonly context: RequestContext
  readonly wire: BatchWire
  readonly readItem: ReadItem
}

// A day has outages of minutes; polling goes on through them, at most once a minute.
const throughOutages = Schedule.intersect(
  Schedule.union(Schedule.exponential("1 second"), Schedule.spaced("1 minute")),
  Schedule.recurs(60)
)

/** Waits until a part has ended, and asks once per interval. */
export const whenEnded = (
  wire: BatchWire,
  providerId: string,
  every: Duration.DurationInput
): Effect.Effect<EndedPart, LLMError> =>
  Effect.flatMap(statusOfPart(wire, providerId), (part) =>
    part.state === "ended" ? Effect.succeed(part) : Effect.delay(whenEnded(wire, providerId, every), every)
  )

/** Asks for the status of a part, again and again while the provider cannot be reached. */
export const statusOfPart = (wire: BatchWire, providerId: string): Effect.Effect<EndedPart, LLMError> =>
  wire.status(providerId).pipe(Effect.scoped, Effect.retry({ schedule: throughOutages, while: isRetryable }))

// A file that is complete at last is read again; one that lacks results stays so.
const maxReads = 3

/** The results of a part that has ended. */
export const resultsOfPart = (
  reader: ResultReader,
  part: BatchPart,
  ended: EndedPart
): Stream.Stream<BatchResult, LLMError> =>
  Stream.suspend(() => {
    const { context } = reader
    const model = part.model ?? ""
    const pending = new Set(part.ids)
    if (ended.refusal !== undefined) return Stream.map(Stream.fromIterable(part.ids), refused(context, ended.refusal))
    let malformed = 0
    const read: Stream.Stream<BatchResult, LLMError> = Stream.suspend(() => {
      malformed = 0
      return Stream.filterMap(ended.lines, (text) => {
        const json = parseJson(text)
        const line = isObject(json) ? reader.wire.read(json) : undefined
        if (line === undefined) malformed++
        // A line of no item of ours, and a second one of an item, are left out.
        return line !== undefined && pending.delete(line.id)
          ? Option.some({ id: line.id, result: reader.readItem(model, line.outcome) })
          : Option.none()
      })
    })
    const again = (reads: number): Stream.Stream<BatchResult, LLMError> =>
      read.pipe(
        Stream.catchAll((error) =>
          isRetryable(error) && reads < maxReads
            ? Stream.drain(Stream.fromEffect(Effect.sleep("1 second"))).pipe(Stream.concat(again(reads + 1)))
            : Stream.fail(error)
        )
      )
    const rest = Stream.suspend(() => {
      const { state, counts } = ended
      const outcome = counts.cancelled > 0 ? "cancelled" : counts.expired > 0 ? "expired" : undefined
      return Stream.map(
        Stream.fromIterable([...pending]),
        (id): BatchResult => ({
          id,
          result:
            state === "ended" && outcome !== undefined
              ? reader.readItem(model, { type: outcome })
              : Either.left(withoutResult(context.provider, model, malformed))
        })
      )
    })
    return Stream.concat(again(1), rest)
  })

const refused =
  (context: RequestContext, refusal: ReportedError) =>
  (id: string): BatchResult => ({
    id,
    result: Either.left(httpErrors.reported({ ...context, status: refusal.status ?? 400 }, refusal))
  })
