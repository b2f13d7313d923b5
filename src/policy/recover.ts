/** Takes up a stream that failed before it showed anything, so that nobody reads anything twice. */
import { Effect, ExecutionStrategy, Exit, Scope } from "effect"
import type { LLMError } from "../domain/LLMError.js"
import { hasOutput } from "../domain/StreamChunk.js"
import * as ChatStream from "../provider/ChatStream.js"

/** What to do about the failures of one run of a stream. */
export interface Recovery {
  /** The stream that is read instead, as long as no content, reasoning or tool call has been shown. */
  readonly early: (error: LLMError) => Effect.Effect<ChatStream.ChatStream, LLMError>
  /** What a failure becomes once something has been shown. */
  readonly late: (error: LLMError) => LLMError
  /** What to do when the answer is complete. */
  readonly complete?: Effect.Effect<void>
}

/** Recovers a stream. Its recovery is made anew for each run, and asked at each failure. */
export const recover = (stream: ChatStream.ChatStream, recovery: Effect.Effect<Recovery>): ChatStream.ChatStream =>
  ChatStream.make(
    Effect.zipWith(recovery, Effect.scope, ({ early, late, complete = Effect.void }, scope) => {
      let hasShown = false
      const attempt = new Attempt(stream, scope)
      const pull: ChatStream.Pull = Effect.matchEffect(attempt.pull, {
        onSuccess: (chunks) => {
          hasShown ||= chunks.some(hasOutput)
          return chunks.length === 0 ? Effect.as(complete, chunks) : Effect.succeed(chunks)
        },
        onFailure: (error) =>
          hasShown
            ? Effect.fail(late(error))
            : Effect.zipRight(
                attempt.close,
                Effect.flatMap(early(error), (next) => {
                  attempt.restart(next)
                  return pull
                })
              )
      })
      return pull
    })
  )

/** The stream that is being read, in a scope of its own. */
class Attempt {
  private pulling: ChatStream.Pull
  private own: Scope.CloseableScope | undefined

  constructor(
    stream: ChatStream.ChatStream,
    private readonly scope: Scope.Scope
  ) {
    this.pulling = this.begin(stream)
  }

  /** Reads on, beginning where that has not been done. */
  readonly pull: ChatStream.Pull = Effect.suspend(() => this.pulling)

  /** Lets go of what the stream holds, its socket first of all. */
  readonly close: Effect.Effect<void> = Effect.suspend(() =>
    this.own === undefined ? Effect.void : Scope.close(this.own, Exit.void)
  )

  /** Reads another stream from now on. */
  restart(stream: ChatStream.ChatStream): void {
    this.pulling = this.begin(stream)
  }

  // No generator: one that has waited for the first chunks, and so grown old, holds them until V8 collects everything.
  private begin(stream: ChatStream.ChatStream): ChatStream.Pull {
    return Effect.flatMap(Scope.fork(this.scope, ExecutionStrategy.sequential), (own) => {
      this.own = own
      return Effect.flatMap(Scope.extend(ChatStream.openOf(stream), own), (pull) => {
        this.pulling = pull
        return pull
      })
    })
  }
}
