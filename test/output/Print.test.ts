import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck, Stream } from "effect"
import { print, StreamChunk, tapPrint } from "llm-connectivity"
import { TerminalSanitizer } from "../../src/output/sanitizeTerminal.js"

const sanitize = (...pieces: ReadonlyArray<string>): string => {
  const sanitizer = new TerminalSanitizer()
  return pieces.map((piece) => sanitizer.push(piece)).join("")
}

const answer = (...pieces: ReadonlyArray<string>) =>
  Stream.fromIterable(pieces.map((content) => StreamChunk.make({ content })))

const recordingTerminal = (isTTY: boolean) => {
  const written: Array<string> = []
  return { written, isTTY, write: (text: string) => written.push(text) }
}

/** Any character. Before the first one, `unit: "binary"` of FastCheck lists them all, which takes a second. */
const anyCharacter = FastCheck.nat(0x10ffff - 0x800).map((code) =>
  String.fromCodePoint(code < 0xd800 ? code : code + 0x800)
)

describe("TerminalSanitizer", () => {
  const harmful = "a\u001b[31mb\u001b]0;title\u0007c\u001bPq\u001b\\d\u009b2Je\u0008\u0000f\r\n\tg\u001b(Bh👩‍👩‍👧"

  it("removes escape sequences, wherever the pieces are split", () => {
    const expected = "abcdef\n\tgh👩‍👩‍👧"
    expect(sanitize(harmful)).toBe(expected)
    for (let at = 0; at <= 40; at++) expect(sanitize(harmful.slice(0, at), harmful.slice(at))).toBe(expected)
  })

  it("removes all control characters from any text", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.string({ unit: anyCharacter })), (pieces) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the sanitizer must remove these characters
        expect(sanitize(...pieces)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Bidi_Control}]/u)
      })
    )
  })

  it("removes the characters that change the direction of text, by which it can look like another", () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code))
    const directional = all.filter((character) => /\p{Bidi_Control}/u.test(character))
    expect(directional).toHaveLength(12)
    for (const character of directional) expect(sanitize(`file${character}gpj.exe`)).toBe("filegpj.exe")
  })

  it("keeps the letters, joiners and marks of all scripts", () => {
    const texts = "שלום مرحبا 漢字 हिन्दी नमस्ते 👩‍👩‍👧 é \u200c\u200d \u0600"
    expect(sanitize(texts)).toBe(texts)
  })

  it("removes the strings of all C1 controls", () => {
    for (const start of ["\u0090", "\u0098", "\u009d", "\u009e", "\u009f", "\u001bX", "\u001b^", "\u001b_"]) {
      expect(sanitize(`a${start}hidden\u009cb`)).toBe("ab")
    }
  })

  it("shows the text after a sequence that never ends", () => {
    expect(sanitize(`\u001b]${"x".repeat(5000)}visible`)).toContain("visible")
  })
})

describe("tapPrint", () => {
  it.effect("writes each piece as it passes: sanitized to a terminal, unchanged to a pipe", () =>
    Effect.gen(function* () {
      const [terminal, pipe] = [recordingTerminal(true), recordingTerminal(false)]
      yield* Stream.runDrain(tapPrint(answer("red: \u001b[3", "1mno", "", "!"), terminal))
      expect(terminal.written).toEqual(["red: ", "no", "!"])
      const chunks = yield* Stream.runCollect(tapPrint(pipe)(answer("\u001b[31m", "yes")))
      expect(pipe.written).toEqual(["\u001b[31m", "yes"])
      expect(chunks).toHaveLength(2)
    })
  )
})

describe("print", () => {
  it.effect("prints the content and returns the complete response", () =>
    Effect.gen(function* () {
      const terminal = recordingTerminal(true)
      const finish = StreamChunk.make({ content: "", finishReason: "stop" })
      const response = yield* print(Stream.concat(answer("\u001b[31mHel", "lo"), Stream.succeed(finish)), terminal)
      expect(terminal.written).toEqual(["Hel", "lo", "\n"])
      expect(response).toMatchObject({ content: "\u001b[31mHello", finishReason: "stop" })
    })
  )

  it.effect("ends the last line once, and only if there is one", () =>
    Effect.gen(function* () {
      const finish = Stream.succeed(StreamChunk.make({ finishReason: "stop" }))
      const [ended, empty] = [recordingTerminal(false), recordingTerminal(false)]
      yield* print(Stream.concat(answer("one\n"), finish), ended)
      yield* print(finish, empty)
      expect([ended.written, empty.written]).toEqual([["one\n"], []])
    })
  )

  it.effect("fails as collect does when the stream has no finish reason", () =>
    Effect.gen(function* () {
      const terminal = recordingTerminal(true)
      const error = yield* Effect.flip(print(answer("cut"), terminal))
      expect(terminal.written).toEqual(["cut", "\n"])
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    })
  )
})
