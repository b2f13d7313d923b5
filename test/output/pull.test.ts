/** Every reader of this library reads an answer by its pull. A stream that is read through its channels dies here. */
import type { HttpServerResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import {
  Cost,
  collect,
  elements,
  extractReasoning,
  LLMClient,
  latencyOf,
  ModelCatalog,
  partialObjects,
  print,
  StreamChunk,
  streamToolArguments,
  TextStream,
  TokenCounter,
  tap,
  tapPrint,
  tee,
  toAsyncIterable,
  toReadableStream,
  withLatency
} from "llm-connectivity"
import { dots, status } from "llm-connectivity/progress"
import { RunStore, Runs } from "llm-connectivity/runs"
import { AGUI, encodeEvents, respondWithEvents, toEventResponse, UIMessages } from "llm-connectivity/server"
import { ToolLoop } from "llm-connectivity/tools"
import { ChatStream } from "../../src/domain/ChatStream.js"

const chunks = [
  StreamChunk.make({ content: '{"word":' }),
  StreamChunk.make({ content: '"pull"}' }),
  StreamChunk.make({ finishReason: "stop", origin: { provider: "test", model: "m" } })
]

/** An answer of one chunk per read, whose channels die. */
const answerOf = (chunks: ReadonlyArray<StreamChunk>): ChatStream<never> =>
  Object.assign(Stream.dieMessage("read through channels"), {
    open: Effect.sync(() => {
      const reads: Array<ReadonlyArray<StreamChunk>> = chunks.map((chunk) => [chunk])
      return Effect.sync(() => reads.shift() ?? [])
    })
  })

const answer = answerOf(chunks)

const listed = partialObjects(
  answerOf([StreamChunk.make({ content: '{"words":["pull"]}' }), ...chunks.slice(-1)]),
  Schema.Struct({ words: Schema.Array(Schema.String) })
)

const client = Layer.succeed(LLMClient, {
  chat: () => Effect.dieMessage("not streamed"),
  chatStream: () => answer,
  embed: () => Effect.dieMessage("not streamed")
})

const text = '{"word":"pull"}'

const messages = [{ role: "user", content: "Which word?" }] as const

const nowhere = { write: () => {} }

const contentOf = <E, R>(stream: Stream.Stream<StreamChunk, E, R>) =>
  Effect.map(collect(stream), ({ content }) => content)

const readable = (stream: ReadableStream<Uint8Array>) => Effect.promise(() => new Response(stream).text())

const bodyOf = <E, R>(response: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.flatMap(response, ({ body }) =>
    body._tag === "Stream" ? Stream.mkString(Stream.decodeText(body.stream)) : Effect.die(body._tag)
  )

/** The elements that a pull gives. */
const elementsOf = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const all: Array<A> = []
    yield* ChatStream.runForEachRead(stream, (elements) => {
      all.push(...elements)
      return undefined
    })
    return all
  })

const readers: Readonly<Record<string, Effect.Effect<unknown, unknown>>> = {
  collect: contentOf(answer),
  print: Effect.map(print(answer, nowhere), ({ content }) => content),
  tapPrint: contentOf(tapPrint(answer, nowhere)),
  tap: contentOf(tap(answer, { onToken: () => {}, onFinish: () => {} })),
  withLatency: contentOf(withLatency(answer, () => {})),
  latencyOf: Effect.map(latencyOf(answer), ({ chunks }) => (chunks === 3 ? text : "")),
  extractReasoning: contentOf(extractReasoning()(answer)),
  tee: Effect.scoped(
    Effect.gen(function* () {
      const [one, other] = yield* tee(answer)
      return (yield* Effect.all([contentOf(one), contentOf(other)], { concurrency: 2 }))[0]
    })
  ),
  "TextStream.bytes and toReadableStream": readable(toReadableStream(TextStream.bytes(answer))),
  toAsyncIterable: Effect.promise(async () => {
    let content = ""
    for await (const chunk of toAsyncIterable(answer)) content += chunk.content
    return content
  }),
  partialObjects: Effect.map(elementsOf(partialObjects(answer, Schema.Struct({ word: Schema.String }))), (all) =>
    JSON.stringify(all.at(-1)?.object)
  ),
  "LLMClient.chatObjectStream": Effect.map(
    elementsOf(LLMClient.chatObjectStream(Schema.Struct({ word: Schema.String }), { messages })),
    (all) => JSON.stringify(all.at(-1)?.object)
  ).pipe(Effect.provide(client)),
  "ToolLoop.run": Effect.map(ToolLoop.run({ messages }, { tools: [] }), ({ content }) => content).pipe(
    Effect.provide(client)
  ),
  "ToolLoop.chatStream": contentOf(ToolLoop.chatStream({ messages }, { tools: [] })).pipe(Effect.provide(client)),
  "ToolLoop.toChunks": contentOf(ToolLoop.toChunks(ToolLoop.stream({ messages }, { tools: [] }))).pipe(
    Effect.provide(client)
  ),
  elements: Effect.map(elementsOf(elements("words")(listed)), (all) => all.join("")),
  dots: contentOf(dots({ to: nowhere })(answer)),
  status: contentOf(status({ to: nowhere, model: "openai/gpt-4o-mini", request: { messages } })(answer)).pipe(
    Effect.provide(ModelCatalog.layerOf([]))
  ),
  "TokenCounter.counting": contentOf(TokenCounter.counting("openai/gpt-4o-mini")(answer)),
  "Cost.running": contentOf(Cost.running({ messages }, "openai/gpt-4o-mini")(answer)).pipe(
    Effect.provide(ModelCatalog.layerOf([]))
  ),
  streamToolArguments: Effect.as(elementsOf(streamToolArguments(answer, "none", Schema.Struct({}))), text),
  encodeEvents: Effect.map(elementsOf(encodeEvents(answer)), (events) => events.join("")),
  toEventResponse: Effect.flatMap(toEventResponse(answer), (response) => Effect.promise(() => response.text())),
  respondWithEvents: Effect.scoped(bodyOf(respondWithEvents(answer))),
  "UIMessages.respond": Effect.scoped(bodyOf(UIMessages.respond(answer))),
  "AGUI.respond": Effect.scoped(bodyOf(AGUI.respond(answer, { threadId: "t", runId: "r", threadMessages: [] }))),
  "Runs.start": Effect.gen(function* () {
    const { id } = yield* Runs.start(answer)
    return yield* contentOf(Runs.read(id))
  }).pipe(Effect.provide(Layer.provide(Runs.layer(), RunStore.memory)))
}

describe("an answer is read without channels by", () => {
  it.live.each(Object.entries(readers))("%s", ([, read]) =>
    Effect.map(read, (result) => {
      const shown = String(result)
      expect(shown).toContain("pull")
      expect(shown).not.toContain("error")
    })
  )
})
