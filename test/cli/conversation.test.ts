/** A conversation at a real terminal: what is seen, what Ctrl-C stops, and how one leaves. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { Simulator } from "llm-connectivity/testing"
import { bundled } from "../support/command.js"
import { shared } from "../support/shared.js"
import { canType, sit } from "../support/typing.js"

const patient = { timeout: 60_000 }

class Command extends Context.Tag("test/Command")<Command, string>() {}

const slow = { fault: { type: "slowFirstContent", delay: "1 seconds" }, pace: 30 } as const

const surroundings = Layer.merge(
  Layer.scoped(Command, bundled),
  Simulator.layer({
    pace: 0,
    script: ({ body }) =>
      JSON.stringify(body).endsWith('slow"}],"stream":true,"stream_options":{"include_usage":true}}') ? slow : undefined
  })
)

const within = shared(surroundings)

const begin = (words: string, columns = 60) =>
  within(
    Effect.gen(function* () {
      const { environment } = yield* Simulator
      return yield* sit(`${process.execPath} ${yield* Command} ${words}`, environment, columns)
    })
  )

const requests = within(Simulator.requests)

const includes = (text: string) => (rows: ReadonlyArray<string>) => rows.some((row) => row.includes(text))
const endsWith = (row: string) => (rows: ReadonlyArray<string>) => rows.at(-1)?.trimEnd() === row

const ctrlC = "\u0003"
const ctrlD = "\u0004"

describe("at a terminal", patient, () => {
  it.live.skipIf(!canType)("goes on after Ctrl-C, which stops an answer, closes its socket and keeps what came", () =>
    Effect.gen(function* () {
      const { type, see } = yield* begin("chat -m openai/gpt-4o-mini")
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

  it.live.skipIf(!canType)("obeys what begins with a slash, and tells what it does not know", () =>
    Effect.gen(function* () {
      const { type, see, code } = yield* begin("chat -m openai/gpt-4o-mini --stats")
      yield* see(endsWith(">"))
      type("/help\r")
      yield* see(includes("/clear"))
      type("/modle\r")
      yield* see(includes("there is no /modle; did you mean /model?"))
      type("/model anthropic/claude-haiku-4-5\r")
      yield* see(includes("(from here on: anthropic/claude-haiku-4-5)"))
      type("/etc/motd says what?\r")
      yield* see(includes("anthropic/claude-haiku-4-5 · first token"))
      type("/clear\r")
      yield* see(includes("(forgotten)"))
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

  it.live.skipIf(!canType)("is left by Ctrl-D, or by Ctrl-C twice where nothing is typed", () =>
    Effect.gen(function* () {
      const byD = yield* begin("chat -m openai/gpt-4o-mini")
      yield* byD.see(endsWith(">"))
      byD.type(ctrlD)
      expect(yield* byD.code).toBe(0)
      const byC = yield* begin("chat -m openai/gpt-4o-mini")
      yield* byC.see(endsWith(">"))
      byC.type(`something${ctrlC}`)
      yield* byC.see((rows) => rows.filter((row) => row.trimEnd() === ">").length === 2)
      byC.type(ctrlC)
      yield* byC.see(includes("(Ctrl-C again or Ctrl-D leaves)"))
      byC.type(ctrlC)
      expect(yield* byC.code).toBe(130)
    }).pipe(Effect.scoped)
  )

  it.live.skipIf(!canType)(
    "shows one answer with a status that is gone by the first word, and gives the cursor back",
    () =>
      Effect.gen(function* () {
        const { see, code, isCursorHidden } = yield* begin('chat -m openai/gpt-4o-mini "Say hello, slow"', 30)
        yield* see((rows) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /.test(rows.at(-1) ?? ""))
        expect(isCursorHidden()).toBe(true)
        expect(yield* code).toBe(0)
        const rows = yield* see(() => true)
        expect(rows.join("\n")).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/)
        expect(isCursorHidden()).toBe(false)
      }).pipe(Effect.scoped)
  )
})
