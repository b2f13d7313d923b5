/** Prints an answer as it arrives. */
import { Effect, Stream } from "effect"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { TerminalText } from "./sanitizeTerminal.js"

/** Where text goes: `process.stdout` is one. */
export interface Writable {
  /** Writes a text; what it gives back is not looked at. */
  readonly write: (text: string) => unknown
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined
}

/**
 * Prints the text of a stream to `process.stdout` (or elsewhere) as it passes: without what a terminal would obey where
 * it is one, as it is where it is piped.
 *
 * ```ts
 * const response = yield* stream.pipe(tapPrint(), collect)
 * ```
 */
export const tapPrint =
  (to: Writable = globalThis.process.stdout) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<StreamChunk, E, R> =>
    Stream.suspend(() => {
      const harmless = new TerminalText()
      return Stream.tap(stream, ({ content }) =>
        Effect.sync(() => {
          if (content !== "") to.write(to.isTTY === true ? harmless.push(content) : content)
        })
      )
    })

/**
 * Prints a stream to its end.
 *
 * ```ts
 * yield* print(LLMClient.chatStream({ messages }))
 * ```
 */
export const print = <E, R>(stream: Stream.Stream<StreamChunk, E, R>, to?: Writable): Effect.Effect<void, E, R> =>
  Stream.runDrain(tapPrint(to)(stream))
