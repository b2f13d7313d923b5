/** AG-UI: what its clients get, and what their requests mean. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, Fiber, Layer, Schema, Stream } from "effect"
import { NetworkError, RateLimitError, type StreamChunk } from "llm-connectivity"
import { RunStore, Runs } from "llm-connectivity/runs"
import { AGUI } from "llm-connectivity/server"
import { MockLLM } from "llm-connectivity/testing"
import { ToolLoop } from "llm-connectivity/tools"
import { approvals, chunk, finished, makeRemove, photo, served, withBody } from "../../support/frontEnds.js"
import { call } from "../../support/toolCalls.js"
import { keptMessages } from "./thread.js"

const run = { threadId: "t", runId: "r", threadMessages: [] }

const serve = (chunks: ReadonlyArray<StreamChunk>, given: AGUI.AGUIRun = run) =>
  served(AGUI.respond(Stream.fromIterable(chunks), given))

const about = { provider: "openai", model: "gpt-4o-mini", message: "it says why" }

const decode = (body: unknown) => Schema.decodeUnknownEither(AGUI.RunInput)(body)

const user = { id: "1", role: "user", content: "Remove 1 and 2" }

const finishedRun = { type: "RUN_FINISHED", threadId: "t", runId: "r" }

describe("a stream of chunks for AG-UI", () => {
  it.effect("has the pages that it cites in custom events, with the message that cites them", () =>
    Effect.gen(function* () {
      const sources = [{ url: "https://example.com/", title: "Example", range: { start: 0, end: 5 } }]
      const { events } = yield* serve([chunk({ content: "Hello" }), chunk({ sources }), finished])
      expect(events.filter(({ type }) => type === "CUSTOM")).toEqual([
        { type: "CUSTOM", name: "sources", value: { messageId: "r/0", sources } }
      ])
    })
  )

  it.effect("is a run with a step of reasoning and text, and its usage", () =>
    Effect.gen(function* () {
      const { headers, events } = yield* serve([chunk({ reasoning: "Hm" }), chunk({ content: "Hello" }), finished])
      expect(headers["content-type"]).toBe("text/event-stream")
      expect(events).toEqual([
        { type: "RUN_STARTED", threadId: "t", runId: "r", protocolVersion: "1.0" },
        { type: "STEP_STARTED", stepName: "step 0" },
        { type: "REASONING_START", messageId: "r/0/reasoning-0" },
        { type: "REASONING_MESSAGE_START", messageId: "r/0/reasoning-0", role: "reasoning" },
        { type: "REASONING_MESSAGE_CONTENT", messageId: "r/0/reasoning-0", delta: "Hm" },
        { type: "REASONING_MESSAGE_END", messageId: "r/0/reasoning-0" },
        { type: "REASONING_END", messageId: "r/0/reasoning-0" },
        { type: "TEXT_MESSAGE_START", messageId: "r/0", role: "assistant" },
        { type: "TEXT_MESSAGE_CONTENT", messageId: "r/0", delta: "Hello" },
        {
          type: "TEXT_MESSAGE_END",
          messageId: "r/0",
          metadata: {
            "llm-connectivity": {
              message: {
                role: "assistant",
                content: [
                  { type: "reasoning", text: "Hm" },
                  { type: "text", text: "Hello" }
                ]
              }
            }
          }
        },
        { type: "STEP_FINISHED", stepName: "step 0" },
        {
          ...finishedRun,
          outcome: { type: "success" },
          usage: [
            {
              provider: "openai",
              model: "gpt-4o-mini",
              inputTokens: 5,
              outputTokens: 2,
              totalTokens: 7,
              reasoningTokens: 0,
              cachedInputTokens: 1,
              cacheWriteInputTokens: 0
            }
          ],
          metadata: { "llm-connectivity": { finishReason: "stop", cost: 0.5 } }
        }
      ])
    })
  )

  it.effect("ends a failure with RUN_ERROR, and never with RUN_FINISHED", () =>
    Effect.gen(function* () {
      const cut = Stream.concat(
        Stream.make(chunk({ content: "Hel" })),
        new NetworkError({ ...about, reason: "Truncated" })
      )
      const { events, text } = yield* served(AGUI.respond(cut, run))
      expect(events.at(-1)).toEqual({ type: "RUN_ERROR", message: "it says why", code: "NetworkError" })
      expect(text).not.toContain("RUN_FINISHED")
    })
  )

  it.effect("fails where the stream ends without a finish reason", () =>
    Effect.gen(function* () {
      const { events, text } = yield* serve([chunk({ content: "Hel" })])
      expect(events.at(-1)).toMatchObject({ type: "RUN_ERROR", code: "NetworkError" })
      expect(text).not.toContain("RUN_FINISHED")
    })
  )

  it.effect("has the status of a failure before the first chunk", () =>
    Effect.gen(function* () {
      const limited = new RateLimitError({ ...about, reason: "RateLimit" })
      expect(yield* served(AGUI.respond(Stream.fail(limited), run))).toMatchObject({ status: 429, events: [] })
    })
  )

  it.effect("sends the thread as it was when a response starts again", () =>
    Effect.gen(function* () {
      const { events } = yield* serve(
        [chunk({ content: "Wrong" }), chunk({ reset: true, content: "Right" }), finished],
        { ...run, threadMessages: [user] }
      )
      expect(events.find(({ type }) => type === "MESSAGES_SNAPSHOT")).toEqual({
        type: "MESSAGES_SNAPSHOT",
        messages: [user]
      })
      expect(keptMessages(events, [user])).toEqual([user, { id: "r/0", role: "assistant", content: "Right" }])
    })
  )

  it.effect("leaves the calls of the client's tools to the client, which answers them with its next run", () =>
    Effect.gen(function* () {
      const tools = [{ name: "place", description: "Where the user is", parameters: { type: "object" } }]
      const input = Either.getOrThrow(decode({ ...run, messages: [user], tools }))
      const llm = MockLLM.layer((request) =>
        request.messages.at(-1)?.role === "tool" ? "In Rome." : [call("place", {})]
      )
      const loop = ToolLoop.stream({ messages: input.messages }, { tools: AGUI.clientTools(input.tools) })
      const { events } = yield* served(Effect.provide(AGUI.respond(loop, input), llm))
      expect(events.at(-1)).toMatchObject({ outcome: { type: "success", pendingToolCallIds: ["call-0"] } })
      const result = { id: "2", role: "tool", toolCallId: "call-0", content: "Rome" }
      const next = Either.getOrThrow(decode({ ...run, messages: [...keptMessages(events, [user]), result] }))
      expect(next.resume).toBeUndefined()
      expect(next.messages.slice(1)).toEqual([
        { role: "assistant", content: [{ type: "tool-call", id: "call-0", name: "place", arguments: "{}" }] },
        { role: "tool", toolCallId: "call-0", content: "Rome" }
      ])
    })
  )

  it.effect("is interrupted when the client leaves", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const endless = Stream.concat(Stream.make(chunk({ content: "Hel" })), Stream.never).pipe(
        Stream.ensuring(Deferred.succeed(interrupted, undefined))
      )
      const fiber = yield* Effect.fork(served(AGUI.respond(endless, run)))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(interrupted)
    })
  )
})

describe("a tool loop for AG-UI", () => {
  const serveLoop = (
    body: unknown,
    tools: ReadonlyArray<Effect.Effect.Success<typeof makeRemove>["remove"] | typeof photo>
  ) =>
    Effect.gen(function* () {
      const input = yield* AGUI.readInput().pipe(withBody(JSON.stringify(body)))
      const { messages, resume } = input
      return yield* served(AGUI.respond(ToolLoop.stream({ messages }, { tools, resume }), input))
    })

  const llm = MockLLM.layer((request) =>
    request.messages.at(-1)?.role === "user"
      ? [
          {
            reasoning: "Both?",
            part: { index: 0, type: "reasoning", providerMetadata: { anthropic: { signature: "s" } } }
          },
          call("remove", '{ "id": 1 }', 0),
          call("remove", { id: 2 }, 1)
        ]
      : "Done."
  )

  const base = Layer.merge(approvals, llm)

  /** The interrupts of a run, as a client answers them in order. */
  const answered = (last: unknown, ...payloads: ReadonlyArray<unknown>) => {
    const { outcome } = last as { outcome: { interrupts: ReadonlyArray<{ id: string }> } }
    return outcome.interrupts.map(({ id }, index) => ({
      interruptId: id,
      status: "resolved",
      payload: payloads[index]
    }))
  }

  it.effect("ends with interrupts, and goes on with the exact conversation when they were answered", () =>
    Effect.gen(function* () {
      const { remove, removed } = yield* makeRemove
      const first = yield* serveLoop({ ...run, messages: [user] }, [remove])
      expect(first.events.at(-1)).toMatchObject({
        ...finishedRun,
        outcome: {
          type: "interrupt",
          interrupts: [
            { reason: "tool_call", toolCallId: "call-0", expiresAt: "1970-01-01T01:00:00.000Z" },
            { reason: "tool_call", toolCallId: "call-1" }
          ]
        }
      })
      const messages = keptMessages(first.events, [user])
      const resume = answered(first.events.at(-1), { approved: true }, { approved: false, reason: "keep her" })
      const second = yield* serveLoop({ threadId: "t", runId: "r2", messages, resume }, [remove])
      expect(yield* removed).toEqual([1])
      expect(second.events).toMatchObject([
        { type: "RUN_STARTED" },
        { type: "TOOL_CALL_RESULT", messageId: "r2/call-0", toolCallId: "call-0", content: "done" },
        { type: "TOOL_CALL_RESULT", toolCallId: "call-1", content: '{"error":"the call was denied: keep her"}' },
        { type: "STEP_STARTED", stepName: "step 0" },
        { type: "TEXT_MESSAGE_START", messageId: "r2/0" },
        { type: "TEXT_MESSAGE_CONTENT", delta: "Done." },
        { type: "TEXT_MESSAGE_END" },
        { type: "STEP_FINISHED" },
        { type: "RUN_FINISHED", runId: "r2", outcome: { type: "success" } }
      ])
      const thread = [...keptMessages(second.events, messages), { role: "user", content: "Thanks" }]
      expect(Either.getOrThrow(decode({ ...run, messages: thread })).messages).toMatchObject([
        { role: "user" },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "Both?", providerMetadata: { anthropic: { signature: "s" } } },
            { type: "tool-call", arguments: '{ "id": 1 }' },
            { type: "tool-call" }
          ]
        },
        { role: "tool", toolCallId: "call-0", content: "done" },
        { role: "tool", toolCallId: "call-1" },
        { role: "assistant", content: "Done." },
        { role: "user", content: "Thanks" }
      ])
    }).pipe(Effect.provide(base))
  )

  it.effect("goes on although a result beside the interrupt has fields that AG-UI does not know", () =>
    Effect.gen(function* () {
      const { remove, removed } = yield* makeRemove
      const first = yield* serveLoop({ ...run, messages: [user] }, [photo, remove])
      expect(first.events.find(({ type }) => type === "TOOL_CALL_RESULT")).toMatchObject({
        content: [
          { type: "text", text: "The user:" },
          { type: "image", source: { type: "data", value: "AAAA", mimeType: "image/png" } },
          { type: "document", source: { type: "url", value: "https://example.com/a.pdf", mimeType: "application/pdf" } }
        ]
      })
      const resume = answered(first.events.at(-1), { approved: true })
      yield* serveLoop({ ...run, messages: keptMessages(first.events, [user]), resume }, [photo, remove])
      expect(yield* removed).toEqual([1])
    }).pipe(
      Effect.provide(approvals),
      Effect.provide(MockLLM.layer([[call("photo", {}, 0), call("remove", { id: 1 }, 1)], "Done."]))
    )
  )

  it.effect("goes on where the server repeats the id of a call of an earlier step", () =>
    Effect.gen(function* () {
      const { remove, removed } = yield* makeRemove
      const first = yield* serveLoop({ ...run, messages: [user] }, [photo, remove])
      const resume = answered(first.events.at(-1), { approved: true })
      yield* serveLoop({ ...run, messages: keptMessages(first.events, [user]), resume }, [photo, remove])
      expect(yield* removed).toEqual([1])
    }).pipe(
      Effect.provide(approvals),
      Effect.provide(MockLLM.layer([[call("photo")], [call("remove", { id: 1 })], "Done."]))
    )
  )

  it.effect("runs nothing for a cancelled interrupt or for a payload that does not approve", () =>
    Effect.gen(function* () {
      const { remove, removed } = yield* makeRemove
      const first = yield* serveLoop({ ...run, messages: [user] }, [remove])
      const messages = keptMessages(first.events, [user])
      const resume = answered(first.events.at(-1), "yes", { approved: true }).map((entry, index) =>
        index === 1 ? { ...entry, status: "cancelled" } : entry
      )
      const second = yield* serveLoop({ ...run, messages, resume }, [remove])
      expect(second.events.at(-1)).toMatchObject({ type: "RUN_FINISHED" })
      expect(yield* removed).toEqual([])
    }).pipe(Effect.provide(base))
  )

  it.effect("refuses an approval of a changed conversation with a 400, and runs nothing", () =>
    Effect.gen(function* () {
      const { remove, removed } = yield* makeRemove
      const first = yield* serveLoop({ ...run, messages: [user] }, [remove])
      const messages = keptMessages(first.events, [{ ...user, content: "Remove nobody" }])
      const resume = answered(first.events.at(-1), true, true)
      expect((yield* serveLoop({ ...run, messages, resume }, [remove])).status).toBe(400)
      expect(yield* removed).toEqual([])
    }).pipe(Effect.provide(base))
  )

  it.effect("is shown again from a run, and as cancelled where the run was stopped", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(Stream.make(chunk({ content: "Hello" }), finished))
      expect((yield* served(AGUI.respond(Runs.readEvents(id), run))).events.at(-1)).toMatchObject(finishedRun)
      const stopped = yield* Runs.start(Stream.concat(Stream.make(chunk({ content: "Hel" })), Stream.never))
      const shown = yield* Deferred.make<void>()
      const events = Runs.readEvents(stopped.id).pipe(Stream.tap(() => Deferred.succeed(shown, undefined)))
      const reading = yield* Effect.fork(served(AGUI.respond(events, run)))
      yield* Deferred.await(shown)
      yield* Runs.stop(stopped.id)
      expect((yield* Fiber.join(reading)).events.slice(-3)).toEqual([
        { type: "TEXT_MESSAGE_END", messageId: "r/0" },
        { type: "STEP_FINISHED", stepName: "step 0" },
        { ...finishedRun, outcome: { type: "cancelled" } }
      ])
    }).pipe(Effect.provide(Layer.provide(Runs.layer({ grace: 0 }), RunStore.memory)))
  )
})

it.effect("a run that was stopped before it had anything is begun and cancelled", () =>
  Effect.gen(function* () {
    const { id } = yield* Runs.start(Stream.never)
    yield* Runs.stop(id)
    const { status, events } = yield* served(AGUI.respond(Runs.readEvents(id), run))
    expect([status, events]).toEqual([
      200,
      [
        { type: "RUN_STARTED", threadId: "t", runId: "r", protocolVersion: "1.0" },
        { ...finishedRun, outcome: { type: "cancelled" } }
      ]
    ])
  }).pipe(Effect.provide(Layer.provide(Runs.layer({ grace: 0 }), RunStore.memory)))
)

describe("the input of a run", () => {
  it("gives text and files of the user, instructions apart, and nothing that only front ends show", () => {
    const content = [
      { type: "text", text: "Look" },
      { type: "image", source: { type: "data", value: "AAAA", mimeType: "image/png" } },
      { type: "document", source: { type: "url", value: "https://example.com/a.pdf", mimeType: "application/pdf" } }
    ]
    const messages = [
      { id: "1", role: "system", content: "Obey" },
      { id: "2", role: "user", content },
      { id: "3", role: "reasoning", content: "Hm" },
      { id: "4", role: "activity", activityType: "PLAN", content: {} }
    ]
    const input = { threadId: "t", runId: "r", messages, state: { a: 1 }, context: [{ description: "d", value: "v" }] }
    expect(Either.getOrThrow(decode({ ...input, tools: null, forwardedProps: null }))).toEqual({
      threadId: "t",
      runId: "r",
      state: { a: 1 },
      context: [{ description: "d", value: "v" }],
      tools: [],
      threadMessages: messages,
      instructions: ["Obey"],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Look" },
            { type: "image", mediaType: "image/png", data: "AAAA" },
            { type: "file", mediaType: "application/pdf", url: "https://example.com/a.pdf" }
          ]
        }
      ]
    })
  })

  const rejected: ReadonlyArray<readonly [string, unknown, RegExp]> = [
    ["no run id", { threadId: "t", messages: [] }, /runId/],
    ["a role that does not exist", { ...run, messages: [{ role: "root" }] }, /messages\[0\]/],
    [
      "an answer to an interrupt that this server has not sent",
      { ...run, messages: [{ role: "assistant", content: "Hi" }], resume: [{ interruptId: "x", status: "resolved" }] },
      /interrupt/
    ],
    [
      "a file of this server",
      {
        ...run,
        messages: [{ role: "user", content: [{ type: "image", source: { type: "url", value: "file:///etc/passwd" } }] }]
      },
      /messages\[0\]: a file needs/
    ]
  ]

  it.effect.each(rejected)("is refused with %s, and says where", ([, body, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(AGUI.readInput().pipe(withBody(JSON.stringify(body))))
      expect(error._tag).toBe("ValidationError")
      expect(error.message).toMatch(message)
    })
  )

  it.effect("is answered with a 400 that says what is wrong, or with its answer", () =>
    Effect.gen(function* () {
      const answer = AGUI.handle(() => Stream.make(chunk({ content: "Hello" }), finished))
      const rejected = yield* served(answer.pipe(withBody('{"runId":"r"}')))
      expect(rejected).toMatchObject({ status: 400, text: expect.stringContaining("threadId") })
      const { events } = yield* served(answer.pipe(withBody(JSON.stringify({ ...run, messages: [user] }))))
      expect(events.at(-1)).toMatchObject(finishedRun)
    })
  )
})
