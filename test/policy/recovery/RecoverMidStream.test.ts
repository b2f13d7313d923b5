import { describe, expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { collect, LLMClient, NetworkError, OpenAI, Policy, print, TextStream } from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { compact, decodeChunk } from "../../../src/http/framing/EventFormat.js"
import { hello } from "../../support/openai.js"

const cut = new NetworkError({ provider: "openai", model: "m", message: "…", reason: "Truncated" })

const client = (responses: MockResponses, policy: Policy.Policy) => {
  const mock = MockLLM.provider(OpenAI, responses)
  return <A, E>(use: Effect.Effect<A, E, LLMClient | MockLLM>) =>
    use.pipe(Effect.provide(LLMClient.fromProvider(OpenAI, { model: "m", policies: [policy] })), Effect.provide(mock))
}

const reset = Policy.recoverMidStream({ how: ["reset"] })

describe("recovery in mid-stream", () => {
  it.effect("starts again, says so in the stream, and collect drops what came before", () =>
    client(
      [
        ["half ", "of it", cut],
        ["the", " whole"]
      ],
      reset
    )(
      Effect.gen(function* () {
        const chunks = yield* Stream.runCollect(LLMClient.chatStream(hello))
        expect(Array.from(chunks, ({ content, reset: again }) => [content, again])).toEqual([
          ["half ", undefined],
          ["of it", undefined],
          ["the", true],
          [" whole", undefined],
          ["", undefined]
        ])
        expect((yield* collect(Stream.fromIterable(chunks))).content).toBe("the whole")
        const texts = yield* Stream.runCollect(TextStream.running(Stream.fromIterable(chunks)))
        expect(Array.from(texts)).toEqual(["half ", "half of it", "the", "the whole"])
        const printed: Array<string> = []
        const response = yield* print(Stream.fromIterable(chunks), { write: (text) => printed.push(text) })
        expect(response.content).toBe("the whole")
        expect(printed.join("")).toMatch(/half of it\n\n\[The answer starts again\.\]\n\nthe whole/)
      })
    )
  )

  it.effect("crosses to pages", () =>
    client(
      [["half", cut], ["whole"]],
      reset
    )(
      Effect.gen(function* () {
        const chunks = yield* Stream.runCollect(LLMClient.chatStream(hello))
        const sent = Array.from(chunks, (chunk) => decodeChunk(JSON.parse(JSON.stringify(compact(chunk, [])))))
        expect(sent.map((chunk) => chunk?.reset)).toEqual([undefined, true, undefined])
      })
    )
  )

  it.effect("leaves failures before the first output to other policies, and stops after `times`", () =>
    Effect.gen(function* () {
      const early = yield* client([cut, "ok"], reset)(Effect.flip(collect(LLMClient.chatStream(hello))))
      expect(early).toMatchObject({ _tag: "NetworkError", attempts: 1 })
      const late = yield* client(
        [["a", cut], ["b", cut], ["c"]],
        reset
      )(Effect.flip(collect(LLMClient.chatStream(hello))))
      expect(late).toMatchObject({ _tag: "NetworkError", attempts: 2 })
    })
  )

  it.effect("never starts again without the policy", () =>
    client(
      [["a", cut], ["b"]],
      Policy.retry()
    )(Effect.map(Effect.flip(collect(LLMClient.chatStream(hello))), (error) => expect(error._tag).toBe("NetworkError")))
  )

  it.effect("sends what a request is mapped to", () =>
    client(
      ["ok"],
      Policy.mapRequest((request) => Effect.succeed({ ...request, maxTokens: 7 }))
    )(
      Effect.gen(function* () {
        yield* LLMClient.chat(hello)
        expect(yield* MockLLM.requests).toMatchObject([{ maxTokens: 7 }])
      })
    )
  )
})
