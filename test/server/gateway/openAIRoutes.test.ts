/** The routes of OpenAI's API over Anthropic and Gemini models, read by the official client and by curl. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, FiberId } from "effect"
import { type SimulatedReply, type SimulatedRequest, Simulator } from "llm-connectivity/testing"
import OpenAI from "openai"
import { anyone, gateway, withSimulator } from "../../support/gateway.js"

const question = { role: "user" as const, content: "Count to 5 with words" }
const answer = "One, two, three, four, five."
const weather = { role: "user" as const, content: "What is the weather in Paris?" }
const parameters = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] }

const replying = (...script: ReadonlyArray<SimulatedReply>) => withSimulator({ script })

const collected = async <A>(events: AsyncIterable<A>): Promise<{ all: Array<A>; error: unknown }> => {
  const all: Array<A> = []
  try {
    for await (const event of events) all.push(event)
    return { all, error: undefined }
  } catch (error) {
    return { all, error }
  }
}

const failure = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => "no failure",
    (error: unknown) => error
  )

describe.each(["claude", "gemini"])("the official client on %s", (model) => {
  it.scopedLive("reads chat completions, streamed with usage and whole", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      yield* Effect.promise(async () => {
        const { all, error } = await collected(
          await client.chat.completions.create({
            model,
            messages: [{ role: "system", content: "Be brief" }, question],
            stream: true,
            stream_options: { include_usage: true }
          })
        )
        expect(error).toBeUndefined()
        expect(all.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(answer)
        expect(all.map((chunk) => chunk.choices[0]?.finish_reason).filter((reason) => reason != null)).toEqual(["stop"])
        expect(new Set(all.map(({ id, model, object }) => `${id} ${model} ${object}`)).size).toBe(1)
        expect(all.at(-1)).toMatchObject({ model, choices: [], usage: { completion_tokens: expect.any(Number) } })
        const whole = await client.chat.completions.create({ model, messages: [question] })
        expect(whole).toMatchObject({
          object: "chat.completion",
          model,
          choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: answer } }],
          usage: { prompt_tokens: expect.any(Number), total_tokens: expect.any(Number) }
        })
        expect(whole._request_id).toBe(whole.id.replace("chatcmpl-", "req_"))
      })
    }).pipe(withSimulator())
  )

  it.scopedLive("runs tools to the final answer", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      const runner = client.chat.completions.runTools({
        model,
        messages: [weather],
        stream: true,
        tools: [
          {
            type: "function",
            function: {
              name: "get_weather",
              description: "Tells the weather",
              parameters,
              parse: JSON.parse,
              function: (args: { readonly city: string }) => `18 °C in ${args.city}`
            }
          }
        ]
      })
      expect(yield* Effect.promise(() => runner.finalContent())).toBe("get_weather says: 18 °C in Paris")
      const whole = yield* Effect.promise(() =>
        client.chat.completions.create({
          model,
          messages: [weather],
          tools: [{ type: "function", function: { name: "get_weather", parameters } }],
          tool_choice: "required"
        })
      )
      expect(whole.choices[0]).toMatchObject({
        finish_reason: "tool_calls",
        message: { content: null, tool_calls: [{ type: "function", function: { arguments: '{"city":"Paris"}' } }] }
      })
    }).pipe(withSimulator())
  )

  it.scopedLive("fails when the provider's stream is cut, and the stream has no end marker", () =>
    Effect.gen(function* () {
      const { client, url } = yield* gateway()
      yield* Effect.promise(async () => {
        const request = { model, messages: [question], stream: true as const }
        const { all, error } = await collected(await client.chat.completions.create(request))
        expect(all.length).toBeGreaterThan(1)
        expect(error).toBeInstanceOf(OpenAI.APIError)
        expect(error).toMatchObject({ type: "server_error", message: expect.stringContaining("was cut off") })
        expect(all.some((chunk) => chunk.choices[0]?.finish_reason != null)).toBe(false)
        const response = await fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: "Bearer key-of-ada" },
          body: JSON.stringify(request)
        })
        const text = await response.text()
        expect(text).toContain('"error":')
        expect(text).not.toContain("[DONE]")
      })
    }).pipe(replying({ fault: { type: "truncate", afterChunks: 3 } }, { fault: { type: "truncate", afterChunks: 3 } }))
  )

  it.scopedLive("gets an error with OpenAI's status, code and hint before anything was sent", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      yield* Effect.promise(async () => {
        for (const stream of [true, false]) {
          const error = await failure(client.chat.completions.create({ model, messages: [question], stream }))
          expect(error).toBeInstanceOf(OpenAI.RateLimitError)
          expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded" })
          expect((error as InstanceType<typeof OpenAI.APIError>).headers?.get("retry-after")).toBe("7")
        }
      })
    }).pipe(
      replying(
        { error: { kind: "rateLimit", retryAfter: "7 seconds" } },
        { error: { kind: "rateLimit", retryAfter: "7 seconds" } }
      )
    )
  )

  it.scopedLive.each([true, false])("closes the provider's connection when it leaves (stream: %s)", (stream) => {
    const arrived = Deferred.unsafeMake<SimulatedRequest>(FiberId.none)
    const script = (request: SimulatedRequest) => {
      Deferred.unsafeDone(arrived, Effect.succeed(request))
      return { fault: { type: "slowHeaders", delay: "10 seconds" } } as const
    }
    return Effect.gen(function* () {
      const { client } = yield* gateway()
      const abort = new AbortController()
      const { signal } = abort
      const left = failure(client.chat.completions.create({ model, messages: [question], stream }, { signal }))
      const request = yield* Deferred.await(arrived)
      abort.abort()
      expect(yield* Effect.promise(() => left)).toBeInstanceOf(OpenAI.APIUserAbortError)
      expect(yield* request.closed).toMatchObject({ closedBy: "caller" })
    }).pipe(withSimulator({ script }))
  })

  it.scopedLive("closes the provider's connection when it leaves in the middle of a stream", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      const request = { model, messages: [question], stream: true as const }
      yield* Effect.promise(async () => {
        for await (const { choices } of await client.chat.completions.create(request))
          if (choices[0]?.delta.content) break
      })
      const [sent] = yield* Simulator.requests
      expect(yield* sent?.closed ?? Effect.die("no request")).toMatchObject({ closedBy: "caller" })
    }).pipe(replying({ fault: { type: "stall", afterChunks: 3 } }))
  )
})

describe("the routes", () => {
  it.scopedLive("never tell a client about the key of the gateway", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      yield* Effect.promise(async () => {
        for (const kind of ["authentication", "insufficientCredits"]) {
          const error = await failure(client.chat.completions.create({ model: "claude", messages: [question] }))
          expect(error, kind).toBeInstanceOf(OpenAI.InternalServerError)
          expect(error).toMatchObject({
            status: 500,
            type: "server_error",
            message: "500 The server had an error while processing your request. Sorry about that!"
          })
          expect((error as InstanceType<typeof OpenAI.APIError>).headers?.get("x-should-retry")).toBe("false")
        }
      })
    }).pipe(replying({ error: "authentication" }, { error: "insufficientCredits" }))
  )

  it.scopedLive("embed texts, as floats and in base64", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      yield* Effect.promise(async () => {
        const input = ["one", "two"]
        // The client asks for base64 by itself.
        const base64 = await client.embeddings.create({ model: "vectors", input, dimensions: 8 })
        const floats = await client.embeddings.create({
          model: "vectors",
          input,
          dimensions: 8,
          encoding_format: "float"
        })
        expect(base64.data.map(({ embedding }) => embedding.length)).toEqual([8, 8])
        expect(floats).toMatchObject({ object: "list", model: "vectors", usage: { prompt_tokens: 2, total_tokens: 2 } })
        const numbers = (response: typeof floats) => response.data.flatMap(({ embedding }) => embedding)
        expect(numbers(base64)).toEqual(numbers(floats).map((value) => expect.closeTo(value, 6)))
        expect(await failure(client.embeddings.create({ model: "vectors", input: [[1, 2]] }))).toMatchObject({
          status: 400,
          param: "input[0]"
        })
        expect(await failure(client.embeddings.create({ model: "claude", input }))).toMatchObject({ status: 400 })
      })
    }).pipe(withSimulator())
  )

  it.scopedLive("serve only the models of the list, and to a caller only those of the caller", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway({
        authorize: () => Effect.succeed({ name: "ada", models: ["claude", "other"] })
      })
      yield* Effect.promise(async () => {
        const { all } = await collected(await client.models.list())
        expect(all).toMatchObject([{ id: "claude", object: "model" }])
        expect(await client.models.retrieve("claude")).toMatchObject({ id: "claude" })
        for (const model of ["gemini", "other", "anthropic/claude-sonnet-4-5", "toString", "__proto__"]) {
          const found = await failure(client.models.retrieve(model))
          const error = await failure(client.chat.completions.create({ model, messages: [question] }))
          for (const each of [found, error]) {
            expect(each).toBeInstanceOf(OpenAI.NotFoundError)
            expect(each).toMatchObject({ code: "model_not_found" })
          }
        }
      })
      expect(yield* Simulator.requests).toEqual([])
    }).pipe(withSimulator())
  )

  it.scopedLive("refuse requests without a key and with a wrong one, before they read the body", () =>
    Effect.gen(function* () {
      const { url } = yield* gateway()
      yield* Effect.promise(async () => {
        const wrong = new OpenAI({ apiKey: "wrong", baseURL: `${url}/v1`, maxRetries: 0 })
        const error = await failure(wrong.chat.completions.create({ model: "claude", messages: [question] }))
        expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
        expect(error).toMatchObject({ code: "invalid_api_key" })
        for (const path of ["models", "models/claude"]) expect((await fetch(`${url}/v1/${path}`)).status).toBe(401)
        const response = await fetch(`${url}/v1/embeddings`, { method: "POST", body: "{" })
        expect(await response.json()).toMatchObject({ error: { code: "missing_api_key" } })
      })
    }).pipe(withSimulator())
  )

  it.scopedLive("let anyone in only from this machine, and neither pages nor proxies", () =>
    Effect.gen(function* () {
      const { url } = yield* gateway({ authorize: anyone })
      yield* Effect.promise(async () => {
        expect((await fetch(`${url}/v1/models`)).status).toBe(200)
        const foreign = [
          { origin: "https://example.com" },
          { "x-forwarded-for": "10.0.0.1" },
          { forwarded: "for=10.0.0.1" }
        ]
        for (const headers of foreign) {
          const response = await fetch(`${url}/v1/models`, { headers })
          expect([response.status, await response.json()]).toMatchObject([403, { error: { code: "loopback_only" } }])
        }
        const { stdout } = await curl("-H", "host: rebound.example", `${url}/v1/models`)
        expect(JSON.parse(stdout)).toMatchObject({ error: { code: "loopback_only" } })
      })
    }).pipe(withSimulator())
  )

  it.scopedLive("send no CORS headers, also to a preflight request", () =>
    Effect.gen(function* () {
      const { url } = yield* gateway()
      const headers = {
        origin: "https://example.com",
        "access-control-request-method": "POST",
        authorization: "Bearer key-of-ada"
      }
      const responses = yield* Effect.promise(() =>
        Promise.all(["OPTIONS", "GET"].map((method) => fetch(`${url}/v1/models`, { method, headers })))
      )
      for (const response of responses) expect(response.headers.get("access-control-allow-origin")).toBeNull()
    }).pipe(withSimulator())
  )

  it.scopedLive("answer curl", () =>
    Effect.gen(function* () {
      const { url } = yield* gateway()
      const body = JSON.stringify({ model: "claude", messages: [question], stream: true })
      const { stdout } = yield* Effect.promise(() =>
        curl("-N", `${url}/v1/chat/completions`, "-H", "Authorization: Bearer key-of-ada", "-d", body)
      )
      const lines = stdout.trimEnd().split("\n\n")
      expect(lines.at(-1)).toBe("data: [DONE]")
      expect(lines.every((line) => line.startsWith("data: "))).toBe(true)
    }).pipe(withSimulator())
  )
})

const curl = (...args: ReadonlyArray<string>) => promisify(execFile)("curl", ["-sS", ...args])
