/** The bytes of a response, one network read at a time, from whichever client it came. */
import type { HttpClientResponse } from "@effect/platform"
import { Cause, Chunk, Effect, Exit, Option, Runtime, type Scope, Stream } from "effect"
import { Utf8Decoder } from "./Utf8.js"

/** A body being read: `next` calls back once, with bytes, with `undefined` at a clean end, or with what broke. */
export interface Body {
  readonly next: (onBytes: (bytes: Uint8Array | undefined) => void, onBroken: (cause: unknown) => void) => void
}

/**
 * Opens the body of a response. Reads the socket's own stream where the client shows it, which spares some 10 µs of
 * channels per read, and the response's `stream` otherwise.
 */
export const open = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Body, never, Scope.Scope> => {
  const source: unknown = Reflect.get(response, "source")
  if (source instanceof globalThis.Response) return Effect.sync(() => fromWeb(source))
  if (isReadable(source)) return Effect.sync(() => fromReadable(source))
  const body: unknown = typeof source === "object" && source !== null ? Reflect.get(source, "body") : undefined
  return isReadable(body) ? Effect.sync(() => fromReadable(body)) : fromStream(response.stream)
}

const fromWeb = (response: globalThis.Response): Body => {
  const reader = response.body?.getReader()
  return {
    next: (onBytes, onBroken) => {
      if (reader === undefined) onBytes(undefined)
      else reader.read().then((result) => onBytes(result.done ? undefined : result.value), onBroken)
    }
  }
}

/** What we use of a Node.js `Readable`, so that our types do not need Node's. */
interface Readable {
  readonly read: () => Uint8Array | null
  readonly on: (event: "readable" | "end" | "error" | "close", listener: (cause?: unknown) => void) => unknown
  readonly errored?: unknown
  readonly destroyed: boolean
  readonly readableEnded: boolean
}

const isReadable = (value: unknown): value is Readable =>
  typeof value === "object" &&
  value !== null &&
  typeof Reflect.get(value, "read") === "function" &&
  typeof Reflect.get(value, "on") === "function"

const fromReadable = (readable: Readable): Body => {
  let wake: (() => void) | undefined
  let broken: { readonly cause: unknown } | undefined
  const onEvent = () => {
    const waiting = wake
    wake = undefined
    waiting?.()
  }
  const onBreak = (cause?: unknown) => {
    if (!readable.readableEnded) broken ??= { cause: cause ?? readable.errored }
    onEvent()
  }
  readable.on("readable", onEvent)
  readable.on("end", onEvent)
  readable.on("error", onBreak)
  readable.on("close", () => onBreak())
  // The socket may have broken between the headers and this call; those events will not come again.
  if (readable.destroyed) onBreak()
  const next: Body["next"] = (onBytes, onBroken) => {
    const bytes = broken === undefined ? readable.read() : null
    if (bytes !== null) onBytes(bytes)
    else if (broken !== undefined) onBroken(broken.cause)
    else if (readable.readableEnded) onBytes(undefined)
    else wake = () => next(onBytes, onBroken)
  }
  return { next }
}

const fromStream = <E>(stream: Stream.Stream<Uint8Array, E>): Effect.Effect<Body, never, Scope.Scope> =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(stream)
    const runtime = yield* Effect.runtime<never>()
    let cancel: Runtime.Cancel<unknown, unknown> | undefined
    yield* Effect.addFinalizer(() => Effect.sync(() => cancel?.()))
    let rest: ReadonlyArray<Uint8Array> = []
    const next: Body["next"] = (onBytes, onBroken) => {
      const [bytes, ...others] = rest
      rest = others
      if (bytes !== undefined) return onBytes(bytes)
      cancel = Runtime.runCallback(runtime)(pull, {
        onExit: Exit.match({
          onSuccess: (chunk) => {
            rest = Chunk.toReadonlyArray(chunk)
            next(onBytes, onBroken)
          },
          onFailure: (cause) => {
            const failure = Cause.failureOption(cause)
            if (Option.isSome(failure) && Option.isNone(failure.value)) onBytes(undefined)
            else onBroken(Option.isSome(failure) ? Option.getOrUndefined(failure.value) : Cause.squash(cause))
          }
        })
      })
    }
    return { next }
  })

/** Says whether bytes begin a gzip, which no text does; the Node and Undici clients do not undo it. */
export const isCompressed = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** A body as text, and how it ended. */
export interface Text {
  readonly text: string
  readonly end: "clean" | "broken" | "tooLarge" | "compressed"
}

/** The most bytes to read as one text: twice as many characters, and adding to a string throws in V8. */
export const longestText = 2 ** 28

/** Reads at most so many bytes as text; a body that breaks off gives what had come. */
export const readText = (body: Body, maxBytes: number): Effect.Effect<Text> =>
  Effect.suspend(() => {
    const decoder = new Utf8Decoder()
    let text = ""
    let size = 0
    const result = (end: Text["end"]) => Effect.succeed({ text: text + decoder.end(), end })
    const more = (): Effect.Effect<Text> =>
      Effect.matchEffect(read(body), {
        onFailure: () => result("broken"),
        onSuccess: (bytes) => {
          if (bytes === undefined) return result("clean")
          if (size === 0 && isCompressed(bytes)) return result("compressed")
          text += decoder.push(bytes.subarray(0, maxBytes - size))
          size += bytes.length
          return size > maxBytes ? result("tooLarge") : more()
        }
      })
    return more()
  })

const read = (body: Body): Effect.Effect<Uint8Array | undefined, unknown> =>
  Effect.async((resume) => {
    body.next(
      (bytes) => resume(Effect.succeed(bytes)),
      (cause) => resume(Effect.fail(cause))
    )
  })

/**
 * Reads what is left after the end marker, so that the connection can be used again. A server that leaves it open is
 * not waited for; the timer is real time, as a socket is.
 */
export const drain = (body: Body, patienceMillis = 100): Effect.Effect<void> =>
  Effect.async((resume) => {
    const timer = setTimeout(() => resume(Effect.void), patienceMillis)
    const done = () => {
      clearTimeout(timer)
      resume(Effect.void)
    }
    const next = (): void => body.next((bytes) => (bytes === undefined ? done() : next()), done)
    next()
    return Effect.sync(() => clearTimeout(timer))
  })
