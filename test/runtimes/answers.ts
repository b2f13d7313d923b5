/** What an answer is, wherever it is read: whole, in order, complete. */
import { Chunk, Effect, Schema, Stream } from "effect"
import { collect, LLMClient, ModelCatalog, TokenCounter } from "llm-connectivity"
import { answer, type Check, on, onEach, openai, pick, protocols, same, sampleRequest } from "./Check.js"

const streamed: ReadonlyArray<Check> = protocols.map((protocol) => ({
  title: `streams an answer of ${protocol.name} to its one finish reason`,
  run: () =>
    on({}, (opened) =>
      Effect.gen(function* () {
        const chunks = Chunk.toReadonlyArray(yield* Stream.runCollect(LLMClient.chatStream(sampleRequest)))
        yield* same("the text", chunks.map((chunk) => chunk.content).join(""), answer)
        yield* same("the number of pieces", chunks.filter((chunk) => chunk.content !== "").length, 10)
        const ends = chunks.flatMap(({ finishReason }, index) => (finishReason === null ? [] : [[index, finishReason]]))
        yield* same("the finish", ends, [[chunks.length - 1, "stop"]])
        yield* same("the usage", chunks.at(-1)?.usage?.totalTokens, 15)
      }).pipe(Effect.provide(protocol.client(opened)))
    )
}))

const difficult = "Añejo, 東京, 👩‍🚀 and \u2028 a line\r\nof its own."

const reads: Check = {
  title: "reads characters and events that arrive a byte at a time",
  run: () =>
    onEach({ script: [{ content: difficult, fault: { type: "trickle", delay: 0 } }] }, (protocol, opened) =>
      collect(LLMClient.chatStream(sampleRequest)).pipe(
        Effect.provide(protocol.client(opened)),
        Effect.flatMap(({ content }) => same("the text", content, difficult))
      )
    )
}

const whole: Check = {
  title: "asks for a whole answer, and gets what the stream adds up to",
  run: () =>
    onEach({}, (protocol, opened) =>
      Effect.gen(function* () {
        const fields = ["content", "finishReason", "usage", "cost", "model", "provider"]
        const response = yield* LLMClient.chat(sampleRequest)
        yield* same("the text", response.content, answer)
        const folded = yield* collect(LLMClient.chatStream(sampleRequest))
        yield* same("the stream's fold", pick(folded, ...fields), pick(response, ...fields))
      }).pipe(Effect.provide(protocol.client(opened)))
    )
}

const Weather = Schema.Struct({ city: Schema.String })
const tools = [{ name: "get_weather", description: "Tells the weather of a city", parameters: Weather }]

const turn: Check = {
  title: "calls a tool, and goes on with what the tool said",
  run: () =>
    onEach({}, (protocol, opened) =>
      Effect.gen(function* () {
        const asked = [{ role: "user", content: "What is the weather in Paris?" }] as const
        const { toolCalls, message } = yield* collect(LLMClient.chatStream({ messages: asked, tools }))
        const calls = toolCalls.map((call) => [call.name, call.arguments])
        yield* same("the calls", calls, [["get_weather", '{"city":"Paris"}']])
        const results = toolCalls.map(({ id }) => ({ role: "tool", toolCallId: id, content: "18 °C" }) as const)
        const { content } = yield* LLMClient.chat({ messages: [...asked, message, ...results], tools })
        yield* same("the answer", content, "get_weather says: 18 °C")
      }).pipe(Effect.provide(protocol.client(opened)))
    )
}

const object: Check = {
  title: "decodes an answer by a schema",
  run: () =>
    onEach({ script: ['{"city":"Paris"}'] }, (protocol, opened) =>
      LLMClient.chatObject(Weather, sampleRequest).pipe(
        Effect.provide(protocol.client(opened)),
        Effect.flatMap((response) => same("the object", response.object, { city: "Paris" }))
      )
    )
}

const embed: Check = {
  title: "turns texts into vectors, in their order",
  run: () =>
    Effect.forEach(
      protocols.filter(({ provider }) => provider !== "anthropic"),
      (protocol) =>
        on({}, (opened) =>
          Effect.gen(function* () {
            const both = yield* LLMClient.embed({ input: ["one", "two"], model: "text-embedding-3-small" })
            const second = yield* LLMClient.embed({ input: ["two"], model: "text-embedding-3-small" })
            yield* same("the second vector", both.embeddings[1], second.embeddings[0])
          }).pipe(Effect.provide(protocol.client(opened)))
        )
    )
}

const priced: Check = {
  title: "prices an answer, and estimates tokens",
  run: () =>
    on({}, (opened) =>
      Effect.gen(function* () {
        const { cost } = yield* LLMClient.chat(sampleRequest)
        yield* same("whether there is a cost", cost !== null && cost > 0, true)
        const { tokens, isExact } = yield* TokenCounter.count("How many tokens?", "openai/gpt-5-mini")
        yield* same("the estimate", [tokens > 0, isExact], [true, false])
      }).pipe(Effect.provide(openai.client(opened)), Effect.provide(ModelCatalog.layer))
    )
}

/** All of them. */
export const answers: ReadonlyArray<Check> = [...streamed, reads, whole, turn, object, embed, priced]
