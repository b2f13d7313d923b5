/** Recovers calls that failed before any output: streams, non-streaming responses and embeddings alike. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Opening, Pull } from "../../domain/ChatStream.js"
import type { LLMError } from "../../domain/LLMError.js"
import { Read } from "../../domain/Read.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import { CurrentResponse } from "../../provider/engine/CurrentResponse.js"
import { watchPull } from "../../provider/engine/watchPull.js"
import { type CallOptions, type Embed, type Open, type Policy, Provider } from "../../provider/Provider.js"

/** Where a call is sent. */
export interface Target {
  readonly open: Open
  /** Missing where the target must not receive, or has no, embeddings. */
  readonly embed?: Embed | undefined
}

/** What to do about the failures of one call. */
export interface Recovery {
  /** Where the call is sent next, as long as no content, reasoning or tool call has been shown; or the failure. */
  readonly beforeOutput: (error: LLMError) => Effect.Effect<Target, LLMError>
  /** What a failure becomes once output has been shown. */
  readonly afterOutput: (error: LLMError) => LLMError
  /** Runs when the response is complete. */
  readonly onComplete: () => void
}

/** Makes a policy. Each call gets a new recovery, made from the call's first target and its options. */
export const recover =
  (recoveryFor: (first: Target, call: CallOptions | undefined) => Effect.Effect<Recovery>): Policy =>
  (provider) => {
    const { embeddings } = provider
    const first: Target = { open: provider.open, embed: embeddings?.embed }
    return Provider.make({
      ...provider,
      open: (request, options) =>
        recoverOpening((target) => target.open(request, options), first, recoveryFor(first, options)),
      embeddings: embeddings && {
        ...embeddings,
        embed: (request, options) =>
          Effect.flatMap(recoveryFor(first, options), ({ beforeOutput, onComplete }) => {
            const attempt = (embed: Embed): ReturnType<Embed> =>
              Effect.catchAll(embed(request, options), (error) =>
                Effect.flatMap(beforeOutput(error), (next) =>
                  next.embed === undefined ? Effect.fail(error) : attempt(next.embed)
                )
              )
            return Effect.tap(attempt(embeddings.embed), () => Effect.sync(onComplete))
          })
      }
    })
  }

const recoverOpening = (
  openingOf: (target: Target) => Opening,
  first: Target,
  newRecovery: Effect.Effect<Recovery>
): Opening =>
  // Not `Effect.zipWith`, which takes 20 steps.
  Effect.flatMap(newRecovery, (recovery) =>
    Effect.map(Effect.scope, (scope) => recoverIn(scope, openingOf, first, recovery))
  )

const recoverIn = (
  scope: Scope.Scope,
  openingOf: (target: Target) => Opening,
  first: Target,
  { beforeOutput, afterOutput, onComplete }: Recovery
): Pull => {
  const current = new CurrentResponse(openingOf(first), scope)
  const onChunks = (chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<StreamChunk> => {
    if (chunks.length === 0) onComplete()
    return chunks
  }
  const onFailure = (error: LLMError) => Effect.fail(afterOutput(error))
  let reading: Pull | undefined
  const recovering: Pull = Effect.matchEffect(current.pull, {
    onSuccess: (chunks) => {
      // From the first output on nothing is recovered, so the response itself is read.
      if (chunks.some(hasOutput)) reading = watchPull(current.opened, { onChunks, onFailure })
      return Effect.succeed(onChunks(chunks))
    },
    onFailure: (error) =>
      Effect.zipRight(
        current.close,
        Effect.flatMap(beforeOutput(error), (target) => {
          current.restart(openingOf(target))
          return recovering
        })
      )
  })
  return Read.suspend(() => reading ?? recovering)
}
