import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Exit, FastCheck, Stream } from "effect"
import { TextStream } from "llm-connectivity"
import { SentenceSplitter } from "../../../src/output/text/splitters.js"
import { answer, broken, cut, cutAt, saying } from "../../support/pieces.js"

/** What a stream gives, and its failure where it has one. */
const read = <A, E>(stream: Stream.Stream<A, E>): { readonly given: ReadonlyArray<A>; readonly error?: E } =>
  Effect.runSync(
    Effect.gen(function* () {
      const given: Array<A> = []
      const exit = yield* Effect.exit(Stream.runForEach(stream, (each) => Effect.sync(() => given.push(each))))
      return Exit.match(exit, {
        onSuccess: () => ({ given }),
        onFailure: (cause) => (cause._tag === "Fail" ? { given, error: cause.error } : { given })
      })
    })
  )

const given = <A, E>(stream: Stream.Stream<A, E>): ReadonlyArray<A> => read(stream).given

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" })

const sentencesOf = (text: string): ReadonlyArray<string> =>
  Array.from(segmenter.segment(text), ({ segment }) => segment)

describe("the text of an answer", () => {
  const stream = answer({ reasoning: "Let me " }, { reasoning: "see." }, "One", " two", "", "\nthree")

  it("comes in the pieces in which it arrives, and so does its reasoning", () => {
    expect(given(TextStream.content(stream))).toEqual(["One", " two", "\nthree"])
    expect(given(TextStream.reasoning(stream))).toEqual(["Let me ", "see."])
  })

  it("can be shown as a whole each time that it has grown", () => {
    expect(given(stream.pipe(TextStream.running))).toEqual(["One", "One two", "One two\nthree"])
    expect(given(stream.pipe(TextStream.reasoning, TextStream.running))).toEqual(["Let me ", "Let me see."])
  })

  it("is begun anew by each run", () => {
    const lines = TextStream.lines(stream)
    expect(given(lines)).toEqual(given(lines))
  })

  it("keeps the reads together, without an effect for each chunk", () => {
    const oneRead = Stream.fromChunk(Chunk.fromIterable(["a\nb", "c\nd\n", "e"]))
    const reads = Effect.runSync(Stream.runCollect(Stream.chunks(TextStream.lines(oneRead))))
    expect(Chunk.toReadonlyArray(Chunk.map(reads, Chunk.toReadonlyArray))).toEqual([["a", "bc", "d"], ["e"]])
  })

  it.effect("is interrupted with its stream", () =>
    Effect.gen(function* () {
      let isInterrupted = false
      const endless = Stream.concat(saying("one. T"), Stream.never).pipe(
        Stream.ensuring(Effect.sync(() => (isInterrupted = true)))
      )
      yield* endless.pipe(TextStream.sentences(), Stream.take(1), Stream.runDrain)
      expect(isInterrupted).toBe(true)
    })
  )
})

describe("lines", () => {
  it("end with LF or CRLF, also where that comes in two pieces, and the last one with the answer", () => {
    const lines = (...pieces: ReadonlyArray<string>) => given(TextStream.lines(answer(...pieces)))
    expect(lines("one\ntw", "o\r", "\n\nfo", "ur")).toEqual(["one", "two", "", "four"])
    expect(lines("one\r\n")).toEqual(["one"])
    expect(lines("\n\n")).toEqual(["", ""])
    expect(lines("a\rb\r")).toEqual(["a\rb\r"])
    expect(lines()).toEqual([])
  })

  it("are the same wherever the text is cut", () => {
    const text = "one\r\n\r\ntwo\nthree\r\rfour\n\n5"
    const expected = ["one", "", "two", "three\r\rfour", "", "5"]
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.nat()), (places) => {
        expect(given(TextStream.lines(answer(...cutAt(text, places))))).toEqual(expected)
      })
    )
  })

  it("that had begun come before the failure", () => {
    expect(read(TextStream.lines(broken("one\ntwo")))).toEqual({ given: ["one", "two"], error: cut })
  })
})

describe("sentences", () => {
  const sentences = (...pieces: ReadonlyArray<string>) => given(TextStream.sentences()(answer(...pieces)))

  it("keep what stands between them, so that together they are the text", () => {
    expect(sentences("It costs 3.", "50 euros, e.g. for ", "tea. Really?  Yes!\n", "So be it")).toEqual([
      "It costs 3.50 euros, e.g. for tea. ",
      "Really?  ",
      "Yes!\n",
      "So be it"
    ])
  })

  it("are told apart in languages without blanks, and by the rules of one that is named", () => {
    expect(sentences("今日は晴れ。明日", "は雨。")).toEqual(["今日は晴れ。", "明日は雨。"])
    const greek = answer("Πού είσαι; Εδώ ", "είμαι.").pipe(TextStream.sentences({ locale: "el" }))
    expect(given(greek)).toEqual(["Πού είσαι; ", "Εδώ είμαι."])
  })

  it("come as soon as nothing can lengthen them, and not before", () => {
    const splitter = new SentenceSplitter(segmenter)
    expect(splitter.push("Tea is 3.")).toEqual([])
    expect(splitter.push("5 ")).toEqual([])
    expect(splitter.push("here. ")).toEqual([])
    expect(splitter.push("B")).toEqual(["Tea is 3.5 here. "])
    expect(splitter.push("uy it\n")).toEqual(["Buy it\n"])
    expect(splitter.push("Wait 3. (")).toEqual([])
    expect(splitter.push("or 4\r")).toEqual([])
    expect(splitter.push("\n")).toEqual(["Wait 3. (or 4\r\n"])
  })

  it("are those of Intl.Segmenter, wherever the text is cut", () => {
    const words = [
      "the ",
      "The ",
      "e.g. ",
      "Dr. ",
      "U.S.",
      "3",
      ".",
      "!",
      "?",
      "…",
      "。",
      "\n",
      "\r\n",
      "\r",
      '" ',
      "”",
      "(",
      " - "
    ]
    const odd = [" ", "é", "e\u0301", "😀", "👩‍👩‍👧", "\ud83d", "\u200d", "\u2028", ";", ",", "ﾞ", "।", "\u00ad"]
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.constantFrom(...words, ...odd), { maxLength: 40 }), (pieces) => {
        expect(sentences(...pieces)).toEqual(sentencesOf(pieces.join("")))
      }),
      { numRuns: 300 }
    )
  })

  it("are found in a text that comes at once, and in one of which none ends", () => {
    const long = "The cat sat on the mat. ".repeat(400)
    expect(sentences(long)).toEqual(sentencesOf(long))
    const dots = "a.b.".repeat(2000)
    expect(
      sentences(
        ...cutAt(
          dots,
          Array.from({ length: 1000 }, (_, index) => index * 8)
        )
      )
    ).toEqual([dots])
  })

  it("look at no more than the unfinished end, however long the text", () => {
    const seenFor = (text: string): number => {
      let seen = 0
      const counting = {
        ...segmenter,
        segment: (part: string) => {
          seen += part.length
          return segmenter.segment(part)
        }
      }
      const splitter = new SentenceSplitter(counting as Intl.Segmenter)
      for (let at = 0; at < text.length; at += 4) splitter.push(text.slice(at, at + 4))
      splitter.end()
      return seen / text.length
    }
    const kinds = ["The cat sat on the mat. ", "a.b.c.", "3.14 159. 26 ", "e.g. the cat, ", "the cat ", "?!", "\n"]
    for (const kind of kinds) {
      const [short, long] = [seenFor(kind.repeat(300)), seenFor(kind.repeat(3000))]
      expect(long, kind).toBeLessThan(short * 1.5 + 10)
    }
  })

  it("that had begun come before the failure", () => {
    expect(read(TextStream.sentences()(broken("One. Two. Thr")))).toEqual({
      given: ["One. ", "Two. ", "Thr"],
      error: cut
    })
  })

  it("of a language that is none are a RangeError at once", () => {
    expect(() => TextStream.sentences({ locale: "no such language" })).toThrow(RangeError)
  })
})

describe("the bytes of an answer", () => {
  it("are its text in UTF-8, with characters that come in two halves put together", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true })
    const bytes = given(TextStream.bytes(answer("né ", "\ud83d", "\ude00", "!")))
    expect(decoder.decode(Buffer.concat(bytes))).toBe("né 😀!")
    expect(bytes).toHaveLength(3)
    expect(Buffer.concat(given(TextStream.bytes(answer("a\ud83d")))).toString()).toBe("a\ufffd")
  })
})
