import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { ChatStream, collect, LLMClient, Provider, StreamChunk } from "llm-connectivity"

class Own extends Context.Tag("test/Own")<Own, Provider>() {}

const say = (content: string): StreamChunk => StreamChunk.make({ content })
const stop = StreamChunk.make({ finishReason: "stop" })

const answering = (stream: Stream.Stream<StreamChunk>) => {
  const provider = Provider.make({ name: "own", open: () => ChatStream.open(stream) })
  return LLMClient.fromProvider(Own, { model: "m" }).pipe(Layer.provide(Layer.succeed(Own, provider)))
}

describe("a provider made outside of the library", () => {
  it.effect("is read past the empty chunks that a filter leaves, to its end", () =>
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
