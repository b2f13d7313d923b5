/** What the Simulator promises: the real wires, the same answer on each, and every fault as it is told. */
import { connect } from "node:net"
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Config, Duration, Effect, Exit, Fiber, Layer, Stream } from "effect"
import { LLMClient, type LLMError, OpenAI } from "../../src/index.js"
import { Simulator, type SimulatorOptions } from "../../src/testing/Simulator.js"
import type { Fault } from "../../src/testing/simulator/Fault.js"
import type { SimulatedReply } from "../../src/testing/simulator/Reply.js"

const question = "Count to 5 with words"
const answer = "One, two, three, four, five."

const weather = { type: "object", properties: { city: { type: "string" } }, required: ["city"] }

/** One family as its clients use it. */
interface Client {
  readonly path: string
  readonly key: (key: string) => { readonly [header: string]: string }
  readonly body: (prompt: string, isStream: boolean, withTool: boolean) => object
  /** The text, the arguments of calls, and the finish reason in an event or a whole answer. */
  readonly said: (json: any) => string
  readonly called: (json: any) => string
  readonly finished: (json: any) => string | undefined
  /** Prompt and completion tokens, completion with reasoning. */
  readonly usage: (json: any) => readonly [number, number] | undefined
  readonly end: string
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

const clients: { readonly [family: string]: Client } = {
  "openai-chat": {
    path: "/v1/chat/completions",
    key: bearer,
    body: (prompt, stream, withTool) => ({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: prompt }],
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
      ...(withTool ? { tools: [{ type: "function", function: { name: "get_weather", parameters: weather } }] } : {})
    }),
    said: ({ choices: [choice] }) => choice?.delta?.content ?? choice?.message?.content ?? "",
    called: ({ choices: [choice] }) => (choice?.delta ?? choice?.message)?.tool_calls?.[0].function.arguments ?? "",
    finished: ({ choices: [choice] }) => choice?.finish_reason ?? undefined,
    usage: ({ usage }) => usage && [usage.prompt_tokens, usage.completion_tokens],
    end: "data: [DONE]\n\n"
  },
  "openai-responses": {
    path: "/v1/responses",
    key: bearer,
    body: (prompt, stream, withTool) => ({
      model: "gpt-5",
      input: prompt,
      stream,
      ...(withTool ? { tools: [{ type: "function", name: "get_weather", parameters: weather }] } : {})
    }),
    said: (json) =>
      json.type === "response.output_text.delta" ? json.delta : (json.output?.[0]?.content?.[0].text ?? ""),
    called: (json) =>
      json.type === "response.function_call_arguments.delta" ? json.delta : (json.output?.[0]?.arguments ?? ""),
    finished: (json) => (json.type === "response.completed" ? json.response.status : json.status),
    usage: (json) => {
      const usage = (json.response ?? json).usage
      return usage ? [usage.input_tokens, usage.output_tokens] : undefined
    },
    end: '"metadata":{}}}\n\n'
  },
  "anthropic-messages": {
    path: "/v1/messages",
    key: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
    body: (prompt, stream, withTool) => ({
      model: "claude-sonnet-4-5",
      max_tokens: 1000,
      messages: [{ role: "user", content: prompt }],
      stream,
      ...(withTool ? { tools: [{ name: "get_weather", input_schema: weather }] } : {})
    }),
    said: (json) => json.delta?.text ?? json.content?.[0]?.text ?? "",
    called: (json) => json.delta?.partial_json ?? (json.content ? JSON.stringify(json.content[0].input) : ""),
    finished: (json) => (json.delta ?? json).stop_reason,
    usage: ({ usage }) => usage && [usage.input_tokens, usage.output_tokens],
    end: 'event: message_stop\ndata: {"type":"message_stop"}\n\n'
  },
  "google-gemini": {
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    key: (key) => ({ "x-goog-api-key": key }),
    body: (prompt, _, withTool) => ({
      contents: [{ role: "user", parts: [{ text: prompt }] }],
      ...(withTool ? { tools: [{ functionDeclarations: [{ name: "get_weather", parameters: weather }] }] } : {})
    }),
    said: (json) => json.candidates[0].content.parts.map((part: any) => part.text ?? "").join(""),
    called: (json) => {
      const call = json.candidates[0].content.parts[0].functionCall
      return call ? JSON.stringify(call.args) : ""
    },
    finished: (json) => json.candidates[0].finishReason,
    usage: ({ usageMetadata: usage }) => [usage.promptTokenCount, usage.totalTokenCount - usage.promptTokenCount],
    end: "}\n\n"
  }
}

const families = Object.entries(clients)
const chat = clients["openai-chat"]!

const streamed = (path: string): string => path.replace(":generateContent", ":streamGenerateContent?alt=sse")

/** Asks as a client would; `fetch` fails where the network does. */
const ask = (client: Client, body: object | string, options: { stream?: boolean; key?: string; path?: string } = {}) =>
  Effect.flatMap(Simulator, ({ url, apiKey }) =>
    Effect.tryPromise({
      try: (signal) =>
        fetch(url + (options.path ?? (options.stream ? streamed(client.path) : client.path)), {
          method: "POST",
          headers: { "content-type": "application/json", ...client.key(options.key ?? apiKey) },
          body: typeof body === "string" ? body : JSON.stringify(body),
          redirect: "manual",
          signal
        }),
      catch: (cause: any) => String(cause.cause?.code ?? cause)
    })
  )

const textOf = (response: Response) =>
  Effect.tryPromise({ try: () => response.text(), catch: (cause: any) => String(cause.cause?.code ?? cause) })

const jsonOf = (response: Response) => Effect.promise((): Promise<any> => response.json())

const eventsOf = (text: string): ReadonlyArray<any> =>
  Array.from(text.matchAll(/^data: ({.*)$/gm), (match) => JSON.parse(match[1] ?? ""))

const stream = (client: Client, prompt: string, withTool = false) =>
  Effect.flatMap(ask(client, client.body(prompt, true, withTool), { stream: true }), textOf)

const whole = (client: Client, prompt: string, withTool = false) =>
  Effect.flatMap(ask(client, client.body(prompt, false, withTool)), jsonOf)

const serving = (options: SimulatorOptions = {}) => Effect.provide(Simulator.layer({ pace: 0, ...options }))

const replying = (...script: ReadonlyArray<SimulatedReply | string>) => serving({ script })

describe.each(families)("%s", (_, client) => {
  it.effect("streams an answer as the family does", () =>
    Effect.gen(function* () {
      const text = yield* stream(client, question)
      const events = eventsOf(text)
      expect(events.map(client.said).join("")).toBe(answer)
      expect(events.filter((event) => client.said(event) !== "").length).toBe(10)
      expect(events.map(client.finished).filter(Boolean)).toEqual([
        expect.stringMatching(/^(stop|completed|end_turn|STOP)$/)
      ])
      expect(events.map(client.usage).findLast(Boolean)).toEqual([5, 10])
      expect(text.endsWith(client.end)).toBe(true)
    }).pipe(serving())
  )

  it.effect("gives the same answer whole", () =>
    Effect.gen(function* () {
      const json = yield* whole(client, question)
      expect([client.said(json), client.usage(json)]).toEqual([answer, [5, 10]])
      expect(client.finished(json)).toMatch(/^(stop|completed|end_turn|STOP)$/)
    }).pipe(serving())
  )

  it.effect("calls a tool that the prompt mentions, streamed and whole", () =>
    Effect.gen(function* () {
      const prompt = "What is the weather in Paris?"
      expect(
        eventsOf(yield* stream(client, prompt, true))
          .map(client.called)
          .join("")
      ).toBe('{"city":"Paris"}')
      expect(client.called(yield* whole(client, prompt, true))).toBe('{"city":"Paris"}')
    }).pipe(serving())
  )

  it.effect("refuses in the family's own words", () =>
    Effect.gen(function* () {
      const key = yield* ask(client, client.body(question, false, false), { key: "another-key" })
      const json = yield* ask(client, "{")
      const empty = yield* ask(client, { model: "m", max_tokens: 1 })
      const path = client.path.replace("gemini-2.5-flash", "unknown")
      const model = yield* ask(
        client,
        { ...client.body(question, false, false), ...(path === client.path ? { model: "unknown" } : {}) },
        { path }
      )
      const statuses = [key, json, empty, model].map((response) => response.status)
      expect(statuses).toEqual([
        client === clients["google-gemini"] ? 400 : 401,
        400,
        400,
        client === clients["openai-responses"] ? 400 : 404
      ])
      for (const response of [key, json, empty, model]) {
        expect((yield* jsonOf(response)).error.message).not.toBe("")
        expect(
          response.headers.get("x-request-id") ??
            response.headers.get("request-id") ??
            response.headers.get("x-goog-request-id")
        ).toMatch(/^req_/)
      }
    }).pipe(serving())
  )

  it.effect("reports an error inside a stream as the family does", () =>
    Effect.gen(function* () {
      const text = yield* stream(client, question)
      expect(eventsOf(text).map(client.said).join("")).toBe("One, two")
      expect(text).toMatch(/overloaded/i)
      expect(text.endsWith(client.end) && client !== clients["google-gemini"]).toBe(false)
    }).pipe(replying({ fault: { type: "errorEvent", afterChunks: 3 } }))
  )

  it.effect("breaks off after the same piece on every wire", () =>
    Effect.gen(function* () {
      expect(
        eventsOf(yield* stream(client, question))
          .map(client.said)
          .join("")
      ).toBe("One, two, three")
    }).pipe(replying({ fault: { type: "truncate", afterChunks: 5 } }))
  )
})
