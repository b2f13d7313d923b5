/**
 * An approval across two HTTP requests. Run it with `npx tsx examples/08-tools/approval-server.ts`: it prints what the
 * client is asked, the answer after the approval, and the refusal of the same approval when it comes again.
 */
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import type { Message } from "llm-connectivity"
import type { DecidedApproval, ToolLoopResponse } from "llm-connectivity/tools"
import { printError } from "../support/terminal.js"
import { payments } from "./payments.js"

const post = (messages: ReadonlyArray<Message>, approvals: ReadonlyArray<DecidedApproval>) =>
  HttpClientRequest.post("/chat").pipe(
    HttpClientRequest.bodyUnsafeJson({ messages, approvals }),
    HttpClient.execute,
    Effect.flatMap((response) => response.text)
  )

const program = Effect.gen(function* () {
  const ended: ToolLoopResponse = JSON.parse(yield* post([{ role: "user", content: "Please pay the bill" }], []))
  for (const { call } of ended.pendingApprovals) yield* Console.log(`Approve ${call.name}? Yes.`)
  const approvals = ended.pendingApprovals.map((approval) => ({ approval, decision: "approve" as const }))

  const answered: ToolLoopResponse = JSON.parse(yield* post(ended.messages, approvals))
  yield* Console.log(answered.content)

  yield* Console.log(yield* post(ended.messages, approvals))
})

program.pipe(
  Effect.provide(payments.pipe(Layer.provideMerge(NodeHttpServer.layerTest))),
  Effect.catchAll(printError),
  NodeRuntime.runMain
)
