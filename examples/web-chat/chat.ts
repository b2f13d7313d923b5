/** The chat endpoint: responds with server-sent events. */
import { HttpServerRequest } from "@effect/platform"
import { Effect, Option, Schema, Stream } from "effect"
import { LLMClient, Policy, ValidationError } from "llm-connectivity"
import { respondWithEvents } from "llm-connectivity/server"

/** The request body of the page: the conversation and its last question. */
const Conversation = Schema.Struct({
  messages: Schema.Array(
    Schema.Struct({ role: Schema.Literal("user", "assistant"), content: Schema.NonEmptyString })
  ).pipe(Schema.minItems(1), Schema.maxItems(200))
})

const longestConversation = 256 * 1024

const system = {
  role: "system",
  content: "You are a helpful assistant. Answer briefly, in Markdown without tables."
} as const

const invalid = (message: string) => new ValidationError({ provider: "", model: "", message })

const conversation = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
  Number(headers["content-length"] ?? 0) > longestConversation
    ? Effect.fail(invalid("the conversation is too long; start a new one"))
    : HttpServerRequest.schemaBodyJson(Conversation).pipe(
        // For requests without a content-length header.
        HttpServerRequest.withMaxBodySize(Option.some(longestConversation)),
        // Without the reason, because it quotes the request body.
        Effect.mapError(() => invalid("the conversation cannot be read"))
      )
)

/** The server sets the system prompt, the maximum length and short retries. */
const answer = Effect.map(conversation, ({ messages }) =>
  LLMClient.chatStream(
    { messages: [system, ...messages], maxTokens: 1000 },
    { policies: [Policy.retry({ maxRetryDelay: "2 seconds" })] }
  )
)

export const chat = respondWithEvents(Stream.unwrap(answer))
