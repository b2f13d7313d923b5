/** The chat: each answer is a run, which goes on when the page reloads, and which any tab may read and stop. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { LLMClient, Policy } from "llm-connectivity"
import { runRoutes } from "llm-connectivity/server"

/** The request body of the page: the conversation and its last question. */
const Conversation = Schema.Struct({
  messages: Schema.Array(
    Schema.Struct({ role: Schema.Literal("user", "assistant"), content: Schema.NonEmptyString })
  ).pipe(Schema.minItems(1), Schema.maxItems(200))
})

const system = {
  role: "system",
  content: "You are a helpful assistant. Answer briefly, in Markdown without tables."
} as const

/** The server sets the system prompt, the maximum length and short retries. */
export const chat = runRoutes({
  // All who reach this server are one owner, as it listens on this machine only. A login gives an owner for each user.
  authorize: () => Effect.succeed("this machine"),
  request: Conversation,
  answer: ({ messages }) =>
    LLMClient.chatStream(
      { messages: [system, ...messages], maxTokens: 1000 },
      { policies: [Policy.retry({ maxRetryDelay: "2 seconds" })] }
    ),
  maxRequestSize: 256 * 1024
})
