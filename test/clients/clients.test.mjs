/** The vendors' official clients reach the Simulator by the variables that it prints, and read what it sends. */
import { Cerebras } from "@cerebras/cerebras_cloud_sdk"
import { it } from "@effect/vitest"
import { Mistral } from "@mistralai/mistralai"
import { OpenRouter } from "@openrouter/sdk"
import { Effect } from "effect"
import Groq from "groq-sdk"
import { Simulator } from "llm-connectivity/testing"
import Together from "together-ai"
import { describe, expect } from "vitest"

const answer = "One, two, three, four, five."
const messages = [{ role: "user", content: "Count to 5 with words" }]

/** Runs with the variables of a Simulator set, as after pasting what `simulate` prints. */
const pasted = (use) =>
  Effect.flatMap(Simulator, ({ environment }) =>
    Effect.promise(async () => {
      const before = { ...process.env }
      Object.assign(process.env, environment)
      try {
        return await use(environment)
      } finally {
        process.env = before
      }
    })
  ).pipe(Effect.provide(Simulator.layer({ pace: 0 })))

const textOf = async (stream) => {
  let text = ""
  for await (const chunk of stream) text += chunk.choices?.[0]?.delta?.content ?? ""
  return text
}

describe.each([
  ["groq-sdk", () => new Groq({ maxRetries: 0 }), "openai/gpt-oss-120b"],
  ["together-ai", () => new Together({ maxRetries: 0 }), "openai/gpt-oss-20b"],
  ["@cerebras/cerebras_cloud_sdk", () => new Cerebras({ maxRetries: 0, warmTCPConnection: false }), "llama-3.3-70b"]
])("%s", (_, make, model) => {
  it.live("reads chat completions, streaming and non-streaming", () =>
    pasted(async () => {
      const client = make()
      expect((await client.chat.completions.create({ model, messages })).choices[0].message.content).toBe(answer)
      expect(await textOf(await client.chat.completions.create({ model, messages, stream: true }))).toBe(answer)
    })
  )

  it.live("lists models", () =>
    pasted(async () => {
      const listed = await make().models.list()
      expect((listed.data ?? listed).map(({ id }) => id)).toContain("openai/gpt-oss-120b")
    })
  )
})

describe("@mistralai/mistralai", () => {
  const make = ({ MISTRAL_API_KEY: apiKey, MISTRAL_BASE_URL: serverURL }) => new Mistral({ apiKey, serverURL })
  const model = "mistral-small-latest"

  it.live("reads chat completions, streaming and non-streaming", () =>
    pasted(async (environment) => {
      const client = make(environment)
      expect((await client.chat.complete({ model, messages })).choices[0].message.content).toBe(answer)
      let text = ""
      for await (const { data } of await client.chat.stream({ model, messages }))
        text += data.choices[0].delta.content ?? ""
      expect(text).toBe(answer)
    })
  )

  it.live("reads embeddings", () =>
    pasted(async (environment) => {
      const { data } = await make(environment).embeddings.create({ model: "mistral-embed", inputs: ["a cat", "a dog"] })
      expect(data.map(({ index }) => index)).toEqual([0, 1])
      expect(Math.hypot(...data[0].embedding)).toBeCloseTo(1)
    })
  )
})

describe("@openrouter/sdk", () => {
  it.live("reads chat completions", () =>
    pasted(async ({ OPENROUTER_API_KEY: apiKey, OPENROUTER_BASE_URL: serverURL }) => {
      const client = new OpenRouter({ apiKey, serverURL })
      const chatRequest = { model: "anthropic/claude-sonnet-5", messages }
      expect((await client.chat.send({ chatRequest })).choices[0].message.content).toBe(answer)
    })
  )
})
