/** Google's official SDK. */
import { GoogleGenAI } from "@google/genai"

/** @returns {import("./index.mjs").ReadResponse} */
export const open = (origin) => {
  const client = new GoogleGenAI({ apiKey: "key", httpOptions: { baseUrl: origin } })
  return async (plan, onDelta) => {
    const stream = await client.models.generateContentStream({ model: plan, contents: "Hi" })
    for await (const chunk of stream) if (chunk.text) onDelta()
  }
}
