/** How policies and guards compose, and which of them a call replaces. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { type ChatOptions, collect, LLMClient, Policy, Provider, StreamChunk } from "llm-connectivity"
import { hello } from "../support/openai.js"

class Own extends Context.Tag("test/Own")<Own, Provider>() {}

const echo = Provider.make({
  name: "own",
  open: () =>
    Effect.sync(() => {
      const reads = [[StreamChunk.make({ content: "x", finishReason: "stop" })]]
      return Effect.sync(() => reads.shift() ?? [])
    }),
  embeddings: {
    maxBatchSize: 10,
    embed: (_, __) => Effect.succeed({ embeddings: [[1]], usage: null, cost: null, provider: "own", model: "m" })
  }
})

/** A policy that records when requests pass it, and writes its name around the content. */
const named = (name: string, passed: Array<string>): Policy.Policy =>
  Policy.make(({ open, embeddings }) => ({
    open: (request, options) =>
      Effect.suspend(() => {
        passed.push(name)
        return Effect.map(open(request, options), (pull) =>
          Effect.map(pull, (chunks) =>
            chunks.map((chunk) => (chunk.content === "" ? chunk : { ...chunk, content: `${name}(${chunk.content})` }))
          )
        )
      }),
    embeddings: embeddings && {
      ...embeddings,
      embed: (request, options) =>
        Effect.suspend(() => {
          passed.push(name)
          return embeddings.embed(request, options)
        })
    }
  }))

describe("Policy.compose", () => {
  it.effect("applies the first policy outermost", () =>
    Effect.gen(function* () {
      const passed: Array<string> = []
      const provider = Policy.compose(named("a", passed), named("b", passed), named("c", passed))(echo)
      expect((yield* provider.chat(hello)).content).toBe("a(b(c(x)))")
      expect(passed).toEqual(["a", "b", "c"])
    })
  )

  it("of no policies changes nothing", () => {
    expect(Policy.compose()(echo)).toBe(echo)
  })

  it.effect("is associative", () =>
    Effect.gen(function* () {
      const [a, b, c] = [named("a", []), named("b", []), named("c", [])] as const
      const left = Policy.compose(Policy.compose(a, b), c)(echo)
      const right = Policy.compose(a, Policy.compose(b, c))(echo)
      expect((yield* left.chat(hello)).content).toBe((yield* right.chat(hello)).content)
    })
  )
})

describe("Policy.make", () => {
  it.effect("keeps what it does not change", () =>
    Effect.gen(function* () {
      const changed = Policy.make(() => ({ name: "renamed" }))(echo)
      expect([changed.name, changed.countTokens]).toEqual(["renamed", undefined])
      expect(yield* changed.chat(hello)).toEqual(yield* echo.chat(hello))
      const texts = { input: ["one", "two"] }
      expect(yield* changed.embeddings?.embed(texts) ?? Effect.void).toEqual(
        yield* echo.embeddings?.embed(texts) ?? Effect.void
      )
      expect(changed.embeddings?.maxBatchSize).toBe(echo.embeddings?.maxBatchSize)
    })
  )
})

describe("a layer with policies and guards", () => {
  const passedBy = (call: ChatOptions, run: (options: ChatOptions) => Effect.Effect<unknown, unknown, LLMClient>) =>
    Effect.gen(function* () {
      const passed: Array<string> = []
      let built = 0
      const effectful = Effect.sync(() => {
        built++
        return named("built", passed)
      })
      const layer = LLMClient.fromProvider(Own, {
        model: "m",
        policies: [named("policy", passed), effectful],
        guards: [named("outer guard", passed), named("inner guard", passed)]
      }).pipe(Layer.provide(Layer.succeed(Own, echo)))
      yield* Effect.provide(Effect.zip(run(call), run(call)), layer)
      expect(built).toBe(1)
      expect(passed.slice(passed.length / 2)).toEqual(passed.slice(0, passed.length / 2))
      return passed.slice(0, passed.length / 2)
    })

  const ways = [
    ["chat", (options: ChatOptions) => LLMClient.chat(hello, options)],
    ["chatStream", (options: ChatOptions) => collect(LLMClient.chatStream(hello, options))],
    ["embed", (options: ChatOptions) => LLMClient.embed({ input: "text" }, options)]
  ] as const

  it.effect.each(ways)("applies guards outside of policies, and builds each policy once: %s", ([, run]) =>
    Effect.gen(function* () {
      expect(yield* passedBy({}, run)).toEqual(["outer guard", "inner guard", "policy", "built"])
    })
  )

  it.effect.each(ways)("keeps its guards when a call replaces the policies or applies none: %s", ([, run]) =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      expect(yield* passedBy({ policies: [named("call", seen)] }, run)).toEqual(["outer guard", "inner guard"])
      expect(seen).toEqual(["call", "call"])
      expect(yield* passedBy({ policies: [] }, run)).toEqual(["outer guard", "inner guard"])
    })
  )
})
