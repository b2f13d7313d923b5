/** One process of a fleet: makes calls for some seconds and prints what happened. */
import { NodeHttpClient } from "@effect/platform-node"
import { Clock, Duration, Effect, Layer } from "effect"
import { Redis as Ioredis } from "ioredis"
import {
  InsufficientCreditsError,
  LLMClient,
  ModelCatalog,
  OpenAI,
  Policy,
  RateLimits,
  Spending
} from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"

const job = JSON.parse(process.argv[2] ?? "{}")

// A machine whose clock is wrong, and is set right while it works.
const timeOfDay = Date.now
let skew: number = job.skew ?? 0
Date.now = () => timeOfDay() + skew

const roundTrips: Array<number> = []

/** Measures the round trip of each booking, without the wait for the turn. */
const measured = Layer.effect(
  RateLimits,
  Effect.map(RateLimits, ({ book, observe }) => ({
    observe,
    book: (request: Parameters<typeof book>[0]) =>
      Effect.suspend(() => {
        const begun = performance.now()
        return Effect.tap(book(request), () => roundTrips.push(performance.now() - begun))
      })
  }))
)

/** When each request may leave, on the clock of Redis: what the limiter promises, whatever the machine is late by. */
const departures: Array<number> = []
for (const name of ["eval", "evalsha"] as const) {
  const send = Ioredis.prototype[name] as (...args: Array<unknown>) => Promise<unknown>
  Object.assign(Ioredis.prototype, {
    [name](...args: Array<unknown>) {
      const sent = send.apply(this, args)
      sent.then(
        (reply) => {
          // Microseconds, and the milliseconds to wait from then on.
          const [now, booking] = Array.isArray(reply) ? reply : []
          if (Array.isArray(booking) && booking[0] === "1") departures.push(Number(now) / 1000 + Number(booking[1]))
        },
        () => {}
      )
      return sent
    }
  })
}

/** How long a plain command takes in this process meanwhile: what the machine is slow by. */
const pings: Array<number> = []
const plain = new Ioredis(job.redis)
const pinging = setInterval(() => {
  const begun = performance.now()
  void plain.ping().then(() => pings.push(performance.now() - begun))
}, 25)

const state = Redis.layer({ url: job.redis, onUnavailable: "closed", keyPrefix: "fleet:", commandTimeout: "5 seconds" })

const clientOf = (baseUrl: string, limit: Policy.RateLimitOptions | undefined) => {
  return LLMClient.fromProvider(OpenAI, {
    model: "gpt-4o-mini",
    policies: [],
    guards: job.budget === undefined ? [] : [Spending.policy],
    limits: limit === undefined ? [] : [Policy.rateLimit(limit)]
  }).pipe(
    Layer.provide(OpenAI.layer({ apiKey: `key-${job.name}`, baseUrl })),
    Layer.provide(measured),
    Layer.provideMerge(Spending.layerShared({ name: "fleet", budget: job.budget ?? {} }))
  )
}

const counts = { name: job.name, succeeded: 0, failed: 0, refused: 0, errors: new Set<string>() }

const call = LLMClient.chat({ messages: [{ role: "user", content: "Hello" }], maxTokens: job.maxTokens ?? 20 }).pipe(
  Effect.matchEffect({
    onSuccess: () => Effect.sync(() => counts.succeeded++),
    onFailure: (error) =>
      Effect.sync(() => {
        if (error instanceof InsufficientCreditsError) counts.refused++
        else counts.failed++
        counts.errors.add(error.message)
      })
  })
)

const started = new Promise((resolve) => process.stdin.once("data", resolve))

// Otherwise the compilation of the code is measured, too. The connections of the measured calls are new.
const warmUp = Effect.repeatN(call, 10).pipe(
  Effect.provide(clientOf(job.warmUp, { ...job.limit, name: "warm-up" })),
  Effect.zipRight(
    Effect.sync(() => {
      for (const measurements of [roundTrips, departures, pings]) measurements.length = 0
      Object.assign(counts, { succeeded: 0, failed: 0, errors: new Set() })
    })
  ),
  Effect.when(() => job.warmUp !== undefined)
)

const program = Effect.gen(function* () {
  process.stdout.write("ready\n")
  yield* Effect.promise(() => started)
  const until = (yield* Effect.map(Clock.currentTimeNanos, Number)) / 1e6 + job.seconds * 1000
  yield* Effect.fork(
    Effect.delay(
      Effect.sync(() => (skew = 0)),
      Duration.seconds(job.seconds / 2)
    )
  )
  const calls = job.calls ?? Number.POSITIVE_INFINITY
  let made = 0
  const loop = Effect.gen(function* () {
    while (made++ < calls && Number(yield* Clock.currentTimeNanos) / 1e6 < until) yield* call
  })
  yield* Effect.all(
    Array.from({ length: job.concurrency }, () => loop),
    { concurrency: "unbounded", discard: true }
  )
})

await Effect.runPromise(
  Effect.zipRight(warmUp, Effect.provide(program, clientOf(job.baseUrl, job.limit))).pipe(
    Effect.provide(state),
    Effect.provide(job.prices === undefined ? ModelCatalog.layer : ModelCatalog.layerOf(job.prices)),
    Effect.provide(NodeHttpClient.layerUndici)
  )
)
const report = { ...counts, errors: [...counts.errors].slice(0, 3), roundTrips, pings, departures }
clearInterval(pinging)
process.stdout.write(`${JSON.stringify(report)}\n`)
process.exit(0)
