import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import { extractReasoning, type ReasoningTagOptions, StreamChunk } from "llm-connectivity"

/** The reasoning and the content of texts that arrive as these pieces. */
const split = (pieces: ReadonlyArray<string>, options?: ReasoningTagOptions) =>
  Stream.fromIterable([
    ...pieces.map((content) => StreamChunk.make({ content })),
    StreamChunk.make({ finishReason: "stop" })
  ]).pipe(
    Stream.rechunk(1),
    extractReasoning(options),
    Stream.runCollect,
    Effect.map((chunks) => ({
      reasoning: Chunk.toReadonlyArray(chunks)
        .map((chunk) => chunk.reasoning)
        .join(""),
      content: Chunk.toReadonlyArray(chunks)
        .map((chunk) => chunk.content)
        .join(""),
      last: Chunk.unsafeLast(chunks).finishReason
    }))
  )

describe("extractReasoning", () => {
  it.effect.each<readonly [string, string, string, string]>([
    ["plain text", "Hello", "", "Hello"],
    ["tags", "<think>hm</think>Hello", "hm", "Hello"],
    ["nested tags", "<think>a<think>b</think>c</think>d", "abc", "d"],
    ["an unclosed tag", "Hi<think>hm", "hm", "Hi"],
    ["several tags", "<think>a</think>b<think>c</think>d", "ac", "bd"],
    ["what only resembles a tag", "1 < 2 <thin </think><<think>x</think>", "x", "1 < 2 <thin </think><"]
  ])("separates %s, wherever they are cut", ([, text, reasoning, content]) =>
    Effect.gen(function* () {
      for (let at = 0; at <= text.length; at++) {
        expect(yield* split([text.slice(0, at), text.slice(at)])).toEqual({ reasoning, content, last: "stop" })
      }
      expect(yield* split(Array.from(text))).toEqual({ reasoning, content, last: "stop" })
    })
  )

  it.effect("takes another tag, and text that begins inside it", () =>
    Effect.gen(function* () {
      const options = { tag: "reason", startsInside: true }
      expect(yield* split(["hm</rea", "son>Hi"], options)).toMatchObject({ reasoning: "hm", content: "Hi" })
    })
  )

  it.effect("leaves out the ranges of sources where it has moved text, as they count with the tags", () =>
    Effect.gen(function* () {
      const sources = [{ url: "https://example.com/", range: { start: 0, end: 2 } }]
      const sourcesAfter = (content: string) =>
        Stream.fromIterable([{ content }, { sources }, { finishReason: "stop" as const, sources }]).pipe(
          Stream.map((chunk) => StreamChunk.make(chunk)),
          extractReasoning(),
          Stream.runCollect,
          Effect.map((chunks) => Chunk.toReadonlyArray(chunks).flatMap((chunk) => chunk.sources ?? []))
        )
      expect(yield* sourcesAfter("Hi <b>you</b>")).toEqual([...sources, ...sources])
      const moved = { url: "https://example.com/" }
      expect(yield* sourcesAfter("<think>hm</think>Hi")).toEqual([moved, moved])
    })
  )
})
