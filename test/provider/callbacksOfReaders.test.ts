/** What a consumer's callbacks may do while the client calls them, on the stack of the socket that has read. */
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Scope, Stream } from "effect"
import {
  collect,
  LLMClient,
  type LLMError,
  onToken,
  type StreamChunk,
  tap,
  tapPrint,
  toAsyncIterable
} from "llm-connectivity"
import { ChatStream } from "../../src/domain/ChatStream.js"
import { Read } from "../../src/domain/Read.js"
import { atAnySpeed } from "../support/atAnySpeed.js"
import { clients } from "../support/contract.js"
import { clientOf, done, finish, hello, say } from "../support/openai.js"
import { serve, sse } from "../support/server.js"

/** A server that says a digit every 5 ms, ten in all, and reports which of its responses were cut. */
const counting = Effect.gen(function* () {
  const closed: Array<"ended" | "cut"> = []
  const server = yield* serve((response) => {
    let next = 0
    sse(response, say(String(next++)))
    const timer = setInterval(() => {
      response.write(next < 10 ? say(String(next++)) : finish() + done)
      if (next === 10) response.end(finish() + done)
    }, 5)
    response.on("close", () => {
      clearInterval(timer)
      closed.push(response.writableFinished ? "ended" : "cut")
    })
  })
  return { server, closed }
})

/** Gives what happened outside of any fiber while an effect ran. */
const watchingProcess = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const escaped: Array<unknown> = []
    const onEscaped = (thrown: unknown) => escaped.push(thrown)
    process.on("uncaughtExceptionMonitor", onEscaped)
    return effect.pipe(
      Effect.ensuring(Effect.sync(() => process.off("uncaughtExceptionMonitor", onEscaped))),
      Effect.map((result) => ({ result, escaped }))
    )
  })

type Consumer = (stream: Stream.Stream<StreamChunk, LLMError, LLMClient>) => Effect.Effect<unknown, unknown, LLMClient>

const fail = (): never => {
  throw new Error("wrong")
}

/** Consumers that throw at the third digit. */
const throwing: { readonly [name: string]: Consumer } = {
  tap: (stream) => collect(onToken(stream, (text) => (text === "2" ? fail() : undefined))),
  tapPrint: (stream) => collect(tapPrint(stream, { write: (text) => (text === "2" ? fail() : true) })),
  "an operator of Stream": (stream) =>
    Stream.runDrain(Stream.map(stream, ({ content }) => (content === "2" ? fail() : content))),
  "an operator below a tap": (stream) =>
    Effect.gen(function* () {
      const called: Array<string> = []
      const printed = tapPrint(stream, { write: (text) => (text === "2" ? fail() : true) })
      const note = (name: string) => () => void called.push(name)
      const callbacks = { onFinish: note("onFinish"), onFailure: note("onFailure"), onInterrupt: note("onInterrupt") }
      const exit = yield* Effect.exit(collect(tap(printed, callbacks)))
      // A defect calls none.
      return called.length === 0 ? yield* exit : called
    })
}

describe.each(Object.entries(clients))("a callback that the %s client calls", (_, http) => {
  it.live("makes what it throws a defect, and closes the socket", () =>
    atAnySpeed(
      Effect.fnUntraced(function* () {
        const { server, closed } = yield* counting
        for (const [name, consume] of Object.entries(throwing)) {
          closed.length = 0
          const consuming = Effect.exit(consume(LLMClient.chatStream(hello)))
          const { result, escaped } = yield* watchingProcess(Effect.provide(consuming, clientOf(server.url, {}, http)))
          expect([name, Exit.isFailure(result) && Cause.isDie(result.cause), escaped]).toEqual([name, true, []])
          while (closed.length === 0) yield* Effect.sleep(1)
          expect([name, closed]).toEqual([name, ["cut"]])
        }
      }, Effect.scoped)
    )
  )

  it.live("may interrupt its own reader, by a fiber, a signal or `return`, and is not called again", () =>
    atAnySpeed(
      Effect.fnUntraced(function* () {
        const { server, closed } = yield* counting
        const layer = clientOf(server.url, {}, http)
        for (const how of ["fiber", "signal", "return"] as const) {
          closed.length = 0
          let leave = () => {}
          const seen: Array<string> = []
          const interrupted: Array<string> = []
          const stream = LLMClient.chatStream(hello).pipe(
            tap({
              onToken: (text) => {
                seen.push(text)
                if (text === "2") {
                  leave()
                  leave()
                }
              },
              onInterrupt: ({ content }) => void interrupted.push(content)
            })
          )
          if (how === "fiber") {
            const fiber = yield* Effect.fork(Effect.provide(collect(stream), layer))
            leave = () => void Effect.runFork(Fiber.interrupt(fiber))
            yield* Fiber.await(fiber)
          } else if (how === "signal") {
            const controller = new AbortController()
            leave = () => controller.abort()
            yield* Effect.promise(() =>
              Effect.runPromiseExit(Effect.provide(collect(stream), layer), { signal: controller.signal })
            )
          } else {
            const iterator = toAsyncIterable(Stream.provideLayer(stream, layer))[Symbol.asyncIterator]()
            let left: Promise<unknown> | undefined
            leave = () => {
              left = iterator.return?.()
            }
            yield* Effect.promise(async () => {
              while ((await iterator.next()).done !== true);
              await left
            })
          }
          while (closed.length === 0) yield* Effect.sleep(1)
          expect([how, seen, interrupted, closed]).toEqual([how, ["0", "1", "2"], ["012"], ["cut"]])
        }
      }, Effect.scoped)
    )
  )

  it.live("may close the scope of its response at once", () =>
    Effect.gen(function* () {
      const { server, closed } = yield* counting
      const scope = yield* Scope.make()
      const seen: Array<string> = []
      const stream = onToken(LLMClient.chatStream(hello), (text) => {
        seen.push(text)
        if (text === "2") Effect.runFork(Scope.close(scope, Exit.void))
      })
      const { result, escaped } = yield* ChatStream.open(stream).pipe(
        Scope.extend(scope),
        Effect.flatMap((pull) => Read.forEach(pull, () => undefined)),
        Effect.exit,
        Effect.provide(clientOf(server.url, {}, http)),
        Effect.timeout("5 seconds"),
        watchingProcess
      )
      while (closed.length === 0) yield* Effect.sleep(1)
      expect([seen, escaped, closed, Exit.isFailure(result)]).toEqual([["0", "1", "2"], [], ["cut"], true])
    }).pipe(Effect.scoped)
  )

  it.live("may begin another call with the same client", () =>
    Effect.gen(function* () {
      const { server } = yield* counting
      const inner: Array<Promise<string>> = []
      const outer = yield* Effect.gen(function* () {
        const runtime = yield* Effect.runtime<LLMClient>()
        const another = Effect.map(collect(LLMClient.chatStream(hello)), ({ content }) => content)
        const begin = (text: string) => {
          if (text === "2") inner.push(Effect.runPromise(Effect.provide(another, runtime)))
        }
        const { content } = yield* collect(onToken(LLMClient.chatStream(hello), begin))
        return [content, yield* Effect.promise(() => Promise.all(inner))]
      }).pipe(Effect.provide(clientOf(server.url, {}, http)))
      expect(outer).toEqual(["0123456789", ["0123456789"]])
    }).pipe(Effect.scoped)
  )
})
