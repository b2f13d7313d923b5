/** Reads the stored results of a provider's batch, and waits for those that are missing. */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import type * as Workflow from "@effect/workflow/Workflow"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type LLMError, NetworkError } from "../../../domain/LLMError.js"
import { type Execution, storedResult } from "../execution.js"
import type { PromptResult } from "./BatchPath.js"
import { pageName, ResultPage } from "./resultPages.js"

// How often missing results are looked for. Each time is one or two queries.
const intervals = Schedule.union(Schedule.exponential("20 millis", 1.5), Schedule.spaced("2 seconds"))

/** Reads again until there is a value. */
export const awaitValue = <A, R>(read: Effect.Effect<Option.Option<A>, never, R>): Effect.Effect<A, never, R> =>
  // The schedule has no end.
  Effect.orDie(Effect.retry(Effect.flatten(read), intervals))

/** The results of an execution. */
export interface StoredResults<R> {
  readonly execution: Execution
  readonly total: number
  /** How the execution ended, if it has. */
  readonly end: Effect.Effect<Workflow.Result<void, LLMError> | undefined, never, R>
}

const decodePage = Schema.decodeUnknown(ResultPage)

/** Gives the results page by page, and at the end the failure of the batch for each prompt that has none. */
export const readResults = <R>({
  execution,
  total,
  end
}: StoredResults<R>): Stream.Stream<PromptResult, never, R | Sharding | MessageStorage> => {
  const missing = new Set(Array.from({ length: total }, (_, index) => index))
  const page = (number: number) =>
    Effect.gen(function* () {
      // In this order, as the last page is stored before the end.
      const ended = yield* end
      const stored = yield* Effect.orDie(storedResult(execution, pageName(number)))
      if (Option.isSome(stored)) return Option.some(yield* Effect.orDie(decodePage(stored.value)))
      if (ended?._tag !== "Complete") return Option.none()
      const error = yield* Effect.flip(Effect.zipRight(ended.exit, withoutResult))
      return Option.some(Array.from(missing, (index): PromptResult => ({ index, result: Either.left(error) })))
    })
  return Stream.paginateChunkEffect(0, (number) =>
    Effect.map(awaitValue(page(number)), (results) => {
      const given = results.filter(({ index }) => missing.delete(index))
      return [Chunk.unsafeFromArray(given), missing.size === 0 ? Option.none() : Option.some(number + 1)]
    })
  )
}

const withoutResult = Effect.fail(
  new NetworkError({
    provider: "",
    model: "",
    reason: "Truncated",
    message: "the batch ended without a result for this prompt; run the prompt again under another id"
  })
)
