/** Counts an answer while it passes, for those who only look on: it never fails where the answer does not. */
import { Effect, Option, Stream } from "effect"
import * as Cost from "../../catalog/Cost.js"
import { ModelCatalog } from "../../catalog/ModelCatalog.js"
import { TokenCounter, type TokenCounterService } from "../../catalog/TokenCounter.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { ModelId } from "../../domain/ModelId.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import type { MeasuredChunk } from "./AnswerProgress.js"

/** What is asked, as far as counting needs it. */
export interface Asked {
  readonly model?: ModelId | undefined
  readonly request?: ChatRequest | undefined
}

/**
 * Adds the tokens so far to each chunk, and with a `ModelCatalog` in context what prompt and answer have cost so far. What
 * the counter in context cannot count is estimated, and so is the prompt, for which a provider would have to be asked.
 */
export const measured =
  ({ model, request }: Asked) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<MeasuredChunk, E, R> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const counter = forgiving(yield* TokenCounter)
        const catalog = yield* Effect.serviceOption(ModelCatalog)
        const passing = Stream.mapError(stream, (error) => new Passing(error))
        const counted: Stream.Stream<MeasuredChunk, unknown, R> =
          model === undefined || request === undefined || Option.isNone(catalog)
            ? TokenCounter.counting(model ?? "")(passing)
            : Stream.provideService(Cost.running(request, model)(passing), ModelCatalog, catalog.value)
        return counted.pipe(
          Stream.provideService(TokenCounter, counter),
          Stream.refineOrDie((error) => (error instanceof Passing ? Option.some(error.error) : Option.none()))
        )
      })
    )

/** A failure of the answer itself, told apart from one of the counter. */
class Passing<E> {
  constructor(readonly error: E) {}
}

const forgiving = (counter: TokenCounterService): TokenCounterService => ({
  count: TokenCounter.approximate.count,
  running: (model) => Effect.orElse(counter.running(model), () => TokenCounter.approximate.running(model))
})
