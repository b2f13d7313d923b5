/** `Mcp.tools` with a server that others wrote, over both transports. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream } from "effect"
import { Mcp } from "llm-connectivity/mcp"
import { MockLLM } from "llm-connectivity/testing"
import { ToolLoop } from "llm-connectivity/tools"
import { call } from "../support/toolCalls.js"
import { overHttp, overStdio } from "./everything.js"

const messages = [{ role: "user", content: "Hi" }] as const
const long = call("long_trigger-long-running-operation", { duration: 60, steps: 600 })

describe.each([
  ["stdio", overStdio],
  ["HTTP", overHttp]
])("server-everything over %s", (_, start) => {
  const connected = Effect.flatMap(start, (server) =>
    Effect.map(Mcp.tools({ ...server.address, namespace: "long", needsApproval: false }), (tools) => ({
      ...server,
      tools
    }))
  )

  it.scopedLive("lists its tools, without those that need sampling, roots or elicitation", () =>
    Effect.gen(function* () {
      const { tools } = yield* connected
      const names = (yield* tools).map(({ name }) => name)
      expect(names).toEqual(expect.arrayContaining(["long_echo", "long_get-sum", "long_get-tiny-image"]))
      expect(names.filter((name) => /sampling|roots|elicitation/.test(name))).toEqual([])
    })
  )

  it.scopedLive("answers calls in a loop, with text, numbers, images and what is wrong with arguments", () =>
    Effect.gen(function* () {
      const { tools } = yield* connected
      const { messages: all } = yield* ToolLoop.run({ messages }, { tools })
      const told = all.flatMap(({ role, content }) => (role === "tool" ? [content] : []))
      expect(told).toEqual([
        "Echo: hello",
        "The sum of 2 and 3 is 5.",
        [
          expect.objectContaining({ type: "text" }),
          expect.objectContaining({ type: "image", mediaType: "image/png" }),
          expect.objectContaining({ type: "text" })
        ],
        expect.stringContaining("expected number")
      ])
    }).pipe(
      Effect.provide(
        MockLLM.layer([
          [
            call("long_echo", { message: "hello" }, 0),
            call("long_get-sum", { a: 2, b: 3 }, 1),
            call("long_get-tiny-image", {}, 2),
            call("long_get-sum", { a: "two", b: 3 }, 3)
          ],
          "done"
        ])
      )
    )
  )

  it.scopedLive("is told that a call is cancelled, and answers the next one", () =>
    Effect.gen(function* () {
      const { tools, sent } = yield* connected
      const progressed = Stream.filter(
        ToolLoop.stream({ messages }, { tools }),
        ({ type }) => type === "tool-progressed"
      )
      // The reader leaves the loop at the first progress, in the middle of the call.
      expect(Option.isSome(yield* Stream.runHead(progressed))).toBe(true)
      const { messages: all } = yield* ToolLoop.run({ messages }, { tools })
      expect(all[2]?.content).toBe("Echo: after")
      expect(sent().match(/"notifications\/cancelled"/g)).toHaveLength(1)
    }).pipe(Effect.provide(MockLLM.layer([[long], [call("long_echo", { message: "after" })], "done"])))
  )

  it.scopedLive("is a typed failure when it crashes in the middle of a call", () =>
    Effect.gen(function* () {
      const { tools, kill } = yield* connected
      const running = yield* Effect.fork(
        Stream.runForEach(ToolLoop.stream({ messages }, { tools }), ({ type }) =>
          type === "tool-progressed" ? Effect.sync(kill) : Effect.void
        )
      )
      const error = yield* Effect.flip(Fiber.join(running))
      expect(error).toMatchObject({ _tag: "McpError", reason: "Closed", server: "long" })
    }).pipe(Effect.provide(MockLLM.layer([[long], "done"])))
  )
})
