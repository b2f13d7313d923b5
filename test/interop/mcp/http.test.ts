/** The tools of an MCP server over HTTP. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import type { OAuthClientProvider, OAuthTokens } from "@modelcontextprotocol/client"
import { Effect, Exit, Fiber, Redacted, Scope, TestClock, TestServices } from "effect"
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

interface Settings {
  /** The server answers with an event stream, not with JSON. */
  readonly asEvents: boolean
  /** What the server wants as `Authorization`. */
  readonly authorization?: string
  /** The server does not answer the request that ends its session. */
  readonly hangsAtEnd?: boolean
}

/** Answers a message of a client, and counts the calls whose connection is open. */
const respond = async (
  request: IncomingMessage,
  response: ServerResponse,
  asEvents: boolean,
  count: (change: 1 | -1) => void
) => {
  const message = JSON.parse(await textOf(request))
  if (message.id === undefined) return response.writeHead(202).end()
  if (message.method === "tools/call") {
    count(1)
    response.on("close", () => count(-1))
  }
  response.writeHead(200, { "content-type": asEvents ? "text/event-stream" : "application/json" })
  if (asEvents) response.flushHeaders()
  const send = (outcome: object) => {
    const json = JSON.stringify({ jsonrpc: "2.0", ...outcome })
    if (asEvents) response.write(`data: ${json}\n\n`)
    if ("method" in outcome) return
    response.end(asEvents ? "" : json)
  }
  serve({}, send, () => response.destroy())(message)
}

/** The endpoints by which a client refreshes its token. */
const oauth = (url: string): { readonly [path: string]: object } => ({
  "/.well-known/oauth-authorization-server": {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"]
  },
  "/token": { access_token: "fresh", token_type: "Bearer" }
})

const serving = ({ asEvents, authorization, hangsAtEnd = false }: Settings) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const seen: Array<IncomingMessage["headers"]> = []
      const methods: Array<string | undefined> = []
      let calls = 0
      const server = createServer((request, response) => {
        const endpoint = oauth(`http://${request.headers.host}`)[request.url ?? ""]
        if (endpoint !== undefined) {
          return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(endpoint))
        }
        if (request.url !== "/mcp") return response.writeHead(404).end()
        seen.push(request.headers)
        methods.push(request.method)
        if (authorization !== undefined && request.headers.authorization !== authorization)
          return response.writeHead(401).end("the key sk-123 is wrong")
        if (hangsAtEnd && request.method === "DELETE") return
        if (request.method !== "POST") return response.writeHead(405).end()
        if (hangsAtEnd) response.setHeader("mcp-session-id", "1")
        return respond(request, response, asEvents, (change) => {
          calls += change
        })
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      // The server listens on a port.
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
      return { server, seen, methods, url, calls: () => calls }
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
      const { url, seen } = yield* serving({ asEvents })
      const headers = { "x-key": Redacted.make("secret") }
      const tools = yield* Mcp.tools({ url, headers, needsApproval: false })
      const { messages: all } = yield* ToolLoop.run({ messages }, { tools })
      expect(all[2]?.content).toBe("hello; cancelled: 0")
      expect(new Set(seen.map((sent) => sent["x-key"]))).toEqual(new Set(["secret"]))
    }).pipe(Effect.provide(MockLLM.layer([[call("echo", { text: "hello" })], "done"])))
  )

  it.scopedLive("fail with a typed error when the server breaks a call off", () =>
    Effect.gen(function* () {
      const { url } = yield* serving({ asEvents })
      const tools = yield* Mcp.tools({ url, needsApproval: false })
      expect(yield* Effect.flip(ToolLoop.run({ messages }, { tools }))).toMatchObject({ reason: "Closed" })
    }).pipe(Effect.provide(MockLLM.layer([[call("crash")], "done"])))
  )

  it.scopedLive("close the socket of a call that is interrupted", () =>
    Effect.gen(function* () {
      const { url, calls } = yield* serving({ asEvents })
      const tools = yield* Mcp.tools({ url, needsApproval: false })
      const hanging = yield* Effect.fork(ToolLoop.run({ messages }, { tools }))
      const count = Effect.sync(calls)
      yield* Effect.repeat(Effect.delay(count, "5 millis"), { until: (open) => open === 1 })
      yield* Fiber.interrupt(hanging)
      expect(yield* Effect.repeat(Effect.delay(count, "5 millis"), { until: (open) => open === 0 })).toBe(0)
    }).pipe(Effect.provide(MockLLM.layer([[call("hang")], "done"])))
  )

  it.scopedLive("end with the connection at a message that is too large", () =>
    Effect.gen(function* () {
      const { url } = yield* serving({ asEvents })
      const tools = yield* Mcp.tools({ url, needsApproval: false, limits: { result: 1000 } })
      expect(yield* Effect.flip(ToolLoop.run({ messages }, { tools }))).toMatchObject({ reason: "Closed" })
    }).pipe(Effect.provide(MockLLM.layer([[call("big", { size: 2_000_000 })], "done"])))
  )
})

describe("a server that does not answer the end of its session", () => {
  it.effect("is waited for during 2 seconds", () =>
    Effect.gen(function* () {
      const { url, methods } = yield* serving({ asEvents: false, hangsAtEnd: true })
      const scope = yield* Scope.make()
      yield* Scope.extend(Mcp.tools({ url }), scope)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestServices.provideLive(
        Effect.repeat(
          Effect.delay(
            Effect.sync(() => methods),
            "5 millis"
          ),
          { until: (all) => all.includes("DELETE") }
        )
      )
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(closing)
      expect(methods.at(-1)).toBe("DELETE")
    }).pipe(Effect.scoped)
  )
})

/** A provider of the SDK whose access token is stale. */
const oauthProvider = (more: Partial<OAuthTokens>) => {
  const saved: Array<OAuthTokens> = []
  const redirects: Array<URL> = []
  const provider: OAuthClientProvider = {
    redirectUrl: "http://127.0.0.1/callback",
    clientMetadata: { redirect_uris: ["http://127.0.0.1/callback"] },
    clientInformation: () => ({ client_id: "client" }),
    tokens: () => saved.at(-1) ?? { access_token: "stale", token_type: "Bearer", ...more },
    saveTokens: (tokens) => void saved.push(tokens),
    redirectToAuthorization: (url) => void redirects.push(url),
    saveCodeVerifier: () => undefined,
    codeVerifier: () => "verifier"
  }
  return { provider, saved, redirects }
}

describe("a login", () => {
  it.scopedLive("is the work of the SDK's provider", () =>
    Effect.gen(function* () {
      const { url } = yield* serving({ asEvents: false, authorization: "Bearer fresh" })
      const authProvider = { token: () => Promise.resolve("fresh") }
      const tools = yield* Effect.flatten(Mcp.tools({ url, authProvider }))
      expect(tools.length).toBeGreaterThan(0)
    })
  )

  it.scopedLive("with OAuth refreshes its tokens", () =>
    Effect.gen(function* () {
      const { url } = yield* serving({ asEvents: false, authorization: "Bearer fresh" })
      const { provider, saved } = oauthProvider({ refresh_token: "r" })
      const tools = yield* Effect.flatten(Mcp.tools({ url, authProvider: provider }))
      expect(tools.length).toBeGreaterThan(0)
      expect(saved.at(-1)).toMatchObject({ access_token: "fresh" })
    })
  )

  it.scopedLive("with OAuth that needs a person sends the person to the login, and is a typed failure", () =>
    Effect.gen(function* () {
      const { url } = yield* serving({ asEvents: false, authorization: "Bearer fresh" })
      const { provider, redirects } = oauthProvider({})
      expect(yield* Effect.flip(Mcp.tools({ url, authProvider: provider }))).toMatchObject({ reason: "Unauthorized" })
      expect(redirects.map(({ pathname }) => pathname)).toEqual(["/authorize"])
    })
  )

  it.scopedLive("that is refused is a typed failure, which does not quote the server", () =>
    Effect.gen(function* () {
      const { url } = yield* serving({ asEvents: false, authorization: "Bearer fresh" })
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
