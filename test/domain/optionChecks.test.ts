/** Every option that is a duration or a number, outside of policies: one that cannot be right is a typed error. */
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Either, Layer, Redacted, Stream } from "effect"
import { LLMClient, OpenAI, Policy, PolicyState, tee, type ValidationError } from "llm-connectivity"
import { ProviderBatch } from "llm-connectivity/batch"
import { Durable, DurableBatch, DurableLoop } from "llm-connectivity/durable"
import { Mcp } from "llm-connectivity/mcp"
import { status } from "llm-connectivity/progress"
import { Redis } from "llm-connectivity/redis"
import { RunStore, Runs } from "llm-connectivity/runs"
import { Gateway, openAIRoutes } from "llm-connectivity/server"
import { MockLLM, Simulator } from "llm-connectivity/testing"
import { ApprovalStore, Approvals, ToolLoop } from "llm-connectivity/tools"

type Made = Effect.Effect<unknown, unknown>

const built = (layer: Layer.Layer<never, unknown> | Layer.Layer<unknown, unknown>): Made =>
  Effect.scoped(Layer.build(layer))

/** What is made with an option, which has the wrong value. */
type Subject = (value: never) => Made

const client = Layer.provide(LLMClient.fromProvider(OpenAI, { model: "m" }), MockLLM.provider(OpenAI, ["Hi"]))

const batches = ProviderBatch.openAI({ apiKey: "key", model: "m" }).pipe(
  Layer.provide([KeyValueStore.layerMemory, FetchHttpClient.layer])
)

const runs = (options: Parameters<typeof Runs.layer>[0]) => built(Layer.provide(Runs.layer(options), RunStore.memory))

const durable = <E>(layer: Layer.Layer<never, E, Layer.Layer.Success<typeof Durable.memory> | LLMClient>) =>
  built(Layer.provide(layer, Layer.merge(Durable.memory, client)))

const provider = (options: object) =>
  built(Layer.provide(OpenAI.layer({ apiKey: "key", ...options }), FetchHttpClient.layer))

const redisClient: Redis.RedisClient = { eval: () => Promise.reject(), evalsha: () => Promise.reject() }
const redis = { client: redisClient, onUnavailable: "closed" } as const

/** What has no error of its own dies with the same one. */
const died = (made: Made): Made => Effect.catchAllDefect(made, Effect.fail)

const simulator = (options: Parameters<typeof Simulator.layer>[0]) => died(built(Simulator.layer(options)))

const chat = LLMClient.chatStream({ messages: [{ role: "user", content: "Hi" }] })

const loop = (options: object) =>
  Effect.provide(ToolLoop.run({ messages: [{ role: "user", content: "Hi" }] }, { tools: [], ...options }), client)

const stopped = (stopWhen: object) => loop({ stopWhen })

const handle = { id: "b", parts: [{ providerId: "batch_1", ids: ["a"] }] }

const finiteDurations: { readonly [option: string]: Subject } = {
  "Redis.layer's commandTimeout": (commandTimeout) => built(Redis.layer({ ...redis, commandTimeout })),
  "Redis.runStore's commandTimeout": (commandTimeout) => built(Redis.runStore({ client: redisClient, commandTimeout })),
  "Redis.approvalStore's commandTimeout": (commandTimeout) =>
    Effect.scoped(Redis.approvalStore({ client: redisClient, commandTimeout })),
  "Runs.layer's lease": (lease) => runs({ lease }),
  "Runs.layer's retention": (retention) => runs({ retention }),
  "Mcp.tools' timeout": (timeout) => Effect.scoped(Mcp.tools({ command: "false", timeout })),
  "a provider batch's every": (every) =>
    Effect.flatMap(ProviderBatch, (batch) => Stream.runCollect(batch.results(handle as never, { every }))).pipe(
      Effect.provide(batches)
    ),
  "DurableBatch's every": (every) => durable(DurableBatch.make("b", { path: batches, every }).layer),
  "status' every": (every) => died(Effect.provide(Stream.runDrain(status({ every })(chat)), client)),
  "a rate limit's per": (per) => Effect.provide(Policy.rateLimit({ requests: 1, per, maxWait: 0 }), PolicyState.memory)
}

const routes = (options: object) =>
  Effect.scoped(openAIRoutes({ models: { fast: client }, authorize: Gateway.allowAnyone, ...options }))

/** Zero and `Infinity` can be right for some of them. */
const durations: { readonly [option: string]: Subject } = {
  ...finiteDurations,
  "a circuit breaker's coolDown": (coolDown) => Effect.provide(Policy.circuitBreaker({ coolDown }), PolicyState.memory),
  "Runs.layer's grace": (grace) => runs({ grace }),
  "Durable.sqlite's retention": (retention) => built(Durable.sqlite("/nonexistent/work.db", { retention })),
  "Durable.postgres' retention": (retention) =>
    built(Durable.postgres({ url: Redacted.make("postgres://127.0.0.1:1/x"), retention })),
  "the Simulator's pace": (pace) => simulator({ pace }),
  "the Simulator's batches.delay": (delay) => simulator({ batches: { delay } }),
  "a loop's stopWhen.time": (time) => stopped({ time }),
  "Approvals.layer's expiresIn": (expiresIn) =>
    built(Approvals.layer({ secret: Redacted.make("s".repeat(32)), store: ApprovalStore.memory, expiresIn })),
  "openAIRoutes' keepAlive": (keepAlive) => routes({ keepAlive }),
  "openAIRoutes' writeTimeout": (writeTimeout) => routes({ writeTimeout }),
  "a call's timeouts.headers": (headers) =>
    Effect.provide(
      LLMClient.chat({ messages: [{ role: "user", content: "Hi" }] }, { timeouts: { headers } }),
      Layer.provide(
        LLMClient.fromProvider(OpenAI, { model: "m" }),
        Layer.provide(OpenAI.layer({ apiKey: "key", baseUrl: "http://127.0.0.1:1" }), FetchHttpClient.layer)
      )
    )
}

/** Whole numbers of at least one. */
const counts: { readonly [option: string]: Subject } = {
  "Runs.layer's maxSize": (maxSize) => runs({ maxSize }),
  "RunStore.memoryWith's maxRunsPerOwner": (maxRunsPerOwner) => built(RunStore.memoryWith({ maxRunsPerOwner })),
  "Mcp.tools' limits.tools": (tools) => Effect.scoped(Mcp.tools({ command: "false", limits: { tools } })),
  "Mcp.tools' limits.result": (result) => Effect.scoped(Mcp.tools({ command: "false", limits: { result } })),
  "openAIRoutes' maxRequestSize": (maxRequestSize) => routes({ maxRequestSize }),
  "openAIRoutes' limits.requestsPerMinute": (requestsPerMinute) => routes({ limits: { requestsPerMinute } }),
  "DurableBatch's concurrency": (concurrency) => durable(DurableBatch.make("b", { concurrency }).layer),
  "DurableLoop's concurrency": (concurrency) => durable(DurableLoop.make("l", { tools: [], concurrency }).layer),
  "a provider's maxEventSize": (maxEventSize) => provider({ maxEventSize }),
  "a provider's maxResponseBytes": (maxResponseBytes) => provider({ maxResponseBytes }),
  "embedding's concurrency": (concurrency) => Effect.provide(LLMClient.embed({ input: "a" }, { concurrency }), client)
}

/** Whole numbers of at least one, or `Infinity`. */
const limits: { readonly [option: string]: Subject } = {
  "tee's capacity": (capacity) => died(Effect.scoped(Effect.provide(tee(chat, { capacity }), client))),
  "a loop's concurrency": (concurrency) => loop({ concurrency }),
  "a loop's stopWhen.steps": (steps) => stopped({ steps }),
  "a loop's stopWhen.repeatedCalls": (repeatedCalls) => stopped({ repeatedCalls }),
  "a loop's stopWhen.invalidSteps": (invalidSteps) => stopped({ invalidSteps })
}

/** Whole numbers of at least zero, or `Infinity`. */
const countsOrNone: { readonly [option: string]: Subject } = {
  "the Simulator's remembers": (remembers) => simulator({ remembers }),
  "the Simulator's batches.polls": (polls) => simulator({ batches: { polls } }),
  "the Simulator's batches.expired": (expired) => simulator({ batches: { expired } }),
  "the Simulator's batches.malformedLines": (malformedLines) => simulator({ batches: { malformedLines } }),
  "the Simulator's batches.repeatedLines": (repeatedLines) => simulator({ batches: { repeatedLines } })
}

const ports: { readonly [option: string]: Subject } = {
  "the Simulator's port": (port) => simulator({ port }),
  "Durable.postgres' port": (port) => built(Durable.postgres({ url: Redacted.make("postgres://127.0.0.1:1/x"), port }))
}

/** Whole numbers of at least zero. */
const wholes: { readonly [option: string]: Subject } = {
  "the Simulator's batches.foreignLines": (foreignLines) => simulator({ batches: { foreignLines } }),
  "DurableBatch's retries": (retries) => durable(DurableBatch.make("b", { retries }).layer),
  "DurableBatch's version": (version) => durable(DurableBatch.make("b", { version }).layer),
  "DurableLoop's retries": (retries) => durable(DurableLoop.make("l", { tools: [], retries }).layer),
  "DurableLoop's version": (version) => durable(DurableLoop.make("l", { tools: [], version }).layer)
}

/** Numbers of at least zero. */
const amounts: { readonly [option: string]: Subject } = {
  ...counts,
  ...limits,
  ...countsOrNone,
  ...ports,
  ...wholes,
  "a loop's stopWhen.dollars": (dollars) => stopped({ dollars }),
  "a loop's stopWhen.tokens": (tokens) => stopped({ tokens }),
  "openAIRoutes' limits.concurrency": (concurrency) => routes({ limits: { concurrency } })
}

const rows = (subjects: { readonly [option: string]: Subject }, values: ReadonlyArray<unknown>) =>
  Object.entries(subjects).flatMap(([option, made]) =>
    values.map((value) => [option, value, made(value as never)] as const)
  )

const wrong = [
  ...rows(durations, [Number.NaN, -1, "abc", "-1 second", {}]),
  ...rows(finiteDurations, [0, Number.POSITIVE_INFINITY, Duration.infinity]),
  ...rows(amounts, [Number.NaN, -1, "5"]),
  ...rows({ ...limits, ...countsOrNone, ...ports, ...wholes }, [1.5]),
  ...rows({ ...ports, ...wholes }, [Number.POSITIVE_INFINITY]),
  ...rows(ports, [65_536]),
  ...rows(limits, [0]),
  ...rows(counts, [0, 1.5, Number.POSITIVE_INFINITY])
]

describe("an option that cannot be right", () => {
  it.effect.each(wrong)("is a ValidationError that names it and says what to write: %s %s", ([option, , made]) =>
    Effect.gen(function* () {
      const error = (yield* Effect.flip(made)) as ValidationError
      expect(error._tag).toBe("ValidationError")
      const name = option.split(" ").at(-1) ?? ""
      expect(error.message).toContain(`${name} is `)
      expect(error.message).toContain("; write a")
    })
  )

  it.effect.each([0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5"])(
    "is a RunError where others list the runs of an owner: %s",
    (limit) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Runs.list({ limit: limit as number }))
        expect(error).toMatchObject({ _tag: "RunError", reason: "Invalid" })
        expect(error.message).toContain(
          `limit is ${typeof limit === "string" ? `"${limit}"` : limit}; write a whole number of at least 1`
        )
      }).pipe(Effect.provide(Layer.provide(Runs.layer(), RunStore.memory)))
  )

  it.effect("is the error of each prompt of a durable batch, too", () =>
    Effect.gen(function* () {
      const batch = DurableBatch.make("b", { concurrency: Number.NaN })
      const results = Array.from(yield* Stream.runCollect(batch.run("night", ["a", "b"])))
      expect(results.map(({ result }) => Either.isLeft(result) && result.left._tag)).toEqual([
        "ValidationError",
        "ValidationError"
      ])
    }).pipe(Effect.provide(Durable.memory))
  )
})
