/** Responses end in an uninterruptible region as in any other: fibers that wait for one must not wait forever. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option, Schedule, Schema, Stream } from "effect"
import {
  collect,
  LLMClient,
  latencyOf,
  Policy,
  partialObjects,
  print,
  tap,
  tee,
  toAsyncIterableEffect,
  toReadableStreamEffect
} from "llm-connectivity"
import { status } from "llm-connectivity/progress"
import { clients } from "../support/contract.js"
import { clientOf, done, finish, hello, say } from "../support/openai.js"
import { type Handler, json, serve, sse } from "../support/server.js"

const healthy: Handler = (response) => sse(response, say("a"), say("b"), finish()).end(done)
const silent: Handler = () => {}
const stalls: Handler = (response) => sse(response, say("a"))
const object: Handler = (response) => sse(response, say('{"a":'), say('"b"}'), finish()).end(done)
const wholeObject: Handler = (response) =>
  json(response, 200, { choices: [{ message: { role: "assistant", content: '{"a":"b"}' }, finish_reason: "stop" }] })
const recovers: Handler = (response, request, index) =>
  index === 0
    ? json(response, 500, { error: { message: "down" } }, { "retry-after-ms": "10" })
    : healthy(response, request, index)

const stream = LLMClient.chatStream(hello)
const sink = { write: () => {} }

type Call = Effect.Effect<unknown, unknown, LLMClient>

/** The regions in which an effect cannot be interrupted. */
const regions: { readonly [region: string]: (effect: Call) => Call } = {
  "Effect.uninterruptible": Effect.uninterruptible,
  "Effect.ensuring": (effect) => afterwards((finalizer) => Effect.ensuring(Effect.void, finalizer), effect),
  "Effect.onExit": (effect) => afterwards((finalizer) => Effect.onExit(Effect.void, () => finalizer), effect),
  "the acquire of a resource": (effect) => Effect.scoped(Effect.acquireRelease(effect, () => Effect.void)),
  "the release of a resource": (effect) =>
    afterwards((finalizer) => Effect.scoped(Effect.acquireRelease(Effect.void, () => finalizer)), effect)
}

/** Runs an effect as a finalizer, and gives its result. */
const afterwards = (
  run: (finalizer: Effect.Effect<void, never, LLMClient>) => Effect.Effect<void, never, LLMClient>,
  effect: Call
): Call =>
  Effect.suspend(() => {
    let result: Call = Effect.never
    const finalizer = Effect.map(Effect.exit(effect), (exit) => {
      result = exit
    })
    return Effect.zipRight(
      run(finalizer),
      Effect.suspend(() => result)
    )
  })

/** The two ways in which requests are sent. */
const ways = [
  ["through an HttpClient", clients.Fetch],
  ["directly", clients.Direct]
] as const

/** Runs an effect against a server in every region, and gives what each run ends with: nothing after 3 seconds. */
const against = (handler: Handler, effect: Call, http = clients.Fetch, options: Parameters<typeof clientOf>[1] = {}) =>
  Effect.forEach(
    Object.entries(regions),
    ([region, within]) =>
      Effect.gen(function* () {
        const server = yield* serve(handler)
        const ended = Effect.provide(within(effect), clientOf(server.url, options, http))
        const fiber = yield* Effect.forkDaemon(Effect.either(ended))
        const result = yield* Effect.timeoutOption(Effect.disconnect(Effect.fromFiber(fiber)), "3 seconds")
        return [region, Option.getOrElse(result, () => "it did not end")] as const
      }).pipe(Effect.scoped),
    { concurrency: "unbounded" }
  )

const inAllRegions = (end: unknown) => Object.keys(regions).map((region) => [region, end])

const teed = Effect.scoped(
  Effect.flatMap(tee(stream), ([one, two]) => Effect.all([collect(one), collect(two)], { concurrency: 2 }))
)

const teedWithOneLeft = Effect.scoped(
  Effect.flatMap(tee(stream), ([one, two]) =>
    Effect.all([Stream.runDrain(Stream.take(one, 1)), collect(two)], { concurrency: 2 })
  )
)

/** Reads one branch, never the other one, and leaves the scope while the response goes on. */
const teedAndLeft = Effect.scoped(Effect.flatMap(tee(stream), ([one]) => Stream.runDrain(Stream.take(one, 1))))

const iterated = Effect.flatMap(toAsyncIterableEffect(stream), (chunks) =>
  Effect.promise(async () => {
    for await (const { content } of chunks) if (content === "a") break
  })
)

const webRead = Effect.flatMap(toReadableStreamEffect(stream), (readable) =>
  Effect.promise(async () => {
    const reader = readable.getReader()
    await reader.read()
    await reader.cancel()
  })
)

const readers: ReadonlyArray<readonly [string, Handler, Call]> = [
  ["collect", healthy, collect(stream)],
  ["print", healthy, print(stream, sink)],
  ["latencyOf", healthy, latencyOf(stream)],
  ["tap", healthy, collect(stream.pipe(tap({ onToken: () => Effect.void })))],
  ["status", healthy, collect(stream.pipe(status({ to: sink })))],
  ["Stream.runDrain", healthy, Stream.runDrain(stream)],
  ["Stream.take", stalls, Stream.runDrain(Stream.take(stream, 1))],
  ["tee", healthy, teed],
  ["tee, one branch left early", healthy, teedWithOneLeft],
  ["tee, both branches left", stalls, teedAndLeft],
  ["toAsyncIterableEffect", healthy, iterated],
  ["toReadableStreamEffect", stalls, webRead],
  ["partialObjects", object, Stream.runDrain(stream.pipe(partialObjects(Schema.Struct({ a: Schema.String }))))],
  ["chatObject", wholeObject, LLMClient.chatObject(Schema.Struct({ a: Schema.String }), hello)]
]

describe.each(ways)("in an uninterruptible region, a response that is requested %s ends", (_, http) => {
  it.live.each(readers)("read by %s", ([, handler, effect]) =>
    Effect.map(against(handler, effect, http), (results) =>
      expect(results).toMatchObject(inAllRegions({ _tag: "Right" }))
    )
  )
})

describe("in an uninterruptible region, a policy waits no longer than elsewhere", () => {
  const once = Policy.retry({ network: Schedule.recurs(1) })
  const policies: ReadonlyArray<readonly [string, Policy.Policy]> = [
    ["retry", once],
    ["fallback", Effect.runSync(Policy.fallback({ model: "gpt-4o" }))],
    ["retry around fallback", Policy.compose(once, Effect.runSync(Policy.fallback({ model: "gpt-4o" })))]
  ]
  it.live.each(policies)("%s", ([, policy]) =>
    Effect.map(against(recovers, collect(stream), clients.Fetch, { policies: [policy] }), (results) =>
      expect(results).toMatchObject(inAllRegions({ _tag: "Right" }))
    )
  )
})

describe.each(ways)(
  "in an uninterruptible region, each timeout of a request that is sent %s still expires",
  (_, http) => {
    const calls: ReadonlyArray<readonly [string, string, Handler, Call]> = [
      ["headers", "a stream", silent, collect(LLMClient.chatStream(hello, { timeouts: { headers: "50 millis" } }))],
      [
        "firstContent",
        "a stream",
        silent,
        collect(LLMClient.chatStream(hello, { timeouts: { firstContent: "50 millis" } }))
      ],
      ["idle", "a stream", stalls, collect(LLMClient.chatStream(hello, { timeouts: { idle: "50 millis" } }))],
      ["total", "a stream", stalls, collect(LLMClient.chatStream(hello, { timeouts: { total: "50 millis" } }))],
      [
        "idle",
        "a teed stream",
        stalls,
        Effect.scoped(
          Effect.flatMap(tee(LLMClient.chatStream(hello, { timeouts: { idle: "50 millis" } })), ([one]) => collect(one))
        )
      ],
      ["total", "a silent server", silent, LLMClient.chat(hello, { timeouts: { total: "50 millis" } })],
      ["total", "half a response", stalls, LLMClient.chat(hello, { timeouts: { total: "50 millis" } })],
      ["total", "embeddings", silent, LLMClient.embed({ input: "a" }, { timeouts: { total: "50 millis" } })]
    ]
    it.live.each(calls)("%s, of %s", ([timeout, , handler, effect]) =>
      Effect.map(against(handler, effect, http), (results) =>
        expect(results).toMatchObject(
          inAllRegions({ _tag: "Left", left: { _tag: "NetworkError", reason: "Timeout", timeout } })
        )
      )
    )
  }
)
