/** The page's reader of runs over connections that hang, break or never come to be. */
import { createServer, type RequestListener, type Server } from "node:http"
import { type ChatStreamError, type RunInit, readRun, startRun } from "llm-connectivity/browser"
import { afterEach, describe, expect, it } from "vitest"
import { slack } from "../support/atAnySpeed.js"

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Serves requests, each by the next listener, and the last one again; gives the URL. */
const serve = (...listeners: ReadonlyArray<RequestListener>): Promise<string> =>
  new Promise((resolve) => {
    let count = 0
    server = createServer((request, response) =>
      listeners[Math.min(count++, listeners.length - 1)]?.(request, response)
    ).listen(0, "127.0.0.1", () => {
      const address = server?.address()
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/runs/1`)
    })
  })

const events =
  (text: string, isEnd = true): RequestListener =>
  (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(text)
    if (isEnd) response.end()
  }

const silent: RequestListener = () => {}
const broken: RequestListener = (request) => request.socket.destroy()
const unavailable: RequestListener = (_, response) => response.writeHead(503).end()

const hel = 'id: 1-1\ndata: {"content":"Hel"}\n\n'
const lo = 'id: 1-2\ndata: {"content":"lo"}\n\nevent: done\ndata: {}\n\n'

const read = async (chunks: AsyncIterable<{ readonly content: string }>) => {
  let text = ""
  const begun = performance.now()
  try {
    for await (const { content } of chunks) text += content
    return { text, error: undefined }
  } catch (error) {
    return { text, error: error as ChatStreamError, millis: performance.now() - begun }
  }
}

// Longer than a busy machine takes for an answer.
const quick: RunInit = { retryDelay: 2, idleTimeout: 500, patience: 300 }

describe("a run", () => {
  it("is read on over another connection when one is silent, from where it was", async () => {
    const asked: Array<string | undefined> = []
    const url = await serve(events(hel, false), silent, (request, response) => {
      asked.push(request.headers["last-event-id"]?.toString())
      events(lo)(request, response)
    })
    expect(await read(readRun(url, { ...quick, patience: 10_000 }))).toEqual({ text: "Hello", error: undefined })
    expect(asked).toEqual(["1-1"])
  })

  it("is not given up while keep-alives come", async () => {
    const url = await serve((request, response) => {
      events(hel, false)(request, response)
      const beat = setInterval(() => response.write(": keep-alive\n\n"), 20)
      setTimeout(() => {
        clearInterval(beat)
        response.end(lo)
      }, 700)
    }, silent)
    expect(await read(readRun(url, quick))).toEqual({ text: "Hello", error: undefined })
  })

  it("is read on after a connection that lasted longer than its patience", async () => {
    const url = await serve((request, response) => {
      events(hel, false)(request, response)
      const beat = setInterval(() => response.write(": keep-alive\n\n"), 20)
      setTimeout(() => {
        clearInterval(beat)
        request.socket.destroy()
      }, 400)
    }, events(lo))
    expect(await read(readRun(url, quick))).toEqual({ text: "Hello", error: undefined })
  })

  it.each([
    ["hang", silent, "Timeout"],
    ["break", broken, "Connection"],
    ["say that the server is unavailable", unavailable, "Server"]
  ] as const)(
    "is given up when its connections %s for longer than its patience, with what was read",
    async (_, listener, reason) => {
      const url = await serve(events(hel), listener)
      const { text, error, millis } = await read(readRun(url, quick))
      expect([text, error?._tag, error?.reason]).toEqual(["Hel", "NetworkError", reason])
      expect(millis).toBeGreaterThan(300)
      expect(millis).toBeLessThan(2000 * slack)
    }
  )

  it("is asked for once, whatever becomes of the request", async () => {
    const methods: Array<string | undefined> = []
    const url = await serve((request, response) => {
      methods.push(request.method)
      if (request.method === "POST") request.socket.destroy()
      else
        response
          .writeHead(404, { "content-type": "application/json" })
          .end('{"_tag":"RunError","reason":"NotFound","message":"none"}')
    })
    const { error } = await read(startRun(url, { ...quick, body: "{}" }))
    expect(error).toMatchObject({ _tag: "NetworkError", reason: "Connection" })
    expect(methods).toEqual(["POST", "GET", "GET", "GET", "GET"])
  })

  it("is asked for less and less often while there is no connection", async () => {
    let requests = 0
    const url = await serve((request) => {
      requests++
      request.socket.destroy()
    })
    await read(readRun(url, { ...quick, patience: 300 }))
    // Delays of 1, 2, 4, 8 and 16 ms and then of 20 at least, for 300 ms. Without the doubling there would be 150.
    expect(requests).toBeGreaterThan(0)
    expect(requests).toBeLessThan(22)
  })

  it.each([
    ["patience", Number.NaN],
    ["patience", -1],
    ["retryDelay", "soon"],
    ["idleTimeout", Number.NaN]
  ])("throws for an option that cannot be right, and sends nothing: %s %s", async (name, value) => {
    let requests = 0
    const url = await serve(() => requests++)
    const { error } = await read(startRun(url, { [name]: value }))
    expect(error).toMatchObject({ _tag: "ValidationError", retryable: false })
    expect(error?.message).toBe(`${name} is ${value}; write milliseconds, 0 or more`)
    expect(requests).toBe(0)
  })

  it("waits as long as a timer can where an option is Infinity", async () => {
    const url = await serve(
      broken,
      (request, response) => void setTimeout(() => events(hel + lo)(request, response), 50)
    )
    const forever = { retryDelay: 2, idleTimeout: Number.POSITIVE_INFINITY, patience: Number.POSITIVE_INFINITY }
    expect(await read(readRun(url, forever))).toEqual({ text: "Hello", error: undefined })
  })
})
