/** The AI SDK with its provider for OpenAI reads our routes: streams, tools and errors, in both of OpenAI's protocols. */
import { createOpenAI } from "@ai-sdk/openai"
import { expect, it } from "@effect/vitest"
import { generateText, isStepCount, jsonSchema, streamText, tool } from "ai"
import { Effect } from "effect"
import { describe } from "vitest"
import { gateway, withSimulator } from "../support/gateway.js"

const answer = "One, two, three, four, five."
const prompt = "Count to 5 with words"

const tools = {
  get_weather: tool({
    description: "Tells the weather",
    inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
    execute: ({ city }) => `18 °C in ${city}`
  })
}

/** Serves models of Anthropic and Gemini, and gives the AI SDK's model of an API. */
const modelOf = (api, name) =>
  Effect.map(gateway(), ({ url }) => createOpenAI({ apiKey: "key-of-ada", baseURL: `${url}/v1` })[api](name))

/** Reads a stream; gives its parts, and the failure that it reports. */
const partsOf = async (result) => {
  const parts = []
  for await (const part of result.fullStream) parts.push(part)
  return { parts, error: parts.find(({ type }) => type === "error")?.error }
}

const textOf = (parts) => parts.map((part) => (part.type === "text-delta" ? part.text : "")).join("")

describe.each(["chat", "responses"])("the AI SDK over %s", (api) => {
  describe.each(["claude", "gemini"])("on %s", (name) => {
    it.scopedLive("streams a text with its usage, and reads it whole", () =>
      Effect.gen(function* () {
        const model = yield* modelOf(api, name)
        yield* Effect.promise(async () => {
          const { parts, error } = await partsOf(streamText({ model, prompt }))
          expect(error).toBeUndefined()
          expect(textOf(parts)).toBe(answer)
          expect(parts.at(-1)).toMatchObject({ type: "finish", finishReason: "stop" })
          expect(parts.at(-1).totalUsage.outputTokens).toBeGreaterThan(0)
          const whole = await generateText({ model, prompt })
          expect(whole.text).toBe(answer)
          expect(whole.usage.inputTokens).toBeGreaterThan(0)
        })
      }).pipe(withSimulator())
    )

    it.scopedLive("runs tools to the final answer", () =>
      Effect.gen(function* () {
        const model = yield* modelOf(api, name)
        yield* Effect.promise(async () => {
          const result = streamText({
            model,
            prompt: "What is the weather in Paris?",
            tools,
            stopWhen: isStepCount(3)
          })
          const { parts, error } = await partsOf(result)
          expect(error).toBeUndefined()
          expect(parts.find(({ type }) => type === "tool-call")).toMatchObject({ input: { city: "Paris" } })
          expect(textOf(parts)).toContain("18 °C in Paris")
        })
      }).pipe(withSimulator())
    )

    it.scopedLive("fails when the provider's stream is cut", () =>
      Effect.gen(function* () {
        const model = yield* modelOf(api, name)
        yield* Effect.promise(async () => {
          const { parts, error } = await partsOf(streamText({ model, prompt, maxRetries: 0, onError: () => {} }))
          expect(textOf(parts)).not.toBe("")
          expect(JSON.stringify(error) + String(error?.message)).toContain("was cut off")
        })
      }).pipe(withSimulator({ script: [{ fault: { type: "reset", afterChunks: 4 } }] }))
    )

    it.scopedLive("gets the status, the retry delay and our words of a rate limit, and tries again", () =>
      Effect.gen(function* () {
        const model = yield* modelOf(api, name)
        yield* Effect.promise(async () => {
          const failed = await generateText({ model, prompt, maxRetries: 0 }).catch((error) => error)
          expect(failed).toMatchObject({ statusCode: 429, isRetryable: true })
          expect(failed.message).toContain("Rate limit")
          expect(failed.responseHeaders["retry-after"]).toBe("1")
          expect((await generateText({ model, prompt, maxRetries: 1 })).text).toBe(answer)
        })
      }).pipe(
        withSimulator({
          script: [
            { error: { kind: "rateLimit", retryAfter: "1 second" } },
            { error: { kind: "rateLimit", retryAfter: "1 second" } }
          ]
        })
      )
    )

    it.scopedLive("is refused without a key of the gateway", () =>
      Effect.gen(function* () {
        const { url } = yield* gateway()
        const model = createOpenAI({ apiKey: "nobody's", baseURL: `${url}/v1` })[api](name)
        const failed = yield* Effect.promise(() => generateText({ model, prompt }).catch((error) => error))
        expect(failed).toMatchObject({ statusCode: 401, isRetryable: false })
      }).pipe(withSimulator())
    )
  })
})
