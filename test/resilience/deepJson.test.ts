/** JSON of any depth, from a provider, a model or a caller, ends a call with a typed error, never with a defect. */
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Schema, Stream } from "effect"
import {
  type ChatRequest,
  collect,
  decodeToolArguments,
  LLMClient,
  partialObjects,
  streamToolArguments
} from "llm-connectivity"
import { toJsonText } from "../../src/domain/JsonText.js"
import { parseJson } from "../../src/http/Json.js"
import { protocols, reached, sampleRequest } from "../support/contract.js"
import { clientOf, done, event, finish, hello, say } from "../support/openai.js"
import { type Handler, json, serve, sse } from "../support/server.js"
import { protocolNames } from "./ask.js"

const levels = 30_000
const lists = `${"[".repeat(levels)}${"]".repeat(levels)}`
const objects = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`
/** Deep, and not valid JSON: a model or a server that repeats itself. */
const unclosed = "[".repeat(2 * levels)

const deepTexts = { lists, objects, unclosed }

/** How an effect ended: with a value, with a typed error, or with a defect. */
const endOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.exit(effect), (exit) => {
    if (Exit.isSuccess(exit)) return "success"
    return Cause.isFailType(exit.cause)
      ? String(Reflect.get(Object(exit.cause.error), "_tag"))
      : Cause.pretty(exit.cause)
  })

interface Tree {
  readonly a: Tree | number
}
const Tree = Schema.Struct({
  a: Schema.Union(
    Schema.Number,
    Schema.suspend((): Schema.Schema<Tree> => Tree)
  )
}).annotations({ identifier: "Tree" })

describe.each(protocolNames)("%s fails with a typed error on deep JSON", (protocol) => {
  const asked = (handler: Handler, effect: Effect.Effect<unknown, unknown, LLMClient>) =>
    Effect.gen(function* () {
      const server = yield* serve(handler)
      return yield* endOf(Effect.provide(effect, protocols[protocol].client(reached(server.url), {})))
    }).pipe(Effect.scoped)
  const stream = collect(LLMClient.chatStream(sampleRequest))

  const bodies = Object.entries(deepTexts).flatMap(([name, text]) => [
    [`${name} alone`, text] as const,
    [`${name} as its error`, `{"error":${text}}`] as const,
    [`${name} as its message`, `{"error":{"message":${text}}}`] as const
  ])
  it.live.each(bodies)("in an error body: %s", ([, body]) =>
    Effect.map(
      asked((response) => json(response, 400, body), stream),
      (end) => expect(end).toBe("ValidationError")
    )
  )

  it.live.each(bodies)("in a response and in an event: %s", ([, body]) =>
    Effect.gen(function* () {
      const typed = /^(?:ProviderError|NetworkError|ValidationError)$/
      expect(yield* asked((response) => json(response, 200, body), LLMClient.chat(sampleRequest))).toMatch(typed)
      const inEvent: Handler = (response) => sse(response, `data: ${body}\n\n`).end()
      expect(yield* asked(inEvent, stream)).toMatch(typed)
      const inErrorEvent: Handler = (response) => sse(response, `event: error\ndata: ${body}\n\n`).end()
      expect(yield* asked(inErrorEvent, stream)).toMatch(typed)
      const bare: Handler = (response) => sse(response, `${body}\n`).end()
      expect(yield* asked(bare, stream)).toMatch(typed)
    })
  )

  const deepValue: unknown = JSON.parse(lists)
  const cyclic: { [key: string]: unknown } = {}
  cyclic["self"] = cyclic
  const { provider } = protocols[protocol]
  const requests = [deepValue, cyclic].flatMap((value, index): ReadonlyArray<readonly [string, ChatRequest]> => {
    const name = index === 0 ? "deep" : "cyclic"
    const schema = { type: "object", properties: { a: value } }
    const part = { type: "text", text: "a", providerMetadata: { [provider]: { value } } } as const
    return [
      [`${name} provider options`, { ...sampleRequest, providerOptions: { [provider]: { extra: value } } }],
      [`${name} tool schema`, { ...sampleRequest, tools: [{ name: "a", description: "b", parameters: schema }] }],
      [`${name} response schema`, { ...sampleRequest, responseFormat: { type: "json", schema } }],
      [
        `${name} provider part`,
        {
          messages: [
            ...sampleRequest.messages,
            { role: "assistant", content: [part, { type: "provider", provider, data: { value } }] },
            ...sampleRequest.messages
          ]
        }
      ]
    ]
  })
  it.live.each(requests)("in a request: %s", ([, request]) =>
    Effect.gen(function* () {
      const refuse: Handler = (response) => json(response, 400, { error: { message: "no" } })
      expect(yield* asked(refuse, collect(LLMClient.chatStream(request)))).toBe("ValidationError")
    })
  )
})

describe("what a model wrote", () => {
  const asked = (content: string, effect: Effect.Effect<unknown, unknown, LLMClient>) =>
    Effect.gen(function* () {
      const call = { index: 0, id: "1", function: { name: "grow", arguments: content } }
      const server = yield* serve((response, { body }) =>
        body.includes('"stream":true')
          ? sse(response, say(content), event({ tool_calls: [call] }), finish()).end(done)
          : json(response, 200, { choices: [{ message: { content }, finish_reason: "stop" }] })
      )
      return yield* endOf(Effect.provide(effect, clientOf(server.url)))
    }).pipe(Effect.scoped)
  const texts = Object.entries(deepTexts)

  it.live.each(texts)("is a typed failure as an object: %s", ([, text]) =>
    Effect.gen(function* () {
      const stream = LLMClient.chatStream(hello)
      expect(yield* asked(text, LLMClient.chatObject(Tree, hello))).toBe("ProviderError")
      expect(yield* asked(text, Stream.runDrain(LLMClient.chatObjectStream(Tree, hello)))).toBe("ProviderError")
      expect(yield* asked(text, Stream.runDrain(partialObjects(stream, Tree)))).toBe("ProviderError")
      expect(yield* asked(text, Stream.runDrain(streamToolArguments(stream, "grow", Tree)))).toBe("ValidationError")
    })
  )

  it.each(texts)("is a typed failure as the arguments of a tool: %s", (_, text) => {
    const call = { id: "1", name: "grow", arguments: text }
    expect(decodeToolArguments(call, Tree)).toMatchObject({ _tag: "Left", left: { _tag: "ValidationError" } })
    expect(decodeToolArguments(call, Schema.Unknown)).toMatchObject({ _tag: "Left" })
  })

  it.live.each(protocolNames)("is a typed failure when it is sent back as a call: %s", (protocol) =>
    Effect.gen(function* () {
      const server = yield* serve((response) => json(response, 400, { error: { message: "no" } }))
      for (const [, text] of texts) {
        const messages: ChatRequest["messages"] = [
          ...sampleRequest.messages,
          { role: "assistant", content: [{ type: "tool-call", id: "call_1", name: "grow", arguments: text }] },
          { role: "tool", toolCallId: "call_1", content: text }
        ]
        const sent = collect(LLMClient.chatStream({ messages }))
        const end = yield* endOf(Effect.provide(sent, protocols[protocol].client(reached(server.url), {})))
        expect(end).toBe("ValidationError")
      }
    }).pipe(Effect.scoped)
  )
})

describe("the depth of a JSON text", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`

  it("is at most 256 levels, whatever strings contain", () => {
    expect(parseJson(nested(256))).toBeDefined()
    expect(parseJson(nested(257))).toBeUndefined()
    expect(parseJson(JSON.stringify({ text: "[".repeat(5000) }))).toBeDefined()
    expect(parseJson(JSON.stringify({ text: '\\"['.repeat(5000) }))).toBeDefined()
    expect(parseJson(`[${JSON.stringify(`${"\\".repeat(600)}"`)},${nested(255)}]`)).toBeDefined()
    expect(parseJson(`[${JSON.stringify(`${"\\".repeat(601)}`)},${nested(256)}]`)).toBeUndefined()
    expect(parseJson(`[${"[],".repeat(5000)}[]]`)).toBeDefined()
  })

  it("is checked when JSON is written, too", () => {
    expect(toJsonText(JSON.parse(nested(256)))).toBe(nested(256))
    expect(toJsonText(JSON.parse(nested(257)))).toBeUndefined()
    expect(toJsonText(JSON.parse(lists))).toBeUndefined()
    expect(toJsonText(10n)).toBeUndefined()
  })
})
