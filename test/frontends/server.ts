/** Serves the pages and our routes for them. */
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import { HttpRouter, HttpServer, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime, Ref, Schema, Stream } from "effect"
import { build } from "esbuild"
import { LLMClient, type Message } from "llm-connectivity"
import { RunStore, Runs } from "llm-connectivity/runs"
import { AGUI, UIMessages } from "llm-connectivity/server"
import { MockLLM } from "llm-connectivity/testing"
import { type Resume, Tool, ToolLoop } from "llm-connectivity/tools"
import { approvals } from "../support/frontEnds.js"
import { llm } from "./answers.js"

/** What the tests look at. */
class Seen extends Effect.Service<Seen>()("Seen", {
  effect: Effect.all({ removed: Ref.make<ReadonlyArray<number>>([]), interrupted: Ref.make(0) })
}) {}

const remove = Tool.make("remove", {
  parameters: { id: Schema.Number },
  needsApproval: true,
  execute: ({ id }) => Effect.flatMap(Seen, ({ removed }) => Ref.update(removed, (all) => [...all, id]))
})

/** A tool loop that counts its interruptions. */
const answer = (messages: ReadonlyArray<Message>, resume: Resume | undefined, clientTools: ReadonlyArray<Tool> = []) =>
  Stream.ensuringWith(ToolLoop.stream({ messages }, { tools: [remove, ...clientTools], resume }), (exit) =>
    exit._tag === "Failure" && exit.cause._tag !== "Fail"
      ? Effect.flatMap(Seen, ({ interrupted }) => Ref.update(interrupted, (count) => count + 1))
      : Effect.void
  )

const latest = Effect.gen(function* () {
  const { id = "" } = yield* HttpRouter.params
  const [run] = yield* Runs.list({ owner: id, limit: 1 })
  return { owner: id, run }
})

const chatRuns = UIMessages.handle(({ id, messages }) =>
  Effect.gen(function* () {
    const run = yield* Runs.start(LLMClient.chatStream({ messages }), { owner: id })
    return Runs.readEvents(run.id, { owner: id })
  }).pipe(Stream.unwrap)
)

const again = Effect.gen(function* () {
  const { owner, run } = yield* latest
  if (run?.state !== "running") return HttpServerResponse.empty({ status: 204 })
  return yield* UIMessages.respond(Runs.readEvents(run.id, { owner }))
})

const stop = Effect.gen(function* () {
  const { owner, run } = yield* latest
  if (run !== undefined) yield* Runs.stop(run.id, { owner })
  return HttpServerResponse.empty({ status: 204 })
})

const agentRuns = AGUI.handle(({ threadId, runId, messages }) =>
  Effect.gen(function* () {
    const run = yield* Runs.start(LLMClient.chatStream({ messages }), { id: runId, owner: threadId })
    return Runs.readEvents(run.id, { owner: threadId })
  }).pipe(Stream.unwrap)
)

/** A server that only ends its stream, as many do whose provider was cut. */
const cutByOthers = Effect.map(
  Effect.succeed([
    { type: "start" },
    { type: "start-step" },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "Half an " }
  ]),
  (events) =>
    HttpServerResponse.text(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""), {
      contentType: "text/event-stream",
      headers: { "x-vercel-ai-ui-message-stream": "v1" }
    })
)

const truncated = Stream.take(LLMClient.chatStream({ messages: [{ role: "user", content: "Hello" }] }), 2)

const bundles = new Map<string, string>()

/** The script of a page, bundled once for all tests of a file. */
const bundle = (page: string) =>
  Effect.promise(async () => {
    const made = bundles.get(page)
    if (made !== undefined) return made
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL(`${page}.mjs`, import.meta.url))],
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      define: { "process.env.NODE_ENV": '"production"' }
    })
    const script = outputFiles[0]?.text ?? ""
    bundles.set(page, script)
    return script
  })

const pageRoutes = (page: string) =>
  Effect.map(bundle(page), (script) =>
    HttpRouter.empty.pipe(
      HttpRouter.get(
        `/${page}`,
        HttpServerResponse.html(`<!doctype html><body><script type="module" src="/${page}.js"></script>`)
      ),
      HttpRouter.get(`/${page}.js`, HttpServerResponse.text(script, { contentType: "text/javascript" }))
    )
  )

const routes = Effect.map(Effect.all([pageRoutes("useChat"), pageRoutes("agent")]), ([useChat, agent]) =>
  HttpRouter.concatAll(useChat, agent).pipe(
    HttpRouter.post(
      "/api/chat",
      UIMessages.handle(({ messages, resume }) => answer(messages, resume))
    ),
    HttpRouter.post(
      "/api/truncated",
      UIMessages.handle(() => truncated)
    ),
    HttpRouter.post("/api/others", cutByOthers),
    HttpRouter.post("/api/runs", chatRuns),
    HttpRouter.get("/api/runs/:id/stream", again),
    HttpRouter.post("/api/runs/:id/stop", stop),
    HttpRouter.post(
      "/agent",
      AGUI.handle(({ messages, resume, tools }) => answer(messages, resume, AGUI.clientTools(tools)))
    ),
    HttpRouter.post(
      "/agent/truncated",
      AGUI.handle(() => truncated)
    ),
    HttpRouter.post("/agent/runs", agentRuns)
  )
)

const layer = () => {
  const server = createServer()
  const closing = Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections())))
  return Layer.unwrapEffect(Effect.map(routes, (router) => HttpServer.serve(router))).pipe(
    Layer.merge(closing),
    Layer.provideMerge(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
    Layer.provideMerge(
      Layer.mergeAll(Seen.Default, approvals, llm, Layer.provide(Runs.layer({ grace: 0 }), RunStore.memory))
    )
  )
}

export interface FrontEnds {
  readonly url: string
  readonly removed: () => Promise<ReadonlyArray<number>>
  /** How many answers were interrupted. */
  readonly interrupted: () => Promise<number>
  /** How often the model was asked. */
  readonly asked: () => Promise<number>
  readonly close: () => Promise<void>
}

export const serveFrontEnds = async (): Promise<FrontEnds> => {
  const runtime = ManagedRuntime.make(layer())
  const url = await runtime.runPromise(
    HttpServer.addressWith((address) =>
      Effect.succeed(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : address.path)
    )
  )
  return {
    url,
    removed: () => runtime.runPromise(Effect.flatMap(Seen, ({ removed }) => Ref.get(removed))),
    interrupted: () => runtime.runPromise(Effect.flatMap(Seen, ({ interrupted }) => Ref.get(interrupted))),
    asked: () => runtime.runPromise(Effect.map(MockLLM.requests, ({ length }) => length)),
    close: () => runtime.dispose()
  }
}
