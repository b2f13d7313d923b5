import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Exit, FastCheck, Stream } from "effect"
import { TextStream } from "llm-connectivity"
import { SentenceSplitter } from "../../../src/output/text/splitters.js"
import { answer, broken, cut, cutAt, saying } from "../../support/pieces.js"

/** Reads a stream: its elements, and its failure if it fails. */
const read = <A, E>(stream: Stream.Stream<A, E>): { readonly elements: ReadonlyArray<A>; readonly error?: E } =>
  Effect.runSync(
    Effect.gen(function* () {
      const elements: Array<A> = []
      const exit = yield* Effect.exit(Stream.runForEach(stream, (element) => Effect.sync(() => elements.push(element))))
      return Exit.match(exit, {
        onSuccess: () => ({ elements }),
        onFailure: (cause) => (cause._tag === "Fail" ? { elements, error: cause.error } : { elements })
      })
    })
  )

const elementsOf = <A, E>(stream: Stream.Stream<A, E>): ReadonlyArray<A> => read(stream).elements

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" })

const sentencesOf = (text: string): ReadonlyArray<string> =>
  Array.from(segmenter.segment(text), ({ segment }) => segment)

describe("the text of a stream", () => {
  const stream = answer({ reasoning: "Let me " }, { reasoning: "see." }, "One", " two", "", "\nthree")

  it("is emitted as it arrives, and so is the reasoning", () => {
    expect(elementsOf(TextStream.content(stream))).toEqual(["One", " two", "\nthree"])
    expect(elementsOf(TextStream.reasoning(stream))).toEqual(["Let me ", "see."])
  })

  it("is accumulated by running", () => {
    expect(elementsOf(stream.pipe(TextStream.running))).toEqual(["One", "One two", "One two\nthree"])
    expect(elementsOf(stream.pipe(TextStream.reasoning, TextStream.running))).toEqual(["Let me ", "Let me see."])
  })

  it("starts again for each run", () => {
    const lines = TextStream.lines(stream)
    expect(elementsOf(lines)).toEqual(elementsOf(lines))
  })

  it("keeps the chunks of a read together", () => {
    const oneRead = Stream.fromChunk(Chunk.fromIterable(["a\nb", "c\nd\n", "e"]))
    const reads = Effect.runSync(Stream.runCollect(Stream.chunks(TextStream.lines(oneRead))))
    expect(Chunk.toReadonlyArray(Chunk.map(reads, Chunk.toReadonlyArray))).toEqual([["a", "bc", "d"], ["e"]])
  })

  it.effect("interrupts its source when the consumer stops", () =>
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
  it("end at LF, at CRLF, even if it is split, and at the end of the stream", () => {
    const lines = (...pieces: ReadonlyArray<string>) => elementsOf(TextStream.lines(answer(...pieces)))
    expect(lines("one\ntw", "o\r", "\n\nfo", "ur")).toEqual(["one", "two", "", "four"])
    expect(lines("one\r\n")).toEqual(["one"])
    expect(lines("\n\n")).toEqual(["", ""])
    expect(lines("a\rb\r")).toEqual(["a\rb\r"])
    expect(lines()).toEqual([])
  })

  it("are the same wherever the text is split", () => {
    const text = "one\r\n\r\ntwo\nthree\r\rfour\n\n5"
    const expected = ["one", "", "two", "three\r\rfour", "", "5"]
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.nat()), (places) => {
        expect(elementsOf(TextStream.lines(answer(...cutAt(text, places))))).toEqual(expected)
      })
    )
  })

  it("emit the unfinished rest before a failure", () => {
    expect(read(TextStream.lines(broken("one\ntwo")))).toEqual({ elements: ["one", "two"], error: cut })
  })
})

describe("sentences", () => {
  const sentences = (...pieces: ReadonlyArray<string>) => elementsOf(TextStream.sentences()(answer(...pieces)))

  it("keep the whitespace between them, so that joined they equal the text", () => {
    expect(sentences("It costs 3.", "50 euros, e.g. for ", "tea. Really?  Yes!\n", "So be it")).toEqual([
      "It costs 3.50 euros, e.g. for tea. ",
      "Really?  ",
      "Yes!\n",
      "So be it"
    ])
  })

  it("are split in languages without spaces, and by the rules of a given locale", () => {
    expect(sentences("今日は晴れ。明日", "は雨。")).toEqual(["今日は晴れ。", "明日は雨。"])
    const greek = answer("Πού είσαι; Εδώ ", "είμαι.").pipe(TextStream.sentences({ locale: "el" }))
    expect(elementsOf(greek)).toEqual(["Πού είσαι; ", "Εδώ είμαι."])
  })

  it("are emitted as soon as no further text can extend them, and not before", () => {
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

  it("equal those of Intl.Segmenter, wherever the text is split", () => {
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

  it("are found in a single large piece, and in a text where no sentence ends", () => {
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

  it("segment only the unfinished end, however long the text", () => {
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

  it("emit the unfinished rest before a failure", () => {
    expect(read(TextStream.sentences()(broken("One. Two. Thr")))).toEqual({
      elements: ["One. ", "Two. ", "Thr"],
      error: cut
    })
  })

  it("throw a RangeError at once for an invalid locale", () => {
    expect(() => TextStream.sentences({ locale: "no such language" })).toThrow(RangeError)
  })
})

describe("bytes", () => {
  it("encode the text as UTF-8, and join surrogate pairs that are split across pieces", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true })
    const bytes = elementsOf(TextStream.bytes(answer("né ", "\ud83d", "\ude00", "!")))
    expect(decoder.decode(Buffer.concat(bytes))).toBe("né 😀!")
    expect(bytes).toHaveLength(3)
    expect(Buffer.concat(elementsOf(TextStream.bytes(answer("a\ud83d")))).toString()).toBe("a\ufffd")
  })
})
