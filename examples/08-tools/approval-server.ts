/**
 * An approval across two HTTP requests. Run it with `npx tsx examples/08-tools/approval-server.ts`: it prints what the
 * client is asked, the answer after the approval, and the refusal of the same approval when it comes again.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
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
