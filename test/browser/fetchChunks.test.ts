import { ChatStreamError, fetchChunks, readChunks, type StreamChunk } from "llm-connectivity/browser"
import { describe, expect, it } from "vitest"

const encoder = new TextEncoder()

/** A response as sent by the server; the emoji and the accent are multi-byte characters. */
const answer =
  'data: {"content":"Héllo"}\n\n: keep-alive\n\ndata: {"content":" 🙂","reasoning":"why"}\n\n' +
  'event: from-the-future\ndata: {"content":"no"}\n\n' +
  'data: {"toolCalls":[{"index":0,"id":"c1","name":"weather","arguments":"{}"}]}\n\n' +
  'data: {"finishReason":"stop","usage":{"inputTokens":5},"origin":{"provider":"p","model":"m"},"cost":0.5}\n\n' +
  "event: done\ndata: {}\n\n"

const empty = { content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null, rawChunk: null }

const chunks = [
  { ...empty, content: "Héllo" },
  { ...empty, content: " 🙂", reasoning: "why" },
  { ...empty, toolCalls: [{ index: 0, id: "c1", name: "weather", arguments: "{}" }] },
  {
    ...empty,
    finishReason: "stop",
    usage: { inputTokens: 5 },
    origin: { provider: "p", model: "m" },
    cost: 0.5
  }
]

interface Source {
  readonly response: Response
  /** Resolves with the reason when the reader cancels the body. */
  readonly cancelled: Promise<unknown>
  /** How many reads were requested. */
  readonly pulls: () => number
}

/** A response whose body emits the given reads, and then ends, fails, or stays open. */
const source = (
  reads: ReadonlyArray<Uint8Array | string>,
  ending: "end" | "break" | "stay" = "end",
  init: ResponseInit = {}
): Source => {
  let index = 0
  let onCancel: (reason: unknown) => void
  const cancelled = new Promise<unknown>((resolve) => {
    onCancel = resolve
  })
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const read = reads[index++]
        if (read !== undefined) controller.enqueue(typeof read === "string" ? encoder.encode(read) : read)
        else if (ending === "end") controller.close()
        else if (ending === "break") controller.error(new TypeError("terminated"))
      },
      cancel: (reason) => onCancel(reason)
    },
    { highWaterMark: 0 }
  )
  const headers = { "content-type": "text/event-stream", ...init.headers }
  return { response: new Response(body, { ...init, headers }), cancelled, pulls: () => index }
}

interface Read {
  readonly chunks: ReadonlyArray<StreamChunk>
  readonly error: unknown
}

/** Reads until the stream ends or fails. */
const read = async (stream: AsyncIterable<StreamChunk>): Promise<Read> => {
  const chunks: Array<StreamChunk> = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
    return { chunks, error: undefined }
  } catch (error) {
    return { chunks, error }
  }
}

const readAll = (...reads: ReadonlyArray<Uint8Array | string>) => read(readChunks(source(reads).response))

describe("the chunks of a response", () => {
  it("are the same wherever the bytes are split", async () => {
    const bytes = encoder.encode(answer)
    for (let at = 0; at <= bytes.length; at++) {
      expect(await readAll(bytes.slice(0, at), bytes.slice(at))).toEqual({ chunks, error: undefined })
    }
    expect(await readAll(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual({ chunks, error: undefined })
  })

  it("are the same with CRLF, CR, a byte order mark and no spaces, wherever the bytes are split", async () => {
    for (const lineEnd of ["\r\n", "\r", "\n"]) {
      const bytes = encoder.encode(`\uFEFF${answer.replaceAll("\n", lineEnd).replaceAll(": ", ":")}${lineEnd}`)
      for (let at = 0; at <= bytes.length; at++) {
        expect(await readAll(bytes.slice(0, at), bytes.slice(at))).toEqual({ chunks, error: undefined })
      }
    }
  })

  it("are emitted as they arrive, before the response ends", async () => {
    const { response } = source(['data: {"content":"He"}\n\n'], "stay")
    const reader = readChunks(response)
    expect((await reader.next()).value).toMatchObject({ content: "He" })
    await reader.return()
  })

  it("keep unknown fields of a newer server", async () => {
    const { chunks } = await readAll('data: {"content":"x","mood":"good"}\n\nevent: done\ndata: {}\n\n')
    expect(chunks).toEqual([{ ...empty, content: "x", mood: "good" }])
  })

  it("are read only when the consumer requests them", async () => {
    const { response, pulls } = source(['data: {"content":"a"}\n\n', 'data: {"content":"b"}\n\n'], "stay")
    const reader = readChunks(response)
    await reader.next()
    expect(pulls()).toBe(1)
    await reader.return()
  })
})

describe("a response without the end marker", () => {
  it("is truncated at every byte, whether it ends or fails, after the chunks that arrived", async () => {
    const bytes = encoder.encode(answer)
    for (let length = 0; length < bytes.length; length++) {
      for (const ending of ["end", "break"] as const) {
        const truncated = await read(readChunks(source([bytes.slice(0, length)], ending).response))
        expect(truncated.error).toBeInstanceOf(ChatStreamError)
        expect(truncated.error).toMatchObject({ _tag: "NetworkError", reason: "Truncated", retryable: true })
        expect(truncated.chunks).toEqual(chunks.slice(0, truncated.chunks.length))
        expect((truncated.error as Error).message).toBe(
          `the response was truncated after ${truncated.chunks.length} chunks`
        )
      }
    }
  })

  it("has the connection error as its cause", async () => {
    const { error } = await read(readChunks(source([], "break").response))
    expect((error as Error).cause).toBeInstanceOf(TypeError)
  })

  it("is complete if the connection breaks after the marker", async () => {
    expect(await read(readChunks(source([answer], "break").response))).toEqual({ chunks, error: undefined })
  })

  it("is truncated if it has no body", async () => {
    const response = new Response(null, { headers: { "content-type": "text/event-stream" } })
    expect((await read(readChunks(response))).error).toMatchObject({ reason: "Truncated" })
  })
})

describe("an error event", () => {
  const readWithError = (json: unknown) =>
    readAll('data: {"content":"He"}\n\n', `event: error\ndata: ${JSON.stringify(json)}\n\n`)

  it("is thrown after the chunks before it, with all of its fields", async () => {
    const { chunks, error } = await readWithError({
      _tag: "RateLimitError",
      reason: "RateLimit",
      message: "openai is rate limited; try again in 20s",
      retryAfter: 20_000,
      retryable: true,
      requestId: "req_1",
      status: 429,
      provider: "openai"
    })
    expect(chunks).toEqual([{ ...empty, content: "He" }])
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: "ChatStreamError",
      _tag: "RateLimitError",
      reason: "RateLimit",
      message: "openai is rate limited; try again in 20s",
      retryAfter: 20_000,
      retryable: true,
      requestId: "req_1",
      status: 429
    })
  })

  it("is a ProviderError if it is invalid", async () => {
    for (const json of [null, {}, "no", { _tag: "Sabotage", message: "x" }, { _tag: "NetworkError" }]) {
      expect((await readWithError(json)).error).toMatchObject({ _tag: "ProviderError", retryable: false })
    }
  })

  it("ends the response, whatever follows", async () => {
    const failure = 'event: error\ndata: {"_tag":"ProviderError","message":"x"}\n\n'
    const { chunks, error } = await readAll(`${failure}data: {"content":"more"}\n\nevent: done\ndata: {}\n\n`)
    expect([chunks, (error as Error).message]).toEqual([[], "x"])
  })
})

describe("an invalid response", () => {
  it("fails and closes the connection if a chunk is invalid", async () => {
    const wrong = ['"content"', "[]", "{", '{"content":1}', '{"toolCalls":[{}]}', '{"usage":"much"}', '{"cost":"$1"}']
    for (const data of wrong) {
      const { response, cancelled } = source([`data: ${data}\n\n`], "stay")
      expect((await read(readChunks(response))).error).toMatchObject({ _tag: "ProviderError" })
      await cancelled
    }
  })

  it("fails if an event is too large", async () => {
    const piece = `data: "${"x".repeat(1024 * 1024)}`
    const { response, cancelled } = source([piece, ...Array.from({ length: 20 }, () => piece.slice(7))], "stay")
    expect((await read(readChunks(response))).error).toMatchObject({ message: expect.stringContaining("too large") })
    await cancelled
  })

  const json = { "content-type": "application/json" }

  it("fails with all fields of an error from respondWithEvents", async () => {
    const body = '{"_tag":"RateLimitError","reason":"Overloaded","message":"busy","retryAfter":1500,"retryable":true}'
    const { response } = source([body], "end", { status: 503, headers: json })
    expect((await read(readChunks(response))).error).toMatchObject({
      _tag: "RateLimitError",
      reason: "Overloaded",
      message: "busy",
      retryAfter: 1500
    })
  })

  it.each(["1e400", "-1", "1e20", '"20"'])("fails without a delay that no timer can wait: %s", async (delay) => {
    const body = `{"_tag":"RateLimitError","reason":"Overloaded","message":"busy","retryAfter":${delay}}`
    const { response } = source([body], "end", { status: 503, headers: json })
    const { error } = await read(readChunks(response))
    expect(error).toMatchObject({ _tag: "RateLimitError", retryAfter: undefined })
    const { response: other } = source([""], "end", { status: 429, headers: { "retry-after": delay } })
    expect((await read(readChunks(other))).error).toMatchObject({ _tag: "RateLimitError", retryAfter: undefined })
  })

  it("classifies an error from any other server by its status", async () => {
    const html = { "content-type": "text/html" }
    const responses = [
      [429, { ...html, "retry-after": "20" }, { _tag: "RateLimitError", reason: "RateLimit", retryAfter: 20_000 }],
      [429, { ...html, "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }, { retryAfter: undefined }],
      [502, html, { _tag: "NetworkError", reason: "Server", status: 502 }],
      [502, json, { _tag: "NetworkError", reason: "Server" }],
      [401, html, { _tag: "AuthenticationError", retryable: false }],
      [403, json, { _tag: "AuthenticationError" }],
      [413, json, { _tag: "ValidationError" }],
      [200, html, { _tag: "ProviderError", message: expect.stringContaining("text/html") }]
    ] as const
    for (const [status, headers, error] of responses) {
      const { response, cancelled } = source(["<h1>Sorry</h1>"], headers === json ? "break" : "stay", {
        status,
        headers
      })
      expect((await read(readChunks(response))).error).toMatchObject(error)
      if (headers !== json) await cancelled
    }
  })

  it("fails with a connection error if no server listens", async () => {
    // No server listens on port 1.
    expect((await read(fetchChunks("http://127.0.0.1:1/chat"))).error).toMatchObject({
      _tag: "NetworkError",
      reason: "Connection",
      cause: expect.any(TypeError)
    })
  })
})

describe("a consumer closes the connection", () => {
  it("by leaving the loop", async () => {
    const { response, cancelled } = source([answer.slice(0, 40)], "stay")
    for await (const _ of readChunks(response)) break
    await cancelled
  })

  it("by an abort while it waits for a chunk", async () => {
    const { response, cancelled } = source(['data: {"content":"He"}\n\n'], "stay")
    const controller = new AbortController()
    const reader = readChunks(response, { signal: controller.signal })
    await reader.next()
    const waiting = reader.next()
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" })
    await cancelled
  })

  it("by an abort between two chunks of one read, without receiving the second", async () => {
    const { response, cancelled } = source(['data: {"content":"He"}\n\ndata: {"content":"llo"}\n\n'], "stay")
    const controller = new AbortController()
    const seen: Array<string> = []
    const reading = (async () => {
      for await (const { content } of readChunks(response, { signal: controller.signal })) {
        seen.push(content)
        controller.abort(new Error("enough"))
      }
    })()
    await expect(reading).rejects.toThrow("enough")
    expect(seen).toEqual(["He"])
    await cancelled
  })

  it("by a signal that is already aborted", async () => {
    const { response, cancelled, pulls } = source([answer])
    const signal = AbortSignal.abort()
    expect(await read(readChunks(response, { signal }))).toMatchObject({ chunks: [], error: { name: "AbortError" } })
    await cancelled
    expect(pulls()).toBe(0)
    expect(await read(fetchChunks("http://127.0.0.1:1/", { signal }))).toMatchObject({ error: { name: "AbortError" } })
  })

  it("but not by reading a response to its end, so that the connection can be reused", async () => {
    const { response, pulls } = source([answer], "end")
    await read(readChunks(response))
    await Promise.resolve()
    expect(pulls()).toBe(2)
  })
})
