/** Programs that use only @effect/ai and need its `LanguageModel`. */
import { Chat, LanguageModel, Tool, Toolkit } from "@effect/ai"
import { Chunk, Effect, Schema, Stream } from "effect"

const GetWeather = Tool.make("get_weather", {
  description: "Tells the weather of a city",
  parameters: { city: Schema.String },
  success: Schema.Struct({ sky: Schema.String, celsius: Schema.Number })
})
const GetTime = Tool.make("get_time", { description: "Tells the time", success: Schema.String })

export const tools = Toolkit.make(GetWeather, GetTime)

/** The handlers of the tools, which record their calls. */
export const handlers = (seen: Array<string> = []) =>
  tools.toLayer({
    get_weather: ({ city }) =>
      Effect.as(
        Effect.sync(() => seen.push(city)),
        { sky: "clear", celsius: 18 }
      ),
    get_time: () =>
      Effect.as(
        Effect.sync(() => seen.push("time")),
        "noon"
      )
  })

export const count = "Count to 5 with words"
export const paris = "What are the weather and the time in Paris?"

export const text = LanguageModel.generateText({ prompt: count })
export const streamed = LanguageModel.streamText({ prompt: count })

export const called = LanguageModel.generateText({ prompt: paris, toolkit: tools })
export const streamedCall = LanguageModel.streamText({ prompt: paris, toolkit: tools })

export class Person extends Schema.Class<Person>("@example/Person")({
  name: Schema.String,
  age: Schema.Int
}) {}

export const object = LanguageModel.generateObject({
  prompt: "Invent a person called Ada, aged 42",
  schema: Person
})

/** Asks a question, runs the tools, and requests a response to their results. */
export const conversation = Effect.gen(function* () {
  const chat = yield* Chat.fromPrompt([{ role: "system", content: "You are brief." }])
  const first = yield* chat.generateText({ prompt: paris, toolkit: tools })
  const second = yield* chat.generateText({ prompt: [], toolkit: tools })
  return { first, second }
})

/** The same, streamed. */
export const streamedConversation = Effect.gen(function* () {
  const chat = yield* Chat.fromPrompt([{ role: "system", content: "You are brief." }])
  yield* Stream.runDrain(chat.streamText({ prompt: paris, toolkit: tools }))
  const parts = yield* Stream.runCollect(chat.streamText({ prompt: [], toolkit: tools }))
  return Chunk.toReadonlyArray(parts)
})
