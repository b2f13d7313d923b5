/** `/v1/responses` over Anthropic and Gemini models, read by the official client. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import OpenAI from "openai"
import { gateway, withSimulator } from "../../support/gateway.js"

const input = "Count to 5 with words"
const answer = "One, two, three, four, five."
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
const tools = [{ type: "function" as const, name: "get_weather", parameters, strict: false }]

const replying = (...script: ReadonlyArray<SimulatedReply>) => withSimulator({ script })

const failure = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => "no failure",
    (error: unknown) => error
  )

describe.each(["claude", "gemini"])("responses of %s", (model) => {
  it.scopedLive("are read streamed and whole, with numbered events", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      yield* Effect.promise(async () => {
        const request = { model, input, instructions: "Be brief", max_output_tokens: 500 }
        const streamed = await client.responses.stream(request).finalResponse()
        const whole = await client.responses.create(request)
        for (const response of [streamed, whole]) {
          expect(response).toMatchObject({ model, output_text: answer, status: "completed", store: false })
          expect(response.output).toMatchObject([{ type: "message", status: "completed" }])
          expect(response.usage?.output_tokens).toBeGreaterThan(0)
        }
        const events: Array<OpenAI.Responses.ResponseStreamEvent> = []
        for await (const event of await client.responses.create({ ...request, stream: true })) events.push(event)
        expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
        const types = events.map(({ type }) => type).filter((type) => !type.endsWith(".delta"))
        expect(types).toEqual([
          "response.created",
          "response.in_progress",
          "response.output_item.added",
          "response.content_part.added",
          "response.output_text.done",
          "response.content_part.done",
          "response.output_item.done",
          "response.completed"
        ])
      })
    }).pipe(withSimulator())
  )

  it.scopedLive("call tools, and take their results with the reasoning before them", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      const request = {
        model,
        tools,
        reasoning: { effort: "low" as const, summary: "auto" as const },
        include: ["reasoning.encrypted_content" as const],
        store: false
      }
      yield* Effect.promise(async () => {
        const question = { role: "user" as const, content: "What is the weather in Paris?" }
        const streamed = await client.responses.stream({ ...request, input: [question] }).finalResponse()
        const whole = await client.responses.create({ ...request, input: [question] })
        for (const { output } of [streamed, whole as typeof streamed]) {
          expect(output.map(({ type }) => type)).toEqual(["reasoning", "function_call"])
          const call = output.find((item) => item.type === "function_call")
          expect(call).toMatchObject({ name: "get_weather", arguments: '{"city":"Paris"}', status: "completed" })
          const result = { type: "function_call_output" as const, call_id: call?.call_id ?? "", output: "18 °C" }
          // Its own types of what comes and of what goes only fit without `exactOptionalPropertyTypes`.
          const next = [question, ...(output as Array<OpenAI.Responses.ResponseInputItem>), result]
          const second = await client.responses.create({ ...request, input: next })
          expect(second.output_text).toBe("get_weather says: 18 °C")
        }
      })
      // The Simulator checks signatures as the provider does; here they are, in both ways of asking.
      const sent = (yield* Simulator.requests).map(({ body }) => JSON.stringify(body))
      expect(sent.filter((body) => /[sS]ignature/.test(body))).toHaveLength(2)
    }).pipe(withSimulator())
  )

  it.scopedLive("fail when the provider's stream is cut, and no event says that they are complete", () =>
    Effect.gen(function* () {
      const { client, url } = yield* gateway()
      yield* Effect.promise(async () => {
        const request = { model, input, stream: true as const }
        const error = await failure(client.responses.stream({ model, input }).finalResponse())
        expect(error).toBeInstanceOf(OpenAI.APIError)
        const response = await fetch(`${url}/v1/responses`, {
          method: "POST",
          headers: { authorization: "Bearer key-of-ada" },
          body: JSON.stringify(request)
        })
        const text = await response.text()
        expect(text).toContain("event: response.failed")
        expect(text).not.toContain("response.completed")
        const limited = await failure(client.responses.create({ ...request, stream: false }))
        expect(limited).toMatchObject({ status: 429, code: "rate_limit_exceeded" })
      })
    }).pipe(
      replying(
        { fault: { type: "truncate", afterChunks: 3 } },
        { fault: { type: "truncate", afterChunks: 3 } },
        { error: "rateLimit" }
      )
    )
  )

  it.scopedLive("that a limit cut are incomplete", () =>
    Effect.gen(function* () {
      const { client } = yield* gateway()
      yield* Effect.promise(async () => {
        const request = { model, input, max_output_tokens: 2 }
        const streamed = await client.responses.stream(request).finalResponse()
        const whole = await client.responses.create(request)
        for (const response of [streamed, whole]) {
          expect(response).toMatchObject({
            status: "incomplete",
            incomplete_details: { reason: "max_output_tokens" },
            output: [{ type: "message", status: "incomplete" }]
          })
        }
      })
    }).pipe(withSimulator())
  )
})

/** Requests, and the parameter that is refused. */
const refused: ReadonlyArray<readonly [request: { readonly [field: string]: unknown }, param: string]> = [
  [{ input: undefined }, "input"],
  [{ input: [] }, "input"],
  [{ store: true }, "store"],
  [{ background: true }, "background"],
  [{ previous_response_id: "resp_1" }, "previous_response_id"],
  [{ conversation: "conv_1" }, "conversation"],
  [{ tools: [{ type: "web_search" }] }, "tools[0].type"],
  [{ include: ["file_search_call.results"] }, "include[0]"],
  [{ input: [{ type: "item_reference", id: "rs_1" }] }, "input[0].type"],
  [{ input: [{ role: "user" }] }, "input[0].content"],
  [
    { input: [{ role: "user", content: [{ type: "input_image", image_url: "ftp://x" }] }] },
    "input[0].content[0].image_url"
  ],
  [{ input: [{ type: "function_call_output", call_id: "call_1", output: "1" }] }, "input"],
  [{ truncation: "auto" }, "truncation"]
]

it.scopedLive("a response has the pages that its texts cite, with offsets in the text of each message", () =>
  Effect.gen(function* () {
    const { client } = yield* gateway()
    const request = { model: "claude", input }
    const textsOf = ({ output }: OpenAI.Responses.Response) =>
      output.flatMap((item) => (item.type === "message" ? item.content : []))
    yield* Effect.promise(async () => {
      const streamed = await client.responses.stream(request).finalResponse()
      const whole = await client.responses.create(request)
      for (const response of [streamed, whole]) {
        expect(response.output_text).toBe("It is said that Ulm won.")
        const cited = textsOf(response).flatMap((text) => {
          if (text.type !== "output_text") return []
          return text.annotations.map((each) =>
            each.type === "url_citation" ? [each.url, text.text.slice(each.start_index, each.end_index)] : each
          )
        })
        expect(cited).toEqual([["https://example.com/", "Ulm won."]])
      }
      const added: Array<unknown> = []
      for await (const event of await client.responses.create({ ...request, stream: true }))
        if (event.type === "response.output_text.annotation.added") added.push(event.annotation)
      expect(added).toMatchObject([{ type: "url_citation", url: "https://example.com/", start_index: 0, end_index: 8 }])
    })
  }).pipe(
    withSimulator({
      script: () => ({
        content: "It is said that Ulm won.",
        sources: [{ url: "https://example.com/", range: { start: 16, end: 24 } }]
      })
    })
  )
)

it.scopedLive("a Responses request that cannot be honored is a 400 that names the field", () =>
  Effect.gen(function* () {
    const { url } = yield* gateway()
    for (const [request, param] of refused) {
      const { status, json } = yield* Effect.promise(async () => {
        const response = await fetch(`${url}/v1/responses`, {
          method: "POST",
          headers: { authorization: "Bearer key-of-ada" },
          body: JSON.stringify({ model: "claude", input, ...request })
        })
        return { status: response.status, json: await response.json() }
      })
      expect([request, status, json]).toMatchObject([request, 400, { error: { param, type: "invalid_request_error" } }])
    }
    expect(yield* Simulator.requests).toEqual([])
  }).pipe(withSimulator())
)
