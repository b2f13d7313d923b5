/** OpenAI's official SDK. */
import OpenAI from "openai"

/** @returns {import("./index.mjs").ReadResponse} */
export const open = (origin, wire) => {
  const client = new OpenAI({ apiKey: "key", baseURL: `${origin}/v1` })
  return wire === "chat" ? chat(client) : responses(client)
}

const chat = (client) => async (plan, onDelta) => {
  const messages = [{ role: "user", content: "Hi" }]
  const stream = await client.chat.completions.create({ model: plan, messages, stream: true })
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) onDelta()
}

const responses = (client) => async (plan, onDelta) => {
  const stream = await client.responses.create({ model: plan, input: "Hi", stream: true })
  for await (const event of stream) if (event.type === "response.output_text.delta") onDelta()
}
