/** The adapters of docs/servers.md, each in its server, in front of the Simulator. */
import { createServer, type RequestListener } from "node:http"
import { PassThrough } from "node:stream"
import { text } from "node:stream/consumers"
import { serve } from "@hono/node-server"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { ChatStreamError, readChunks } from "llm-connectivity/browser"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const simulator = ManagedRuntime.make(Simulator.layer({ pace: 0 }))
const scripted = (...replies: ReadonlyArray<SimulatedReply>) => simulator.runPromise(Simulator.script(...replies))

const endless = { content: "On and on, ", pace: 5, fault: { type: "endlessStream" } } as const

type Handler = (request: Request) => Promise<Response>

/** The adapter of each page section, as a function from a request to its response, and what closes its server. */
interface Adapter {
  readonly respond: Handler
  readonly close?: () => unknown
}

const overHttp =
  (url: string): Handler =>
  (request) =>
    fetch(new Request(url + new URL(request.url).pathname, request))

const listen = (listener: RequestListener): Promise<Adapter> =>
  new Promise((resolve) => {
    const server = createServer(listener).listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" ? address?.port : undefined
      resolve({ respond: overHttp(`http://127.0.0.1:${port}`), close: () => server.closeAllConnections() })
    })
  })

const adapters: { readonly [name: string]: () => Promise<Adapter> } = {
  express: async () => listen((await import("./express.js")).app),
  fastify: async () => {
    const { app } = await import("./fastify.js")
    return {
      respond: overHttp(await app.listen({ port: 0, host: "127.0.0.1" })),
      close: () => app.server.closeAllConnections()
    }
  },
  next: async () => ({ respond: (await import("./next.js")).POST }),
  hono: async () => {
    const { app } = await import("./hono.js")
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve({ respond: overHttp(`http://127.0.0.1:${port}`), close: () => server.close() })
      )
    })
  },
  worker: async () => {
    const { environment } = await simulator.runPromise(Simulator)
    const { default: worker } = await import("./worker.js")
    return { respond: (request) => worker.fetch(request, { OPENAI_API_KEY: "", ...environment }) }
  }
}

const question = JSON.stringify({ messages: [{ role: "user", content: "Count to 5 with words" }] })

const post = (signal?: AbortSignal, body = question) =>
  new Request("http://localhost/chat", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    ...(signal === undefined ? {} : { signal })
  })

const contentOf = async (response: Response): Promise<string> => {
  let content = ""
  for await (const chunk of readChunks(response)) content += chunk.content
  return content
}

const lastClosed = () =>
  simulator.runPromise(
    Effect.flatMap(Simulator.requests, (requests) => requests.at(-1)?.closed ?? Effect.die("no request"))
  )

beforeAll(async () => {
  const { environment } = await simulator.runPromise(Simulator)
  Object.assign(process.env, environment)
})

afterAll(() => simulator.dispose())

describe.each(Object.entries(adapters))("the route of %s", (_name, open) => {
  let adapter: Adapter
  beforeAll(async () => {
    adapter = await open()
  })
  afterAll(() => adapter.close?.())

  it("streams a complete response", async () => {
    await scripted({})
    const response = await adapter.respond(post())
    expect(response.headers.get("content-type")).toContain("text/event-stream")
    expect(await contentOf(response)).toBe("One, two, three, four, five.")
  })

  it("responds with the status and JSON of a failure", async () => {
    await scripted({ error: "contextWindow" })
    const response = await adapter.respond(post())
    expect(response.status).toBe(413)
    await expect(contentOf(response)).rejects.toThrow(ChatStreamError)
  })

  it.each(['{"messages":"no list"}', "{}", "null", "no JSON"])("responds with 400 to the request %s", async (body) => {
    expect((await adapter.respond(post(undefined, body))).status).toBe(400)
  })

  it("closes the provider's connection when the client disconnects", async () => {
    await scripted(endless)
    const controller = new AbortController()
    const response = await adapter.respond(post(controller.signal))
    const reader = response.body?.getReader()
    await reader?.read()
    controller.abort()
    await reader?.cancel().catch(() => {})
    expect((await lastClosed()).closedBy).toBe("caller")
  })
})

describe("a web handler of Effect", () => {
  it("streams a complete response", async () => {
    await scripted({})
    const { handler, dispose } = await import("./web.js")
    expect(await contentOf(await handler(post()))).toBe("One, two, three, four, five.")
    await dispose()
  })
})

describe("the handler of Lambda", () => {
  it("writes a complete response", async () => {
    await scripted({})
    Reflect.set(globalThis, "awslambda", {
      streamifyResponse: (handler: unknown) => handler,
      HttpResponseStream: { from: (output: unknown) => output }
    })
    const { handler } = await import("./lambda.js")
    const output = new PassThrough()
    const written = text(output)
    await handler({ body: await post().text() }, output)
    const response = new Response(await written, { headers: { "content-type": "text/event-stream" } })
    expect(await contentOf(response)).toBe("One, two, three, four, five.")
  })
})
