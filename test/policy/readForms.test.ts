/** A response that is read by function calls passes through policies as one that is read by effects does. */
import { describe, expect, it } from "@effect/vitest"
import { type Context, Effect, Exit, Layer, Schedule, Stream } from "effect"
import {
  Breakers,
  collect,
  type LLMError,
  ModelCatalog,
  NetworkError,
  Policy,
  PolicyState,
  Provider,
  RateLimitError,
  ResponseCache,
  Spending,
  StreamChunk,
  tap,
  toAsyncIterable
} from "llm-connectivity"
import type { Pull } from "../../src/domain/ChatStream.js"
import { type Polled, Read } from "../../src/domain/Read.js"
import { watchPull } from "../../src/provider/engine/watchPull.js"
import { hello } from "../support/openai.js"

const at = { provider: "mock", model: "m", message: "…" }
const cut = new NetworkError({ ...at, reason: "Truncated" })
const limited = new RateLimitError({ ...at, reason: "RateLimit" })

/** Numbers from 0 up to a limit that look random, the same ones for the same seed. */
const dice = (seed: number) => {
  let state = seed * 2654435761
  return (limit: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0
    return (state >>> 8) % limit
  }
}

type Roll = ReturnType<typeof dice>
type Chunks = ReadonlyArray<StreamChunk>

/** How one response is read: its reads, and how it ends. */
interface Script {
  readonly reads: ReadonlyArray<Chunks>
  readonly failure: LLMError | undefined
}

const usage = {
  inputTokens: 1,
  outputTokens: 1,
  totalTokens: 2,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
}
const ending = [StreamChunk.make({ finishReason: "stop", usage, origin: { provider: "mock", model: "m" } })]

const randomScript = (roll: Roll): Script => {
  const chunk = () =>
    StreamChunk.make(
      ([{}, { content: "a" }, { content: "<think>b</think>" }, { reasoning: "c" }] as const)[roll(4)] ?? {}
    )
  const reads = Array.from({ length: roll(5) }, () => Array.from({ length: 1 + roll(3) }, chunk))
  const failure = [undefined, undefined, cut, limited][roll(4)]
  return failure === undefined ? { reads: [...reads, ending], failure } : { reads, failure }
}

/** What gives the reads of a script: by effects, or by a poll that gives each at once, or later, or as an effect. */
const pullOf = ({ reads, failure }: Script, roll: Roll | undefined): Pull => {
  const remaining = [...reads]
  const next = (): Polled<StreamChunk, LLMError> =>
    remaining.shift() ?? (failure === undefined ? [] : Effect.fail(failure))
  const toRead = (polled: Polled<StreamChunk, LLMError>): Pull =>
    Effect.isEffect(polled) ? polled : Effect.succeed(polled)
  if (roll === undefined) return Effect.suspend(() => toRead(next()))
  let isAwaited = false
  return Read.fromPoll((wake) => {
    const how = isAwaited ? 0 : roll(4)
    isAwaited = how > 1
    if (how > 1) (how === 2 ? queueMicrotask : setImmediate)(wake)
    return [next, () => toRead(next()), () => undefined, () => undefined][how]?.()
  })
}

/** Notes what passes: a policy of a program, by an effect around the pull, or a watcher of the library's own. */
const noting =
  (events: Array<string>, isWatcher: boolean): Policy.Policy =>
  (provider) => {
    const onFailure = (error: LLMError) => {
      events.push(`failed ${error._tag} ${error.attempts}`)
      return Effect.fail(error)
    }
    const note = (chunks: Chunks) => {
      events.push(`${chunks.map(({ content, reasoning, reset }) => `${reset ?? ""}${content}/${reasoning}`).join()}`)
      return chunks
    }
    const noted = (pull: Pull) =>
      isWatcher ? watchPull(pull, { onChunks: note, onFailure }) : Effect.catchAll(Effect.map(pull, note), onFailure)
    return Provider.make({
      ...provider,
      open: (...call) => Effect.map(Effect.catchAll(provider.open(...call), onFailure), noted)
    })
  }

/** Without it, whether a target has rested long enough would depend on the speed of the machine. */
const neverResting: Context.Tag.Service<typeof Breakers> = {
  admit: () => Effect.succeed({ type: "admitted", isWatched: true, state: "closed" }),
  report: () => Effect.succeed("closed")
}

const policiesFor = (roll: Roll, eventsFor: (name: string) => Array<string>, other: Provider) =>
  Effect.gen(function* () {
    const all: ReadonlyArray<Policy.Policy> = [
      noting(eventsFor("program"), false),
      noting(eventsFor("watcher"), true),
      Policy.retry({ network: Schedule.recurs(2), rateLimit: Schedule.recurs(1) }),
      Policy.recoverMidStream({ how: ["reset"], times: 2 }),
      yield* Policy.circuitBreaker(),
      yield* Policy.rateLimit({ requests: 1000, per: "1 minute", maxWait: "1 minute" }),
      yield* Policy.fallback({ provider: other }),
      yield* Policy.hedge({ after: "1 hour", atMost: 1 }),
      yield* Policy.cache({ ttl: "1 hour", scope: "shared" }),
      yield* Policy.singleFlight({ scope: "shared" }),
      yield* Spending.policy,
      yield* Policy.concurrency({ requests: 3 }),
      Policy.extractReasoning(),
      Policy.mapRequest((request) => ({ ...request, temperature: 0 })),
      yield* Effect.provideService(
        // The key makes both forms take the targets in one order.
        Policy.loadBalance([{ name: "first" }, { name: "second", provider: other }], { sticky: () => "key" }),
        Breakers,
        neverResting
      )
    ]
    const drawn = [...all]
    return Array.from({ length: 5 }, () => drawn.splice(roll(drawn.length), 1)).flat()
  })

type Consumer = (stream: Stream.Stream<StreamChunk, LLMError>) => Effect.Effect<unknown, unknown>

const consumers: ReadonlyArray<Consumer> = [
  collect,
  (stream) => collect(tap(stream, { onToken: () => Effect.yieldNow() })),
  (stream) => Stream.runDrain(Stream.map(stream, ({ content }) => content)),
  (stream) =>
    Effect.tryPromise({
      try: async () => {
        for await (const _ of toAsyncIterable(stream)) await null
      },
      catch: (error) => error
    })
]

/** Runs two calls under random policies; gives what each of those who see the response has seen. */
const eventsOf = (seed: number, isPolled: boolean) =>
  Effect.gen(function* () {
    const roll = dice(seed)
    const seen: { [name: string]: Array<string> } = {}
    // A flight reads ahead of its callers, so each has an order of its own.
    const eventsFor = (name: string) => {
      seen[name] ??= []
      return seen[name]
    }
    const events = eventsFor("consumer")
    const scripted = (name: string, scripts: Array<Script>) =>
      Provider.make({
        name,
        identity: Effect.succeed(name),
        open: () =>
          Effect.sync(() =>
            pullOf(scripts.shift() ?? { reads: [ending], failure: undefined }, isPolled ? dice(seed + 1) : undefined)
          )
      })
    const scripts = () => Array.from({ length: 4 }, () => randomScript(roll))
    const [provider, other] = [scripted("mock", scripts()), scripted("other", scripts())]
    const policies = yield* policiesFor(roll, eventsFor, other)
    const policed = policies.reduce((each, policy) => policy(each), provider)
    const consume = consumers[roll(consumers.length)] ?? collect
    const note = (name: string) => (value: unknown) => void events.push(`${name} ${JSON.stringify(value)}`)
    for (const _ of [1, 2]) {
      const stream = tap(policed.chatStream({ ...hello, model: "m", maxTokens: 5 }), {
        onToken: note("token"),
        onReasoning: note("reasoning"),
        onReset: () => note("reset")(null),
        onFinish: ({ content }) => note("finish")(content),
        onFailure: ({ _tag, attempts }) => note("failure")([_tag, attempts]),
        onInterrupt: note("interrupt")
      })
      const exit = yield* Effect.exit(consume(stream))
      events.push(Exit.isSuccess(exit) ? "ended" : "failed")
    }
    return seen
  }).pipe(
    Effect.provide(
      Layer.fresh(
        Layer.mergeAll(
          PolicyState.memory,
          ResponseCache.memory,
          Spending.layer().pipe(
            Layer.provideMerge(
              ModelCatalog.layerOf([{ provider: "mock", model: "m", prices: { input: 1, output: 1 } }])
            )
          )
        )
      )
    )
  )

describe("policies", () => {
  it.live(
    "see the same of a response that is polled as of one whose reads are effects, in any order of policies",
    () =>
      Effect.gen(function* () {
        const first = Number(process.env.FIRST ?? 1)
        const count = Number(process.env.COUNT ?? 100)
        for (let seed = first; seed < first + count; seed += 1) {
          const expected = yield* eventsOf(seed, false)
          const polled = yield* Effect.timeout(eventsOf(seed, true), "30 seconds")
          expect([seed, polled]).toEqual([seed, expected])
        }
      }),
    60_000
  )
})
