/** Answers one question of the page, as events. */
import { HttpServerRequest } from "@effect/platform"
import { Effect, Option, Schema, Stream } from "effect"
import { LLMClient, Policy, ValidationError } from "llm-connectivity"
import { respondWithEvents } from "llm-connectivity/server"

/** What the page sends: what was said so far, by both, and the question. */
const Conversation = Schema.Struct({
  messages: Schema.Array(
    Schema.Struct({ role: Schema.Literal("user", "assistant"), content: Schema.NonEmptyString })
  ).pipe(Schema.minItems(1), Schema.maxItems(200))
})

const longestConversation = 256 * 1024

const system = { role: "system", content: "You are a helpful assistant. Answer in plain text." } as const

const invalid = (message: string) => new ValidationError({ provider: "", model: "", message })

const conversation = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
  Number(headers["content-length"] ?? 0) > longestConversation
    ? Effect.fail(invalid("the conversation is too long; start a new one"))
    : HttpServerRequest.schemaBodyJson(Conversation).pipe(
        // For who does not say the length before.
        HttpServerRequest.withMaxBodySize(Option.some(longestConversation)),
        // Not with the reason, which quotes what was sent.
        Effect.mapError(() => invalid("the conversation cannot be read"))
      )
)

/** What the server decides of each answer: its instructions, its length, and that a person does not wait for retries. */
const answer = Effect.map(conversation, ({ messages }) =>
  LLMClient.chatStream(
    { messages: [system, ...messages], maxTokens: 1000 },
    { policies: [Policy.retry({ maxRetryDelay: "2 seconds" })] }
  )
)

export const chat = respondWithEvents(Stream.unwrap(answer))
