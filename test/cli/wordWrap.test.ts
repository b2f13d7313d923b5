/** Streamed text on a terminal breaks its lines between words. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { WordWrap } from "../../src/cli/chat/WordWrap.js"
import { widthOf } from "../../src/output/progress/TerminalWidth.js"
import { screen } from "../support/screen.js"

/** What a terminal shows after a text arrived in pieces. */
const shown = (columns: number, ...pieces: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const terminal = yield* screen(columns)
      const wrap = new WordWrap(terminal, widthOf)
      for (const piece of pieces) wrap.write(piece)
      return (yield* terminal.rows).map((row) => row.trimEnd())
    })
  )

describe("a line", () => {
  it.effect("breaks before the word that grows beyond the edge, however the text is split", () =>
    Effect.gen(function* () {
      const text = "The tide rises twice a day, and falls"
      const rows = ["The tide rises", "twice a day, and", "falls"]
      expect(yield* shown(16, text)).toEqual(rows)
      expect(yield* shown(16, ...text)).toEqual(rows)
      for (let at = 1; at < text.length; at++) expect(yield* shown(16, text.slice(0, at), text.slice(at))).toEqual(rows)
    })
  )

  it.effect("that a word fills exactly stays, and blanks beyond the edge do not start the next line", () =>
    Effect.gen(function* () {
      expect(yield* shown(8, "one four   five")).toEqual(["one four", "five"])
      expect(yield* shown(8, "one fou", "r", "ty")).toEqual(["one", "fourty"])
    })
  )

  it.effect("keeps its indentation, and line ends stay where they are", () =>
    Effect.gen(function* () {
      expect(yield* shown(12, "if (x) {\n  return 12\n}\n\nend")).toEqual(["if (x) {", "  return 12", "}", "", "end"])
      expect(yield* shown(12, "a\tb")).toEqual(["a       b"])
    })
  )

  it.effect("longer than the terminal breaks at the edge, and words after it between words", () =>
    Effect.gen(function* () {
      expect(yield* shown(8, "see ", "0123456789", "abcdef one two")).toEqual([
        "see",
        "01234567",
        "89abcdef",
        "one two"
      ])
    })
  )

  it.effect("of a script without blanks breaks between characters", () =>
    Effect.gen(function* () {
      expect(yield* shown(8, "ok 潮汐是海水的。")).toEqual(["ok 潮汐", "是海水", "的。"])
    })
  )

  it.effect("loses nothing but blanks", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.array(FastCheck.stringMatching(/^[a-z ,]{0,9}$/), { maxLength: 12 }),
          async (pieces) => {
            const rows = await Effect.runPromise(shown(12, ...pieces))
            expect(rows.join("").replaceAll(" ", "")).toBe(pieces.join("").replaceAll(" ", ""))
          }
        ),
        { numRuns: 50 }
      )
    )
  )
})
