/** The chat: each answer is a run, which goes on when the page reloads, and which any tab may read and stop. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Policy } from "llm-connectivity"
import { runRoutes } from "llm-connectivity/server"
import { type Resume, ToolLoop, type ToolLoopRequest } from "llm-connectivity/tools"
import { Decisions, pendingOf, refused } from "./approvals.js"
import { sendEmail } from "./tools.js"

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

/** The server sets the tools, the maximum length and short retries. A loop that waits for an approval ends. */
const answer = ({ messages }: Pick<ToolLoopRequest, "messages">, caller: string, resume?: Resume) =>
  ToolLoop.stream(
    { messages, maxTokens: 1000 },
    { tools: [sendEmail], caller, resume, policies: [Policy.retry({ maxRetryDelay: "2 seconds" })] }
  ).pipe(Stream.mapError((error) => (error._tag === "ApprovalError" ? refused(error) : error)))

export const chat = runRoutes({
  // Every client has the same owner, because the server listens on this machine only. With a login, use the user's name.
  authorize: () => Effect.succeed("this machine"),
  request: Schema.Union(Conversation, Decisions),
  answer: (request, owner) =>
    "messages" in request
      ? answer({ messages: [system, ...request.messages] }, owner)
      : Stream.unwrap(
          Effect.map(pendingOf(request, owner), ({ messages, resume }) => answer({ messages }, owner, resume))
        ),
  maxRequestSize: 256 * 1024
})
