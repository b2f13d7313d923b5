/** Anthropic's official SDK. */
import Anthropic from "@anthropic-ai/sdk"

/** @returns {import("./index.mjs").ReadResponse} */
export const open = (origin) => {
  const client = new Anthropic({ apiKey: "key", baseURL: origin })
  return async (plan, onDelta) => {
    const messages = [{ role: "user", content: "Hi" }]
    const stream = await client.messages.create({ model: plan, messages, max_tokens: 1000, stream: true })
    for await (const event of stream) {
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") onDelta()
    }
  }
}
