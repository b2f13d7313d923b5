/** Prints a stream as it arrives. */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { NetworkError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { transformChunks } from "../provider/engine/transformChunks.js"
import { collect } from "./Collect.js"
import { LineTracker } from "./LineTracker.js"
import { TerminalSanitizer } from "./sanitizeTerminal.js"
import type { Writable } from "./Writable.js"

/**
 * Prints the content of a stream to `process.stdout`, or to another destination, while the chunks pass through. On a
 * terminal, control characters and escape sequences are removed; a pipe gets the text unchanged. An answer that starts
 * again (`chunk.reset`) is announced in a line of its own.
 *
 * ```ts
 * const response = yield* stream.pipe(tapPrint(), collect)
 * ```
 */
export const tapPrint: {
  (to?: Writable): <E, R>(stream: Stream.Stream<StreamChunk, E, R>) => Stream.Stream<StreamChunk, E, R>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>, to?: Writable): Stream.Stream<StreamChunk, E, R>
} = dual(
  ([stream]) => Predicate.hasProperty(stream, Stream.StreamTypeId),
  <E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    to: Writable = globalThis.process.stdout
  ): Stream.Stream<StreamChunk, E, R> =>
    transformChunks<StreamChunk, StreamChunk>(() => {
      const sanitizer = new TerminalSanitizer()
      return {
        push: (chunks) => {
          for (const { content, reset } of chunks) {
            if (reset === true) to.write(restarted)
            if (content !== "") to.write(to.isTTY === true ? sanitizer.push(content) : content)
          }
          return chunks
        }
      }
    })(stream)
)

// What is printed cannot be taken back.
const restarted = "\n\n[The answer starts again.]\n\n"

/**
 * Runs a stream, prints its content as `tapPrint` does, and gives the complete response as `collect` does. Ends the last
 * line, also where the stream fails or is interrupted, so that what is printed next begins on a new one.
 *
 * ```ts
 * const { usage } = yield* print(LLMClient.chatStream({ messages }))
 * ```
 */
// Not `dual`: TypeScript cannot infer the error and context in `stream.pipe(print)` through overloads.
export const print = <E, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  to?: Writable
): Effect.Effect<ChatResponse, E | NetworkError, R> =>
  Effect.suspend(() => {
    const output = new LineTracker(to ?? globalThis.process.stdout)
    return Effect.ensuring(
      collect(tapPrint(stream, output)),
      Effect.sync(() => output.endLine())
    )
  })
