/** The results of a provider's batch, stored in pages, so that no stored value is large. */
import * as Activity from "@effect/workflow/Activity"
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type { BatchResult } from "../../../batch/BatchItem.js"
import { LLMError } from "../../../domain/LLMError.js"
import { StoredResponse } from "../modelCall.js"
import type { PromptResult } from "./BatchPath.js"
import { indexOf } from "./submission.js"

/** A page of results. */
export const ResultPage = Schema.Array(
  Schema.Struct({
    index: Schema.Number,
    result: Schema.Either({ left: LLMError.schema, right: StoredResponse })
  })
)

/** The activity that stores a page. */
export const pageName = (page: number): string => `results/${page}`

// The size of a page in UTF-16 code units of JSON. A result counts as at least a hundredth of it, so a page has at most 100
// results. A longer result is a page of its own.
const maxLength = 1_000_000
const minLength = maxLength / 100

const lengthOf = ({ result }: PromptResult): number =>
  Math.max(minLength, Either.match(result, { onLeft: () => 0, onRight: (response) => JSON.stringify(response).length }))

const page = Sink.foldWeighted({
  initial: Chunk.empty<PromptResult>(),
  maxCost: maxLength,
  cost: (_, result: PromptResult) => lengthOf(result),
  body: (results, result) => Chunk.append(results, result)
})

const promptResult = ({ id, result }: BatchResult): PromptResult => ({
  index: indexOf(id),
  result: Either.map(result, (response) => ({ ...response, rawResponse: null }))
})

type Pages = Effect.Effect<Chunk.Chunk<Chunk.Chunk<PromptResult>>, Option.Option<LLMError>>

/** The results to store. */
export interface Results {
  readonly total: number
  /** Reads them from their first one. */
  readonly read: Stream.Stream<BatchResult, LLMError>
  /** Repeats a reading that failed, while a later attempt can succeed. */
  readonly persist: <A>(reading: Effect.Effect<A, LLMError>) => Effect.Effect<A, LLMError>
}

/**
 * Stores all results. One download fills all pages. After a restart or a failure it begins again, and skips the results
 * that are stored.
 */
export const storeResults = ({
  total,
  read,
  persist
}: Results): Effect.Effect<void, LLMError, WorkflowEngine | WorkflowInstance> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const stored = new Set<number>()
    const unstored = Stream.filter(Stream.map(read, promptResult), ({ index }) => !stored.has(index))
    let open: Pages | undefined
    const pages = Effect.suspend(() =>
      open === undefined
        ? Effect.tap(Scope.extend(Stream.toPull(Stream.transduce(unstored, page)), scope), (pull) => {
            open = pull
          })
        : Effect.succeed(open)
    )
    const next = Effect.flatten(pages).pipe(
      Effect.onError(() =>
        Effect.sync(() => {
          open = undefined
        })
      ),
      Effect.map((chunk) => Chunk.toReadonlyArray(Chunk.flatten(chunk))),
      Effect.catchAll(
        Option.match({ onNone: () => Effect.succeed<ReadonlyArray<PromptResult>>([]), onSome: Effect.fail })
      )
    )
    for (let number = 0; stored.size < total; number++) {
      const results = yield* Activity.make({
        name: pageName(number),
        success: ResultPage,
        error: LLMError.schema,
        execute: persist(next)
      })
      if (results.length === 0) return
      for (const { index } of results) stored.add(index)
    }
  }).pipe(Effect.scoped)
