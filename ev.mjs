import { Schema } from "effect"; await import("@effect/platform")
const t=performance.now()
const order=["domain/Field.js","domain/LLMError.js","domain/Message.js","domain/ChatRequest.js","domain/StreamChunk.js","domain/Usage.js","domain/Embedding.js","dialect/openai-chat/OpenAIChat.js","dialect/anthropic-messages/AnthropicMessages.js","dialect/google-gemini/GoogleGemini.js","catalogue/Catalogue.js","wire/HttpFailure.js","provider/engine.js","provider/OpenAI.js","provider/Anthropic.js","provider/Google.js","provider/OpenAICompatible.js","client/LLMClient.js","policy/Spending.js","output/Print.js","index.js"]
const out=[]
for(const o of order){const a=performance.now(); await import("/tmp/perf/dist/"+o); out.push([o,(performance.now()-a).toFixed(1)])}
console.log((performance.now()-t).toFixed(1), out.map(x=>x.join(" ")).join("; "))
