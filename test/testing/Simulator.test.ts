/** What the Simulator promises: the real wires, the same answer on each, and every fault as it is told. */
import { connect } from "node:net"
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Clock, Config, ConfigProvider, Duration, Effect, Fiber, Layer, Stream, TestClock } from "effect"
import { LLMClient } from "../../src/index.js"
import { Simulator, type SimulatorOptions } from "../../src/testing/Simulator.js"
import type { Fault } from "../../src/testing/simulator/faults/Fault.js"
import type { ProtocolName, SimulatedReply } from "../../src/testing/simulator/SimulatedReply.js"
import { atAnySpeed, slack } from "../support/atAnySpeed.js"

const sampleRequest = "Count to 5 with words"
const answer = "One, two, three, four, five."
const weather = { type: "object", properties: { city: { type: "string" } }, required: ["city"] }

/** Reads deep into JSON that may be anything. */
const at = (json: unknown, ...path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>(
    (inside, step) => (typeof inside === "object" && inside !== null ? Reflect.get(inside, step) : undefined),
    json
  )

const textAt = (json: unknown, ...path: ReadonlyArray<string | number>): string => {
  const found = at(json, ...path)
  return typeof found === "string" ? found : found === undefined || found === null ? "" : JSON.stringify(found)
}

/** One protocol as its clients use it; each function reads an event of a stream or a whole answer. */
interface Client {
  readonly path: string
  readonly key: (key: string) => { readonly [header: string]: string }
  readonly body: (prompt: string, fields?: object) => object
  readonly tool: object
  readonly said: (json: unknown) => string
  readonly called: (json: unknown) => string
  readonly reasoned: (json: unknown) => string
  readonly finished: (json: unknown) => string
  /** Prompt tokens and completion tokens, these with reasoning. */
  readonly usage: (json: unknown) => readonly [unknown, unknown]
  readonly reasoning: object
  readonly end: RegExp
}

const key =
  (name: string, prefix = "") =>
  (key: string) => ({ [name]: `${prefix}${key}` })

const clients: { readonly [Each in ProtocolName]: Client } = {
  "openai-chat": {
    path: "/v1/chat/completions",
    key: key("authorization", "Bearer "),
    body: (prompt, fields) => ({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: prompt }],
      stream_options: { include_usage: true },
      ...fields
    }),
    tool: { type: "function", function: { name: "get_weather", parameters: weather } },
    said: (json) => textAt(json, "choices", 0, "delta", "content") || textAt(json, "choices", 0, "message", "content"),
    called: (json) =>
      textAt(json, "choices", 0, "delta", "tool_calls", 0, "function", "arguments") ||
      textAt(json, "choices", 0, "message", "tool_calls", 0, "function", "arguments"),
    reasoned: (json) => textAt(json, "choices", 0, "delta", "reasoning_content"),
    finished: (json) => textAt(json, "choices", 0, "finish_reason"),
    usage: (json) => [at(json, "usage", "prompt_tokens"), at(json, "usage", "completion_tokens")],
    reasoning: { reasoning_effort: "low" },
    end: /data: \[DONE\]\n\n$/
  },
  "openai-responses": {
    path: "/v1/responses",
    key: key("authorization", "Bearer "),
    body: (prompt, fields) => ({ model: "gpt-5", input: prompt, ...fields }),
    tool: { type: "function", name: "get_weather", parameters: weather },
    said: (json) =>
      at(json, "type") === "response.output_text.delta"
        ? textAt(json, "delta")
        : textAt(json, "output", 0, "content", 0, "text"),
    called: (json) =>
      at(json, "type") === "response.function_call_arguments.delta"
        ? textAt(json, "delta")
        : textAt(json, "output", 0, "arguments"),
    reasoned: (json) => (at(json, "type") === "response.reasoning_summary_text.delta" ? textAt(json, "delta") : ""),
    finished: (json) =>
      at(json, "type") === "response.completed" ? textAt(json, "response", "status") : textAt(json, "status"),
    usage: (json) => {
      const usage = at(json, "response", "usage") ?? at(json, "usage")
      return [at(usage, "input_tokens"), at(usage, "output_tokens")]
    },
    reasoning: { reasoning: { effort: "low", summary: "auto" } },
    end: /\}\}\n\n$/
  },
  "anthropic-messages": {
    path: "/v1/messages",
    key: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
    body: (prompt, fields) => ({
      model: "claude-sonnet-4-5",
      max_tokens: 2000,
      messages: [{ role: "user", content: prompt }],
      ...fields
    }),
    tool: { name: "get_weather", input_schema: weather },
    said: (json) => textAt(json, "delta", "text") || textAt(json, "content", 0, "text"),
    called: (json) => textAt(json, "delta", "partial_json") || textAt(json, "content", 0, "input"),
    reasoned: (json) => textAt(json, "delta", "thinking"),
    finished: (json) => textAt(json, "delta", "stop_reason") || textAt(json, "stop_reason"),
    usage: (json) => [at(json, "usage", "input_tokens"), at(json, "usage", "output_tokens")],
    reasoning: { thinking: { type: "enabled", budget_tokens: 1024 } },
    end: /event: message_stop\ndata: \{"type":"message_stop" *\}\n\n$/
  },
  "google-gemini": {
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    key: key("x-goog-api-key"),
    body: (prompt, fields) => ({ contents: [{ role: "user", parts: [{ text: prompt }] }], ...fields }),
    tool: { functionDeclarations: [{ name: "get_weather", parameters: weather }] },
    said: (json) =>
      at(json, "candidates", 0, "content", "parts", 0, "thought")
        ? ""
        : textAt(json, "candidates", 0, "content", "parts", 0, "text"),
    called: (json) => textAt(json, "candidates", 0, "content", "parts", 0, "functionCall", "args"),
    reasoned: (json) =>
      at(json, "candidates", 0, "content", "parts", 0, "thought")
        ? textAt(json, "candidates", 0, "content", "parts", 0, "text")
        : "",
    finished: (json) => textAt(json, "candidates", 0, "finishReason"),
    usage: (json) => {
      const [prompt, total] = [
        at(json, "usageMetadata", "promptTokenCount"),
        at(json, "usageMetadata", "totalTokenCount")
      ]
      return [prompt, typeof total === "number" && typeof prompt === "number" ? total - prompt : undefined]
    },
    reasoning: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
    end: /\}\r\n\r\n$/
  }
}

const chat = clients["openai-chat"]
const google = clients["google-gemini"]

const codeOf = (cause: unknown): string => textAt(cause, "cause", "code") || String(cause)

/** Asks as a client would; `fetch` fails where the network does. */
const ask = (client: Client, body: object | string, options: { readonly path?: string; readonly key?: string } = {}) =>
  Effect.flatMap(Simulator, ({ url, apiKey }) =>
    Effect.tryPromise({
      try: (signal) =>
        fetch(url + (options.path ?? client.path), {
          method: "POST",
          headers: { "content-type": "application/json", ...client.key(options.key ?? apiKey) },
          body: typeof body === "string" ? body : JSON.stringify(body),
          redirect: "manual",
          signal
        }),
      catch: codeOf
    })
  )

const textOf = (response: Response) => Effect.tryPromise({ try: () => response.text(), catch: codeOf })
const jsonOf = (response: Response) => Effect.promise((): Promise<unknown> => response.json())

const eventsOf = (text: string): ReadonlyArray<unknown> =>
  Array.from(text.matchAll(/^data: ({.*)$/gm), (match) => JSON.parse(match[1] ?? ""))

const saidIn = (client: Client, text: string): string => eventsOf(text).map(client.said).join("")

const open = (client: Client, prompt = sampleRequest, fields: object = {}) =>
  ask(client, client.body(prompt, { ...(client === google ? {} : { stream: true }), ...fields }), {
    path: client.path.replace(":generateContent", ":streamGenerateContent?alt=sse")
  })

const stream = (client: Client, prompt = sampleRequest, fields: object = {}) =>
  Effect.flatMap(open(client, prompt, fields), textOf)

const whole = (client: Client, prompt = sampleRequest, fields: object = {}) =>
  Effect.flatMap(ask(client, client.body(prompt, fields)), jsonOf)

const serving = (options: SimulatorOptions = {}) => Effect.provide(Simulator.layer({ pace: 0, ...options }))
const replying = (...script: ReadonlyArray<SimulatedReply | string>) => serving({ script })
const failing = (...fault: ReadonlyArray<Fault>) => replying({ fault })

/** How the first request ended for the server. */
const closed = Effect.flatMap(Simulator.requests, ([request]) => request?.closed ?? Effect.dieMessage("no request"))

describe.each(Object.entries(clients))("%s", (protocol, client) => {
  it.effect("streams an answer, and returns the same answer without streaming", () =>
    Effect.gen(function* () {
      const text = yield* stream(client)
      const events = eventsOf(text)
      const json = yield* whole(client)
      expect(events.map(client.said).filter((piece) => piece !== "").length).toBe(10)
      expect([saidIn(client, text), client.said(json)]).toEqual([answer, answer])
      expect(events.map(client.usage)).toContainEqual([5, 10])
      expect(client.usage(json)).toEqual([5, 10])
      expect(events.map(client.finished)).toContain(client.finished(json))
      expect(client.finished(json)).toMatch(/^(stop|completed|end_turn|STOP)$/)
      expect(client.end.test(text)).toBe(true)
    }).pipe(serving())
  )

  it.effect("calls a tool that the prompt mentions, streaming and non-streaming", () =>
    Effect.gen(function* () {
      const prompt = "What is the weather in Paris?"
      const events = eventsOf(yield* stream(client, prompt, { tools: [client.tool] }))
      expect(events.map(client.called).join("")).toBe('{"city":"Paris"}')
      expect(client.called(yield* whole(client, prompt, { tools: [client.tool] }))).toBe('{"city":"Paris"}')
    }).pipe(serving())
  )

  it.effect("sends reasoning first when requested", () =>
    Effect.gen(function* () {
      const events = eventsOf(yield* stream(client, sampleRequest, client.reasoning))
      expect(events.map(client.reasoned).join("")).toMatch(/^The user asks: “Count to 5 with words”/)
      expect(events.map(client.said).join("")).toBe(answer)
      expect(events.map(client.usage)).toContainEqual([5, 39])
    }).pipe(serving())
  )

  it.effect("rejects requests with the protocol's errors", () =>
    Effect.gen(function* () {
      const isGoogle = client === google
      const path = client.path.replace("gemini-2.5-flash", "unknown")
      const responses = yield* Effect.all([
        ask(client, client.body(sampleRequest), { key: "another-key" }),
        ask(client, "{"),
        ask(client, { model: "m", max_tokens: 1 }),
        ask(client, client.body(sampleRequest, isGoogle ? {} : { model: "unknown" }), { path })
      ])
      expect(responses.map((response) => response.status)).toEqual([
        isGoogle ? 400 : 401,
        400,
        400,
        protocol === "openai-responses" ? 400 : 404
      ])
      for (const response of responses) {
        expect(textAt(yield* jsonOf(response), "error", "message")).not.toBe("")
        expect(Array.from(response.headers.values()).some((value) => /^req_\w{24}$/.test(value))).toBe(true)
      }
    }).pipe(serving())
  )

  it.effect("reports an error inside a stream, and truncates, after the same piece in every protocol", () =>
    Effect.gen(function* () {
      const failed = yield* stream(client)
      expect([saidIn(client, failed), /overloaded/i.test(failed)]).toEqual(["One, two", true])
      expect(saidIn(client, yield* stream(client))).toBe("One, two, three")
    }).pipe(
      replying({ fault: { type: "errorEvent", afterChunks: 3 } }, { fault: { type: "truncate", afterChunks: 5 } })
    )
  )

  it.effect("sends the scripted chunks unchanged", () =>
    Effect.gen(function* () {
      const events = eventsOf(yield* stream(client))
      expect(events.map(client.said).filter((piece) => piece !== "")).toEqual(["Grüß", " Gott"])
      expect(events.map(client.usage)).toContainEqual([7, 3])
      const refused = yield* open(client)
      expect([refused.status, refused.headers.get("x-extra")]).toEqual([
        protocol === "anthropic-messages" ? 529 : 503,
        "1"
      ])
    }).pipe(
      replying(
        { chunks: ["Grüß", " Gott"], usage: { inputTokens: 7, outputTokens: 3 } },
        { error: "overloaded", headers: { "x-extra": "1" } }
      )
    )
  )
})

describe("a conversation", () => {
  const thinking = { type: "enabled", budget_tokens: 1024 }
  const anthropic = clients["anthropic-messages"]

  it.effect("uses the result of a tool, and requires the unchanged signature", () =>
    Effect.gen(function* () {
      const user = { role: "user", content: "What is the weather in Paris?" }
      const asked = { tools: [anthropic.tool], thinking }
      const content = at(yield* whole(anthropic, "", { messages: [user], ...asked }), "content")
      const result = { type: "tool_result", tool_use_id: at(content, 1, "id"), content: "18 °C" }
      const messages = [user, { role: "assistant", content }, { role: "user", content: [result] }]
      const said = yield* whole(anthropic, "", { messages, ...asked })
      expect(textAt(said, "content", 1, "text")).toBe("get_weather says: 18 °C")
      const forged = JSON.parse(JSON.stringify(messages).replace(/"signature":"\w{4}/, '"signature":"AAAA'))
      expect(textAt(yield* whole(anthropic, "", { messages: forged, ...asked }), "error", "message")).toMatch(
        /signature/
      )
      const unanswered = yield* whole(anthropic, "", { messages: messages.slice(0, 2), ...asked })
      expect(textAt(unanswered, "error", "message")).toMatch(/tool_result/)
    }).pipe(serving())
  )

  it.effect("respects the token limit, stop sequences and a schema", () =>
    Effect.gen(function* () {
      const short = yield* whole(chat, sampleRequest, { max_completion_tokens: 3 })
      expect([chat.said(short), chat.finished(short), chat.usage(short)]).toEqual(["One, two", "length", [5, 3]])
      expect(chat.said(yield* whole(chat, sampleRequest, { stop: [", four"] }))).toBe("One, two, three")
      const schema = { type: "object", properties: { name: { type: "string" }, age: { type: "integer", minimum: 18 } } }
      const format = { type: "json_schema", json_schema: { name: "person", schema } }
      const json = yield* whole(chat, "Invent a person called Ada", { response_format: format })
      expect(JSON.parse(chat.said(json))).toEqual({ name: "Ada", age: 18 })
    }).pipe(serving())
  )

  it.effect("counts a long earlier prompt as cached", () =>
    Effect.gen(function* () {
      const long = { role: "user", content: "word ".repeat(1500) }
      const messages = [long, { role: "assistant", content: "Read." }, { role: "user", content: "Hello" }]
      const json = yield* whole(chat, "", { messages })
      expect(at(json, "usage", "prompt_tokens_details", "cached_tokens")).toBe(1408)
      const marked = { role: "user", content: [{ type: "text", text: "mark", cache_control: { type: "ephemeral" } }] }
      const usage = at(yield* whole(anthropic, "", { messages: [marked] }), "usage")
      expect([at(usage, "input_tokens"), at(usage, "cache_creation_input_tokens")]).toEqual([0, 1])
    }).pipe(serving())
  )

  it.effect.each([
    ["Count to three", "1, 2, 3"],
    ["count from 3 to 6 in words", "Three, four, five, six."],
    ["List 3 programming languages", "1. TypeScript\n2. Python\n3. Rust"],
    ["What is 12 * 3?", "12 * 3 = 36"],
    ["What is the capital of France?", "The capital of France is Paris."],
    ['Say "ok then"', "ok then"],
    ["hello there", "Hello! How can I help you today?"]
  ] as const)("answers %j", ([prompt, said]) =>
    Effect.map(whole(chat, prompt), (json) => expect(chat.said(json)).toBe(said)).pipe(serving())
  )

  it.effect("sends equal bytes for equal requests", () =>
    Effect.gen(function* () {
      const once = Effect.all([stream(chat), stream(google), stream(anthropic, sampleRequest, { thinking })]).pipe(
        serving()
      )
      expect(yield* once).toEqual(yield* once)
    })
  )
})

describe("other endpoints", () => {
  it.effect("embeds texts as unit vectors, which are similar if they share words", () =>
    Effect.gen(function* () {
      const input = ["a red apple", "a green apple", "tax law"]
      const body = { model: "text-embedding-3-small", input, dimensions: 256 }
      const json = yield* Effect.flatMap(ask(chat, body, { path: "/v1/embeddings" }), jsonOf)
      const [first, second, third] = [0, 1, 2].map((index): ReadonlyArray<number> => {
        const vector = at(json, "data", index, "embedding")
        return Array.isArray(vector) ? vector : []
      })
      const dot = (left: ReadonlyArray<number> = [], right: ReadonlyArray<number> = []) =>
        left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
      expect([first?.length, at(json, "usage", "prompt_tokens")]).toEqual([256, 8])
      expect(dot(first, first)).toBeCloseTo(1)
      expect(dot(first, second)).toBeGreaterThan(dot(first, third) + 0.3)
      const requests = [{ content: { parts: [{ text: "a red apple" }] }, outputDimensionality: 256 }]
      const path = "/v1beta/models/gemini-embedding-001:batchEmbedContents"
      const other = yield* Effect.flatMap(ask(google, { requests }, { path }), jsonOf)
      expect(at(other, "embeddings", 0, "values")).toEqual(first)
    }).pipe(serving())
  )

  it.effect("counts tokens as its usage reports them", () =>
    Effect.gen(function* () {
      const count = (client: Client, path: string) =>
        Effect.flatMap(ask(client, client.body(sampleRequest, {}), { path }), jsonOf)
      const anthropic = yield* count(clients["anthropic-messages"], "/v1/messages/count_tokens")
      const gemini = yield* count(google, "/v1beta/models/gemini-2.5-flash:countTokens")
      const openai = yield* count(clients["openai-responses"], "/v1/responses/input_tokens")
      expect([at(anthropic, "input_tokens"), at(gemini, "totalTokens"), at(openai, "input_tokens")]).toEqual([5, 5, 5])
    }).pipe(serving())
  )

  it.effect("returns 404 at other paths, and records requests without their key", () =>
    Effect.gen(function* () {
      expect((yield* ask(chat, {}, { path: "/v2/nothing" })).status).toBe(404)
      yield* ask(google, google.body(sampleRequest), { path: `${google.path}?key=simulated-key` })
      const requests = yield* Simulator.requests
      expect(requests.map(({ method, path, protocol }) => [method, path, protocol])).toEqual([
        ["POST", "/v2/nothing", "openai-chat"],
        ["POST", `${google.path}?key=<redacted>`, "google-gemini"]
      ])
      expect(requests[1]?.body).toEqual(google.body(sampleRequest))
      expect(JSON.stringify(requests)).not.toContain("simulated-key")
    }).pipe(serving())
  )
})

/** What a bare socket sees of one request: the bytes, and whether they ended with a FIN or an RST. */
const onSocket = (client: Client, body: object) =>
  Effect.flatMap(Simulator, ({ url, apiKey }) =>
    Effect.async<{ readonly text: string; readonly reads: number; readonly ending: string }>((resume) => {
      const { port, hostname } = new URL(url)
      const socket = connect(Number(port), hostname)
      const json = JSON.stringify(body)
      const headers = Object.entries({ ...client.key(apiKey), host: hostname, connection: "close" })
      const reads: Array<Buffer> = []
      const end = (ending: string) =>
        resume(Effect.succeed({ text: Buffer.concat(reads).toString("latin1"), reads: reads.length, ending }))
      socket.on("data", (bytes) => reads.push(bytes))
      socket.on("error", (error) => end(textAt(error, "code")))
      socket.on("end", () => end("end"))
      socket.write(
        `POST ${client.path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}` +
          `content-length: ${json.length}\r\n\r\n${json}`
      )
      return Effect.sync(() => socket.destroy())
    })
  )

const asking = chat.body(sampleRequest, { stream: true })

/** The bytes of a body as far as they come within a time after the first of them, or longer until there are enough. */
const withinMillis = (response: Response, millis: number, isEnough: (text: string) => boolean = () => true) =>
  Effect.promise(async () => {
    const reader = response.body?.getReader()
    let text = new TextDecoder().decode((await reader?.read())?.value)
    const deadline = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), millis))
    let reading = reader?.read()
    while (true) {
      const read = await Promise.race([reading, deadline]).then((first) =>
        first === undefined && !isEnough(text) ? reading : first
      )
      if (read === undefined || read.done) break
      text += new TextDecoder().decode(read.value)
      reading = reader?.read()
    }
    await reader?.cancel()
    return text
  })

const realPause = (millis: number) => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const clock = Clock.make()
    const before = clock.unsafeCurrentTimeMillis()
    return [yield* effect, clock.unsafeCurrentTimeMillis() - before] as const
  })

describe("a fault", () => {
  it.effect("refuse: resets the connection before a request is read", () =>
    Effect.gen(function* () {
      expect((yield* onSocket(chat, asking)).ending).toBe("ECONNRESET")
      expect(yield* Simulator.requests).toEqual([])
      expect(saidIn(chat, yield* stream(chat))).toBe(answer)
    }).pipe(failing({ type: "refuse" }))
  )

  it.effect("resetBeforeHeaders: reads the request and sends no byte", () =>
    Effect.gen(function* () {
      expect(yield* onSocket(chat, asking)).toEqual({ text: "", reads: 0, ending: "ECONNRESET" })
      expect((yield* Simulator.requests).length).toBe(1)
    }).pipe(failing({ type: "resetBeforeHeaders" }))
  )

  it.effect("slowHeaders and slowFirstContent: wait before the head, and after it", () =>
    atAnySpeed((factor) => {
      const delay = 150 * factor
      return Effect.gen(function* () {
        const [, head] = yield* timed(open(chat))
        expect(head).toBeGreaterThan(140 * factor)
        const [response, soon] = yield* timed(open(chat))
        const [text, late] = yield* timed(textOf(response))
        expect([soon < 70 * factor, late > 70 * factor, saidIn(chat, text)]).toEqual([true, true, answer])
      }).pipe(replying({ fault: { type: "slowHeaders", delay } }, { fault: { type: "slowFirstContent", delay } }))
    })
  )

  it.effect("stall: sends no more, leaves the connection open, and sees the caller leave", () =>
    Effect.gen(function* () {
      expect(saidIn(chat, yield* withinMillis(yield* open(chat), 50, (text) => saidIn(chat, text).length > 7))).toBe(
        "One, two"
      )
      expect(yield* closed).toMatchObject({ chunks: 3, closedBy: "caller" })
    }).pipe(failing({ type: "stall", afterChunks: 3 }))
  )

  it.effect("stall with keepAlive: sends nothing but comments", () =>
    Effect.gen(function* () {
      const text = yield* withinMillis(yield* open(chat), 100, (text) => text.split(": keep-alive").length > 2)
      expect(saidIn(chat, text)).toBe("")
      expect(text.match(/: keep-alive/g)?.length).toBeGreaterThan(1)
    }).pipe(replying({ keepAlive: 10, fault: { type: "stall", afterChunks: 0 } }))
  )

  it.effect("trickle: sends byte by byte", () =>
    Effect.gen(function* () {
      const { text, reads } = yield* onSocket(chat, asking)
      expect(text.endsWith("data: {}\n\ndata: [DONE]\n\n")).toBe(true)
      expect(reads).toBeGreaterThan(20)
    }).pipe(replying({ body: "data: {}\n\ndata: [DONE]\n\n", fault: { type: "trickle" } }))
  )

  it.effect("reset: sends an RST at the position, streaming and non-streaming", () =>
    Effect.gen(function* () {
      const streamed = yield* onSocket(chat, asking)
      expect(streamed.ending).toBe("ECONNRESET")
      expect(saidIn(chat, streamed.text)).toBe("One, two, three")
      const unstreamed = yield* onSocket(chat, chat.body(sampleRequest))
      expect(unstreamed.text.split("\r\n\r\n")[1]).toHaveLength(100)
    }).pipe(replying({ fault: { type: "reset", afterChunks: 5 } }, { fault: { type: "reset", afterBytes: 100 } }))
  )

  it.effect("truncate: ends the body properly at a piece, a byte, or between the finish and what follows", () =>
    Effect.gen(function* () {
      expect(yield* stream(chat)).toHaveLength(100)
      const text = yield* stream(chat)
      expect([saidIn(chat, text), /"finish_reason":"stop"/.test(text), text.includes("[DONE]")]).toEqual([
        answer,
        true,
        false
      ])
      expect(text).not.toContain("prompt_tokens")
    }).pipe(
      replying({ fault: { type: "truncate", afterBytes: 100 } }, { fault: { type: "truncate", afterFinish: true } })
    )
  )

  it.effect("cutCharacter: ends inside a character, whether the answer has one or not", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array(
        yield* Effect.flatMap(open(chat), (response) => Effect.promise(() => response.arrayBuffer()))
      )
      expect(bytes.at(-1)).toBe(0xc3)
      expect((yield* stream(chat)).endsWith("\u{FFFD}")).toBe(true)
      const reset = yield* onSocket(chat, asking)
      expect([reset.ending, reset.text.includes("\xe2\x82")]).toEqual(["ECONNRESET", true])
    }).pipe(
      replying(
        { content: "Für alle", fault: { type: "cutCharacter", afterChunks: 0 } },
        { fault: { type: "cutCharacter", afterChunks: 2 } },
        { fault: { type: "cutCharacter", afterChunks: 2, ending: "reset" } }
      )
    )
  )

  it.effect("malformedEvent, noise and duplicateFinish: insert events", () =>
    Effect.gen(function* () {
      expect((yield* stream(chat)).split("\n\n")[3]).toBe('data: {"simulated": "no JSON"')
      const noise = yield* stream(chat)
      expect([saidIn(chat, noise), noise.match(/simulated\.unknown/g)?.length]).toEqual([answer, 14])
      expect((yield* stream(chat)).match(/"finish_reason":"stop"/g)).toHaveLength(2)
    }).pipe(
      replying(
        { fault: { type: "malformedEvent", afterChunks: 2 } },
        { fault: { type: "noise" } },
        { fault: { type: "duplicateFinish" } }
      )
    )
  )

  it.effect("wrongContentType, page, emptyBody and redirect: replace the expected response", () =>
    Effect.gen(function* () {
      const odd = yield* open(chat)
      expect([odd.headers.get("content-type"), saidIn(chat, yield* textOf(odd))]).toEqual(["text/plain", answer])
      const page = yield* open(chat)
      expect([page.status, (yield* textOf(page)).slice(0, 15)]).toEqual([200, "<!doctype html>"])
      const empty = yield* open(chat)
      expect([empty.status, yield* textOf(empty)]).toEqual([200, ""])
      const away = yield* open(chat)
      expect(away.status).toBe(307)
      expect(away.headers.get("location")).toMatch(/^http:\/\/localhost:\d+\/v1\/chat\/completions$/)
    }).pipe(
      replying(
        { fault: { type: "wrongContentType" } },
        { fault: { type: "page" } },
        { fault: { type: "emptyBody" } },
        { fault: { type: "redirect" } }
      )
    )
  )

  it.effect("gzip: compresses the body", () =>
    Effect.gen(function* () {
      const response = yield* open(chat)
      expect([response.headers.get("content-encoding"), saidIn(chat, yield* textOf(response))]).toEqual([
        "gzip",
        answer
      ])
    }).pipe(failing({ type: "gzip" }))
  )

  it.effect("endlessEvent and endlessStream: continue as long as the caller reads", () =>
    Effect.gen(function* () {
      const event = yield* withinMillis(yield* open(chat), 40, (text) => text.length > 100_000)
      expect(event.length).toBeGreaterThan(100_000)
      expect(event.trim().split("\n\n").length).toBe(2)
      const said = (text: string) => saidIn(chat, text.replace(/data: [^\n]*$/, ""))
      const repeated = yield* withinMillis(yield* open(chat), 40, (text) => said(text).length > 2 * answer.length)
      expect(said(repeated)).toContain(answer.repeat(2))
      const [first] = yield* Simulator.requests
      expect(yield* first?.closed ?? Effect.void).toMatchObject({ closedBy: "caller" })
    }).pipe(replying({ fault: { type: "endlessEvent" } }, { fault: { type: "endlessStream" } }))
  )

  it.effect("linger: sends everything and keeps the connection open", () =>
    Effect.gen(function* () {
      const [text, millis] = yield* timed(
        Effect.flatMap(open(chat), (response) => withinMillis(response, 60, (text) => chat.end.test(text)))
      )
      expect([saidIn(chat, text), chat.end.test(text), millis >= 55]).toEqual([answer, true, true])
    }).pipe(failing({ type: "linger" }))
  )

  it.effect("resetOnReuse: answers once, and resets the kept-alive connection when it is used again", () =>
    Effect.gen(function* () {
      expect(saidIn(chat, yield* stream(chat))).toBe(answer)
      // Until fetch has taken the connection back.
      yield* realPause(20)
      expect(yield* Effect.flip(stream(chat))).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
      expect(saidIn(chat, yield* stream(chat))).toBe(answer)
    }).pipe(failing({ type: "resetOnReuse" }))
  )

  it.effect("any status, headers and body; a status alone comes with the protocol's error for it", () =>
    Effect.gen(function* () {
      const limited = yield* open(chat)
      expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "1.5"])
      expect(textAt(yield* jsonOf(limited), "error", "message")).toMatch(/try again in 1.5s/)
      const odd = yield* open(chat)
      expect([odd.status, textAt(yield* jsonOf(odd), "error", "code")]).toEqual([418, ""])
      const own = yield* open(chat)
      expect([own.status, yield* jsonOf(own)]).toEqual([503, { detail: "no" }])
      expect(
        textAt(yield* jsonOf(yield* ask(google, google.body(sampleRequest))), "error", "details", 0, "retryDelay")
      ).toBe("2s")
    }).pipe(
      replying(
        { error: { kind: "rateLimit", retryAfter: "1500 millis" } },
        { status: 418 },
        { status: 503, body: { detail: "no" } },
        { error: { kind: "rateLimit", retryAfter: "2 seconds" } }
      )
    )
  )
})

const messages = [{ role: "user", content: sampleRequest }] as const

const viaClient = (options: SimulatorOptions = {}, policies: { readonly policies?: [] } = { policies: [] }) => {
  const client = LLMClient.layer({ model: "openai/gpt-4o-mini", ...policies })
  return Effect.provide(
    Layer.provideMerge(Layer.provide(client, FetchHttpClient.layer), Simulator.layerConfig({ pace: 0, ...options }))
  )
}

const viaDefaultPolicy = (options: SimulatorOptions) => viaClient(options, {})

describe("with LLMClient", () => {
  it.effect("serves a model string without other settings, in real time under TestClock", () =>
    Effect.gen(function* () {
      const [chunks, millis] = yield* timed(Stream.runCollect(LLMClient.chatStream({ messages })))
      const all = Chunk.toReadonlyArray(chunks)
      expect(all.map((chunk) => chunk.content).join("")).toBe(answer)
      expect(all.at(-1)).toMatchObject({ finishReason: "stop", usage: { inputTokens: 5, outputTokens: 10 } })
      expect(millis).toBeGreaterThan(40)
    }).pipe(viaClient({ pace: 5 }))
  )

  it.effect("fails a retry on a test's clock that stands still, and says what to do", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(LLMClient.chat({ messages }))
      expect(error._tag).toBe("RateLimitError")
      expect(error.message).toMatch(/Rate limit reached .*test's clock, which stands still; advance it with TestClock/)
    }).pipe(viaDefaultPolicy({ script: [{ error: "rateLimit" }] }))
  )

  it.effect("retries on a test's clock that is advanced", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(LLMClient.chat({ messages }))
      // The response arrives in real time, so the clock is advanced until it has.
      while ((yield* Fiber.poll(fiber))._tag === "None") {
        yield* realPause(10)
        yield* TestClock.adjust("1 second")
      }
      expect((yield* Fiber.join(fiber)).content).toBe(answer)
    }).pipe(viaDefaultPolicy({ script: [{ error: "rateLimit" }] }))
  )

  it.effect("reads other variables from the previous configuration", () =>
    Effect.gen(function* () {
      const { url } = yield* Simulator
      expect(yield* Config.string("OPENAI_BASE_URL")).toBe(`${url}/v1`)
      expect(yield* Config.string("SOMETHING_ELSE")).toBe("mine")
    }).pipe(
      viaClient(),
      Effect.withConfigProvider(
        ConfigProvider.fromMap(
          new Map([
            ["SOMETHING_ELSE", "mine"],
            ["OPENAI_BASE_URL", "no"]
          ])
        )
      )
    )
  )

  it.effect("accepts replies at run time, and from a function", () =>
    Effect.gen(function* () {
      yield* Simulator.script({ error: { kind: "rateLimit", retryAfter: "20 seconds" } }, "queued")
      const limited = yield* Effect.flip(LLMClient.chat({ messages }))
      expect(limited).toMatchObject({ _tag: "RateLimitError", retryAfter: Duration.seconds(20) })
      const said = yield* Effect.all([LLMClient.chat({ messages }), LLMClient.chat({ messages })])
      expect(said.map((response) => response.content)).toEqual(["queued", "number 2 to /v1/chat/completions"])
    }).pipe(viaClient({ script: ({ path }, index) => `number ${index} to ${path}` }))
  )

  it.effect("records that an interrupted stream closed its socket", () =>
    Effect.gen(function* () {
      yield* LLMClient.chatStream({ messages }).pipe(Stream.take(3), Stream.runDrain)
      const { chunks, closedBy } = yield* closed
      expect([chunks < 10, closedBy]).toEqual([true, "caller"])
    }).pipe(viaClient({ pace: 20 }))
  )

  it.effect("closes open connections with its scope", () =>
    Effect.gen(function* () {
      const [response, millis] = yield* timed(open(chat).pipe(failing({ type: "linger" })))
      expect(yield* Effect.flip(textOf(response))).not.toBe("")
      expect(millis).toBeLessThan(500 * slack)
    })
  )
})
