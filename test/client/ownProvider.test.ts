import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { collect, LLMClient, type Provider, ProviderError, StreamChunk } from "llm-connectivity"

class Own extends Context.Tag("test/Own")<Own, Provider>() {}

const say = (content: string): StreamChunk => StreamChunk.make({ content })
const stop = StreamChunk.make({ finishReason: "stop" })

const answering = (stream: Stream.Stream<StreamChunk>) => {
  const failure = new ProviderError({ provider: "own", model: "m", message: "this provider only streams" })
  const provider: Provider = { name: "own", chatStream: () => stream, chat: () => Effect.fail(failure) }
  return LLMClient.fromProvider(Own, { model: "m" }).pipe(Layer.provide(Layer.succeed(Own, provider)))
}

describe("a provider of one's own", () => {
  it.effect("is read to its end, with chunks of none in the midst as filters leave them", () =>
    Effect.gen(function* () {
      const stream = Stream.make(say("dropped"), say("one"), say("dropped"), say("two"), stop).pipe(
        Stream.rechunk(1),
        Stream.filter(({ content }) => content !== "dropped")
      )
      const request = { messages: [{ role: "user", content: "Hi" }] } as const
      const response = yield* collect(LLMClient.chatStream(request)).pipe(Effect.provide(answering(stream)))
      expect(response.content).toBe("onetwo")
    })
  )
})
