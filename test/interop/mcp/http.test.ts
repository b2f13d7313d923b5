/** The tools of an MCP server over HTTP. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { Mcp } from "llm-connectivity/mcp"
import { MockLLM } from "llm-connectivity/testing"
import { ToolLoop } from "llm-connectivity/tools"
import { call } from "../../support/toolCalls.js"
import { serve } from "./protocol.mjs"

const messages = [{ role: "user", content: "Hi" }] as const

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const piece of request) text += piece
  return text
}

/** Serves the small server; `authorization` is what it wants, `asEvents` whether it answers with an event stream. */
const serving = (asEvents: boolean, authorization?: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const seen: Array<IncomingMessage["headers"]> = []
      const server = createServer(async (request, response) => {
        seen.push(request.headers)
        if (authorization !== undefined && request.headers.authorization !== authorization)
          return response.writeHead(401).end("the key sk-123 is wrong")
        if (request.method !== "POST") return response.writeHead(405).end()
        const message = JSON.parse(await textOf(request))
        if (message.id === undefined) return response.writeHead(202).end()
        const answer = (outcome: object) => {
          const json = JSON.stringify({ jsonrpc: "2.0", ...outcome })
          response.writeHead(200, { "content-type": asEvents ? "text/event-stream" : "application/json" })
          response.end(asEvents ? `data: ${json}\n\n` : json)
        }
        serve({}, answer, () => response.destroy())(message)
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      // The server listens on a port.
      return { server, seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )

describe.each([
  ["JSON", false],
  ["events", true]
])("the tools of a server that answers with %s", (_, asEvents) => {
  it.scopedLive("run, with the headers of the options", () =>
    Effect.gen(function* () {
      const { url, seen } = yield* serving(asEvents)
      const headers = { "x-key": Redacted.make("secret") }
      const tools = yield* Mcp.tools({ url, headers, needsApproval: false })
      const { messages: all } = yield* ToolLoop.run({ messages }, { tools })
      expect(all[2]?.content).toBe("hello; cancelled: 0")
      expect(new Set(seen.map((sent) => sent["x-key"]))).toEqual(new Set(["secret"]))
    }).pipe(Effect.provide(MockLLM.layer([[call("echo", { text: "hello" })], "done"])))
  )

  it.scopedLive("fail with a typed error when the server breaks a call off", () =>
    Effect.gen(function* () {
      const { url } = yield* serving(asEvents)
      const tools = yield* Mcp.tools({ url, needsApproval: false })
      expect(yield* Effect.flip(ToolLoop.run({ messages }, { tools }))).toMatchObject({ reason: "Closed" })
    }).pipe(Effect.provide(MockLLM.layer([[call("crash")], "done"])))
  )

  it.scopedLive("end with the connection at a message that is too large", () =>
    Effect.gen(function* () {
      const { url } = yield* serving(asEvents)
      const tools = yield* Mcp.tools({ url, needsApproval: false, limits: { result: 1000 } })
      expect(yield* Effect.flip(ToolLoop.run({ messages }, { tools }))).toMatchObject({ reason: "Closed" })
    }).pipe(Effect.provide(MockLLM.layer([[call("big", { size: 2_000_000 })], "done"])))
  )
})

describe("a login", () => {
  it.scopedLive("is the work of the SDK's provider", () =>
    Effect.gen(function* () {
      const { url } = yield* serving(false, "Bearer fresh")
      const authProvider = { token: () => Promise.resolve("fresh") }
      const tools = yield* Effect.flatten(Mcp.tools({ url, authProvider }))
      expect(tools.length).toBeGreaterThan(0)
    })
  )

  it.scopedLive("that is refused is a typed failure, which does not quote the server", () =>
    Effect.gen(function* () {
      const { url } = yield* serving(false, "Bearer fresh")
      const authProvider = { token: () => Promise.resolve("stale") }
      const error = yield* Effect.flip(Mcp.tools({ url, authProvider }))
      expect(error).toMatchObject({ reason: "Unauthorized" })
      expect(JSON.stringify(error)).not.toContain("sk-123")
    })
  )

  it.scopedLive("is not needed to say that nobody answers", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Mcp.tools({ url: "http://127.0.0.1:9/mcp?key=sk-123" }))
      expect(error).toMatchObject({ reason: "Connect", server: "127.0.0.1:9" })
      expect(error.message).not.toContain("sk-123")
    })
  )
})
