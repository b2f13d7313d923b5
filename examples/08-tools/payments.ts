/** The server of `npx tsx examples/08-tools/approval-server.ts`: a chat with a tool that needs an approval. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Message } from "llm-connectivity"
import { ApprovalStore, Approvals, DecidedApproval, Tool, ToolLoop } from "llm-connectivity/tools"
import { answering } from "../support/answering.js"

const pay = Tool.make("pay", { needsApproval: true, execute: () => Effect.succeed("the bill is paid") })

/** What the client sends: the conversation, and its decisions about the calls with which the loop has ended. */
const Body = Schema.Struct({ messages: Schema.Array(Message), approvals: Schema.Array(DecidedApproval) })

const chat = Effect.gen(function* () {
  const { messages, approvals } = yield* HttpServerRequest.schemaBodyJson(Body)
  const resume = approvals.length === 0 ? undefined : { approvals }
  // The caller is who has logged in; nobody else can use the approval.
  return yield* HttpServerResponse.json(yield* ToolLoop.run({ messages }, { tools: [pay], caller: "alice", resume }))
}).pipe(Effect.catchTag("ApprovalError", ({ message }) => HttpServerResponse.text(message, { status: 403 })))

const approvals = Approvals.layer({
  secret: Redacted.make("at least 32 bytes, from a variable of the environment"),
  // One process; several share a store.
  store: ApprovalStore.memory
})

export const payments = HttpServer.serve(HttpRouter.empty.pipe(HttpRouter.post("/chat", chat))).pipe(
  Layer.provide([answering, approvals])
)
