/** Reads the body of a response or a request, one network read at a time, from any HTTP client or server. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Utf8Decoder } from "./framing/Utf8.js"

/** A body that is read once. */
export interface Body {
  /** Calls back once: with bytes, with `undefined` at a clean end, or with the cause of a broken connection. */
  readonly next: (onBytes: (bytes: Uint8Array | undefined) => void, onBroken: (cause: unknown) => void) => void
}

/** The body of a message. */
export interface MessageBody extends Body {
  /** Reads no more, which closes the connection of a body that has not ended. */
  readonly cancel: () => void
}

/** A message of the platform: a response of its clients, or a request of its servers. */
interface Message {
  readonly stream: Stream.Stream<Uint8Array, unknown>
}

/**
 * Opens the body of a message. Reads the socket's own stream where the platform exposes it, which saves about 10 µs of
 * channels per read, and the message's `stream` otherwise.
 */
export const open = (message: Message): Effect.Effect<MessageBody, never, Scope.Scope> => {
  const source: unknown = Reflect.get(message, "source")
  if (source instanceof globalThis.Response || source instanceof globalThis.Request)
    return Effect.sync(() => fromWeb(source))
  if (isReadable(source)) return Effect.sync(() => fromReadable(source))
  const body: unknown = typeof source === "object" && source !== null ? Reflect.get(source, "body") : undefined
  return isReadable(body) ? Effect.sync(() => fromReadable(body)) : fromStream(message.stream)
}

const fromWeb = ({ body }: globalThis.Response | globalThis.Request): MessageBody => {
  const reader = body?.getReader()
  return {
    next: (onBytes, onBroken) => {
      if (reader === undefined) onBytes(undefined)
      else reader.read().then((result) => onBytes(result.done ? undefined : result.value), onBroken)
    },
    // A body that is broken already rejects with why, which nobody needs any more.
    cancel: () => reader?.cancel().catch(() => {})
  }
}

/** The part of a Node.js `Readable` that is used here, so that the types do not need Node's. */
interface Readable {
  readonly read: () => Uint8Array | null
  readonly on: (event: "readable" | "end" | "error" | "close", listener: (cause?: unknown) => void) => unknown
  readonly destroy: () => unknown
  readonly errored?: unknown
  readonly destroyed: boolean
  readonly readableEnded: boolean
}

const isReadable = (value: unknown): value is Readable =>
  typeof value === "object" &&
  value !== null &&
  typeof Reflect.get(value, "read") === "function" &&
  typeof Reflect.get(value, "on") === "function"

const fromReadable = (readable: Readable): MessageBody => {
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
  // The socket may have broken between the headers and this call; its events are not emitted again.
  if (readable.destroyed) onBreak()
  const next: Body["next"] = (onBytes, onBroken) => {
    const bytes = broken === undefined ? readable.read() : null
    if (bytes !== null) onBytes(bytes)
    else if (broken !== undefined) onBroken(broken.cause)
    else if (readable.readableEnded) onBytes(undefined)
    else wake = () => next(onBytes, onBroken)
  }
  return { next, cancel: () => readable.destroy() }
}

const fromStream = <E>(stream: Stream.Stream<Uint8Array, E>): Effect.Effect<MessageBody, never, Scope.Scope> =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(stream)
    const runtime = yield* Effect.runtime<never>()
    let cancel: Runtime.Cancel<unknown, unknown> | undefined
    const stop = () => cancel?.()
    yield* Effect.addFinalizer(() => Effect.sync(stop))
    let remaining: ReadonlyArray<Uint8Array> = []
    const next: Body["next"] = (onBytes, onBroken) => {
      const [bytes, ...others] = remaining
      remaining = others
      if (bytes !== undefined) return onBytes(bytes)
      cancel = Runtime.runCallback(runtime)(Effect.interruptible(pull), {
        onExit: Exit.match({
          onSuccess: (chunk) => {
            remaining = Chunk.toReadonlyArray(chunk)
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
    return { next, cancel: stop }
  })

/** Checks for the first bytes of gzip, which no text begins with. Only `fetch` decompresses. */
export const isCompressed = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** A body as text, and how it ended. */
export interface Text {
  readonly text: string
  readonly end: "clean" | "broken" | "tooLarge" | "compressed"
}

/** The most bytes to read as one text; V8 throws when a string grows to twice as many characters. */
export const maxTextBytes = 2 ** 28

/** Reads at most `maxBytes` as text. A broken connection gives the text received so far. */
export const readText = (body: Body, maxBytes: number): Effect.Effect<Text> =>
  Effect.suspend(() => {
    const decoder = new Utf8Decoder()
    let text = ""
    let size = 0
    const result = (end: Text["end"]) => Effect.succeed({ text: text + decoder.end(), end })
    const readMore = (): Effect.Effect<Text> =>
      Effect.matchEffect(read(body), {
        onFailure: () => result("broken"),
        onSuccess: (bytes) => {
          if (bytes === undefined) return result("clean")
          if (size === 0 && isCompressed(bytes)) return result("compressed")
          text += decoder.push(bytes.subarray(0, maxBytes - size))
          size += bytes.length
          return size > maxBytes ? result("tooLarge") : readMore()
        }
      })
    return readMore()
  })

/** How a body begins: its first read, `undefined` if the body has ended or is broken, and what gives that read again. */
export interface Begun {
  readonly first: Uint8Array | undefined
  readonly again: Body["next"]
}

/** Reads until a body has begun with something other than blanks, which are left out. */
export const begin = (body: Body): Effect.Effect<Begun> =>
  Effect.matchEffect(read(body), {
    onFailure: (cause) => Effect.succeed({ first: undefined, again: (_, onBroken) => onBroken(cause) }),
    onSuccess: (first) =>
      first?.every(isBlank) === true ? begin(body) : Effect.succeed({ first, again: (onBytes) => onBytes(first) })
  })

/** Tab, line feed, carriage return, space. */
const isBlank = (byte: number): boolean => byte === 9 || byte === 10 || byte === 13 || byte === 32

/** A body that has begun, from its first read on. */
export const fromBegin = ({ again }: Begun, body: Body): Body => {
  let isFirst = true
  return {
    next: (onBytes, onBroken) => {
      if (!isFirst) return body.next(onBytes, onBroken)
      isFirst = false
      again(onBytes, onBroken)
    }
  }
}

const read = (body: Body): Effect.Effect<Uint8Array | undefined, unknown> =>
  Effect.async((resume) => {
    body.next(
      (bytes) => resume(Effect.succeed(bytes)),
      (cause) => resume(Effect.fail(cause))
    )
  })

/**
 * Reads the rest of a body after the end marker, so that the connection can be reused. Gives up after `maxMillis`, in
 * real time, where the server does not close the body.
 */
export const drain = (body: Body, maxMillis = 100): Effect.Effect<void> =>
  Effect.async((resume) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isDone = false
    const done = () => {
      isDone = true
      clearTimeout(timer)
      resume(Effect.void)
    }
    const next = (): void => body.next((bytes) => (bytes === undefined ? done() : next()), done)
    next()
    if (isDone) return
    timer = setTimeout(done, maxMillis)
    return Effect.sync(() => clearTimeout(timer))
  })
