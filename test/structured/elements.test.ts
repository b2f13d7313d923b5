import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Chunk, Effect, Schema, Stream } from "effect"
import { elements, LLMClient, LLMError, partialObjects } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { z } from "zod"
import { hello } from "../support/openai.js"
import { answer, cut } from "../support/pieces.js"

const Recipe = Schema.Struct({ title: Schema.String, made: Schema.Date })
const Recipes = Schema.Struct({ recipes: Schema.Array(Recipe), note: Schema.optional(Schema.String) })
const made = "2020-01-01T00:00:00.000Z"
const textOf = (title: string) => JSON.stringify({ title, made })
const listOf = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("elements", () => {
  it.effect("gives each element, decoded, as soon as it is complete", () =>
    Effect.gen(function* () {
      // The stream breaks before the list ends: both elements have been given.
      const broken = Stream.concat(
        answer(`{"recipes":[${textOf("Soup")},${textOf("Stew")}`).pipe(Stream.take(1)),
        Stream.fail(cut)
      )
      const seen: Array<unknown> = []
      const reading = broken.pipe(partialObjects(Recipes), elements("recipes"))
      expectTypeOf<Stream.Stream.Success<typeof reading>>().toEqualTypeOf<typeof Recipe.Type>()
      expect(yield* Effect.flip(Stream.runForEach(reading, (each) => Effect.sync(() => seen.push(each))))).toBe(cut)
      expect(seen).toEqual(["Soup", "Stew"].map((title) => ({ title, made: new Date(made) })))
    })
  )

  it.effect("reads the stream of a client, of classes and optional lists too", () =>
    Effect.gen(function* () {
      class Book extends Schema.Class<Book>("Book")({ recipes: Schema.optional(Schema.Array(Recipe)) }) {}
      const stream = LLMClient.chatObjectStream(Book, hello).pipe(elements("recipes"))
      expect((yield* listOf(stream)).map(({ title }) => title)).toEqual(["Soup", "Stew"])
    }).pipe(Effect.provide(MockLLM.layer([[`{"recipes":[${textOf("Soup")},`, `${textOf("Stew")}]}`]])))
  )

  it.effect("fails at the element that does not fit, and at what follows the list", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const reading = answer(`{"recipes":[${textOf("Soup")},{"title":"secret","made":"never"}]}`).pipe(
        partialObjects(Recipes),
        elements("recipes"),
        Stream.runForEach((each) => Effect.sync(() => seen.push(each)))
      )
      const error = yield* Effect.flip(reading)
      expect([error.message, seen.length]).toEqual(["the answer does not fit the schema: recipes.1.made", 1])
      expect(LLMError.partial(error)?.content).toContain("secret")
      const after = answer(`{"recipes":[${textOf("Soup")}],"note":3}`).pipe(
        partialObjects(Recipes),
        elements("recipes")
      )
      expect((yield* Effect.flip(listOf(after))).message).toContain("does not fit the schema: note")
    })
  )

  it.effect("gives no element of an answer that starts again twice, and leaves none out", () =>
    Effect.gen(function* () {
      const again = { content: '{"recipes":[', reset: true } as const
      const early = answer('{"recipes":[{"title":"So', again, `${textOf("Stew")}]}`)
      const titles = (yield* listOf(early.pipe(partialObjects(Recipes), elements("recipes")))).map(({ title }) => title)
      expect(titles).toEqual(["Stew"])
      const seen: Array<unknown> = []
      const late = answer(`{"recipes":[${textOf("Soup")},`, again, `${textOf("Stew")}]}`)
      const error = yield* late.pipe(
        partialObjects(Recipes),
        elements("recipes"),
        Stream.runForEach((each) => Effect.sync(() => seen.push(each.title))),
        Effect.flip
      )
      expect([error._tag, error.message, seen]).toEqual([
        "NetworkError",
        expect.stringContaining("elements cannot take back what came before"),
        ["Soup"]
      ])
    })
  )

  it.effect("needs an effect/Schema", () =>
    Effect.gen(function* () {
      const stream = answer("{}").pipe(partialObjects(z.object({ recipes: z.array(z.string()) })), elements("recipes"))
      expect((yield* Effect.flip(listOf(stream)))._tag).toBe("ValidationError")
      // @ts-expect-error: there is no such list
      answer("{}").pipe(partialObjects(Recipes), elements("books"))
    })
  )
})
