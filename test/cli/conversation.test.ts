/** A conversation at a real terminal: what it shows, what Ctrl-C stops, and how it ends. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { Simulator } from "llm-connectivity/testing"
import { bundled } from "../support/command.js"
import { shared } from "../support/shared.js"
import { canType, startSession } from "../support/typing.js"

const slowTests = { timeout: 120_000 }

class Command extends Context.Tag("test/Command")<Command, string>() {}

const slow = { fault: { type: "slowFirstContent", delay: "1 seconds" }, pace: 30 } as const

const services = Layer.merge(
  Layer.scoped(Command, bundled),
  Simulator.layer({
    pace: 0,
    script: ({ body }) =>
      JSON.stringify(body).endsWith('slow"}],"stream":true,"stream_options":{"include_usage":true}}') ? slow : undefined
  })
)

const within = shared(services)

const start = (args: string, columns = 60) =>
  within(
    Effect.gen(function* () {
      const { environment } = yield* Simulator
      return yield* startSession(`${process.execPath} ${yield* Command} ${args}`, environment, columns)
    })
  )

const requests = within(Simulator.requests)

const includes = (text: string) => (rows: ReadonlyArray<string>) => rows.some((row) => row.includes(text))
const endsWith = (row: string) => (rows: ReadonlyArray<string>) => rows.at(-1)?.trimEnd() === row

const ctrlC = "\u0003"
const ctrlD = "\u0004"

describe("at a terminal", slowTests, () => {
  it.live.skipIf(!canType)(
    "goes on after Ctrl-C, which stops the response, closes its socket and keeps the part that arrived",
    () =>
      Effect.gen(function* () {
        const { type, see } = yield* start("chat -m openai/gpt-4o-mini")
        yield* see(endsWith(">"))
        type("Count to 90 in words, slow\r")
        const waiting = yield* see((rows) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] \d\.\d s/.test(rows.at(-1) ?? ""))
        expect(waiting.slice(-2, -1)).toEqual(["> Count to 90 in words, slow"])
        yield* see(includes("One, two, three"))
        type(ctrlC)
        const stopped = yield* see(endsWith(">"))
        expect(stopped.slice(-2)).toEqual(
          ["(stopped)", ">"].map((row) => expect.stringMatching(new RegExp(`^${row.replace(/[()]/g, "\\$&")} ?$`)))
        )
        const [first] = yield* requests
        expect((yield* first?.closed ?? Effect.die("no request")).closedBy).toBe("caller")
        type("Say hello\r")
        yield* see(includes("Hello!"))
        const second = (yield* requests)[1]
        expect(second?.body).toMatchObject({
          messages: [
            { role: "user", content: "Count to 90 in words, slow" },
            { role: "assistant", content: expect.stringMatching(/^One, two, three/) },
            { role: "user", content: "Say hello" }
          ]
        })
      }).pipe(Effect.scoped)
  )

  it.live.skipIf(!canType)("runs commands that begin with a slash, and rejects unknown ones", () =>
    Effect.gen(function* () {
      const { type, see, code } = yield* start("chat -m openai/gpt-4o-mini --stats", 80)
      yield* see(endsWith(">"))
      type("/help\r")
      yield* see(includes("/clear"))
      type("/modle\r")
      yield* see(includes("unknown command /modle; did you mean /model?"))
      // A name that every object has.
      type("/constructor\r")
      yield* see(includes("unknown command /constructor"))
      type("/model anthropic/claude-haiku-4-5\r")
      yield* see(includes("(switched to anthropic/claude-haiku-4-5)"))
      type("/etc/motd says what?\r")
      yield* see(includes("anthropic/claude-haiku-4-5 · first token"))
      type("/clear\r")
      yield* see(includes("(conversation cleared)"))
      type("Say hello\rand goodbye\r")
      yield* see(includes("Say hello and goodbye”"))
      const last = (yield* requests).at(-1)
      expect(last?.path).toBe("/v1/messages")
      expect(last?.body).toMatchObject({
        messages: [{ role: "user", content: [{ type: "text", text: "Say hello\nand goodbye" }] }]
      })
      type("/exit\r")
      expect(yield* code).toBe(0)
    }).pipe(Effect.scoped)
  )

  it.live.skipIf(!canType)("ends on Ctrl-D, or on Ctrl-C twice at an empty prompt", () =>
    Effect.gen(function* () {
      const byD = yield* start("chat -m openai/gpt-4o-mini")
      yield* byD.see(endsWith(">"))
      byD.type(ctrlD)
      expect(yield* byD.code).toBe(0)
      const byC = yield* start("chat -m openai/gpt-4o-mini")
      yield* byC.see(endsWith(">"))
      byC.type(`something${ctrlC}`)
      yield* byC.see((rows) => rows.filter((row) => row.trimEnd() === ">").length === 2)
      byC.type(ctrlC)
      yield* byC.see(includes("(press Ctrl-C again or Ctrl-D to leave)"))
      byC.type(ctrlC)
      expect(yield* byC.code).toBe(130)
    }).pipe(Effect.scoped)
  )

  it.live.skipIf(!canType)(
    "shows a status line until the first word of a single response, and restores the cursor",
    () =>
      Effect.gen(function* () {
        const { see, code, isCursorHidden } = yield* start('chat -m openai/gpt-4o-mini "Say hello, slow"', 30)
        yield* see((rows) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /.test(rows.at(-1) ?? ""))
        expect(isCursorHidden()).toBe(true)
        expect(yield* code).toBe(0)
        const rows = yield* see(() => true)
        expect(rows.join("\n")).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/)
        expect(isCursorHidden()).toBe(false)
      }).pipe(Effect.scoped)
  )
})
