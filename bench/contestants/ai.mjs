/** Vercel's AI SDK with its OpenAI provider. */
import { createOpenAI } from "@ai-sdk/openai"
import { streamText } from "ai"

globalThis.AI_SDK_LOG_WARNINGS = false

/** @returns {import("./index.mjs").ReadResponse} */
export const open = (origin, wire) => {
  const openai = createOpenAI({ apiKey: "key", baseURL: `${origin}/v1` })
  return async (plan, onDelta) => {
    const model = wire === "chat" ? openai.chat(plan) : openai.responses(plan)
    for await (const text of streamText({ model, prompt: "Hi" }).textStream) if (text) onDelta()
  }
}
