import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { NetworkError, StreamChunk } from "llm-connectivity"
import type { Pull } from "../../../src/domain/ChatStream.js"
import { Read } from "../../../src/domain/Read.js"
import { beforeFirst, type Watcher, watchPull } from "../../../src/provider/engine/watchPull.js"

const named = { provider: "test", model: "m", reason: "Truncated" } as const
const broken = new NetworkError({ ...named, message: "cut" })

/** A response that fails after its reads. */
const pullOf = (...texts: ReadonlyArray<string>): Pull => {
  const reads = texts.map((content) => [StreamChunk.make({ content })])
  return Effect.suspend(() => {
    const read = reads.shift()
    return read === undefined ? Effect.fail(broken) : Effect.succeed(read)
  })
}

/** Adds a letter to what it sees. */
const marking = (letter: string): Watcher => ({
  onChunks: (chunks) => chunks.map((chunk) => ({ ...chunk, content: `${chunk.content}${letter}` })),
  onFailure: (error) => Effect.fail(new NetworkError({ ...named, message: `${error.message}${letter}` }))
})

const textOf = (chunks: ReadonlyArray<StreamChunk>): string => chunks.map(({ content }) => content).join("")

describe("watchPull", () => {
  it.effect("shows reads and the failure to each watcher in turn, with what the ones before it made of them", () =>
    Effect.gen(function* () {
      const pull = watchPull(watchPull(watchPull(pullOf("1", "2"), marking("a")), marking("b")), marking("c"))
      expect([textOf(yield* pull), textOf(yield* pull)]).toEqual(["1abc", "2abc"])
      expect((yield* Effect.flip(pull)).message).toBe("cutabc")
    })
  )

  it.effect("needs no effect for a read that needs none", () =>
    Effect.sync(() => {
      const source: Pull = Read.fromPoll(() => [StreamChunk.make({ content: "1" })])
      const poll = Read.pollOf(watchPull(watchPull(source, marking("a")), marking("b")))
      expect(poll(() => {})).toMatchObject([{ content: "1ab" }])
    })
  )

  it.effect("lets the caller and later watchers wait for the effect of a watcher, once per response", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const note = (what: string) =>
        Effect.zipRight(
          Effect.yieldNow(),
          Effect.sync(() => void order.push(what))
        )
      const noting: Watcher = {
        onChunks: (chunks) => {
          order.push(`read ${textOf(chunks)}`)
          return chunks
        },
        onFailure: Effect.fail
      }
      const reporting: Watcher = {
        onChunks: beforeFirst(({ content }) => content.startsWith("2"), note("report")),
        onFailure: Effect.fail
      }
      const pull = watchPull(watchPull(watchPull(pullOf("1", "2", "2"), marking("a")), reporting), noting)
      expect(textOf(yield* pull) + textOf(yield* pull) + textOf(yield* pull)).toBe("1a2a2a")
      expect(order).toEqual(["read 1a", "report", "read 2a", "read 2a"])
    })
  )

  it.effect("keeps the watchers of two responses apart", () =>
    Effect.gen(function* () {
      const source = Effect.succeed([StreamChunk.make({ content: "1" })])
      const [one, other] = [watchPull(source, marking("a")), watchPull(source, marking("b"))]
      expect([textOf(yield* one), textOf(yield* other)]).toEqual(["1a", "1b"])
    })
  )
})
