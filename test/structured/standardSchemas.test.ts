import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Chunk, Effect, Schema, Stream } from "effect"
import { LLMClient, LLMError, type StandardJsonSchema, type StandardSchema } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { Tool } from "llm-connectivity/tools"
import { z } from "zod"
import { hello } from "../support/openai.js"

const Recipe = z.object({
  title: z.string(),
  minutes: z.number().min(1),
  steps: z.array(z.object({ text: z.string() })),
  kind: z.union([z.literal("hot"), z.literal("cold")]).optional()
})
const soup = { title: "Soup", minutes: 30, steps: [{ text: "Boil" }] }
const text = JSON.stringify(soup)

describe("a schema of several parts", () => {
  it.effect("is sent with open parts, as a closed one would forbid the properties of the others", () =>
    Effect.gen(function* () {
      const part = (name: string) => ({ type: "object", properties: { [name]: { type: "object", properties: {} } } })
      const parts: StandardJsonSchema<unknown, unknown> = {
        "~standard": {
          version: 1,
          vendor: "test",
          jsonSchema: { input: () => ({ allOf: [part("one"), { allOf: [part("other")] }] }) }
        }
      }
      yield* LLMClient.chatObject(parts, hello)
      const [request] = yield* MockLLM.requests
      const sent = (name: string) => ({
        type: "object",
        properties: { [name]: { type: "object", properties: {}, additionalProperties: false } }
      })
      expect(request?.responseFormat).toMatchObject({ schema: { allOf: [sent("one"), { allOf: [sent("other")] }] } })
      expect(JSON.stringify(request).match(/additionalProperties/g)).toHaveLength(2)
    }).pipe(Effect.provide(MockLLM.layer([["{}"]])))
  )
})

describe("a schema of zod", () => {
  it.effect("is sent as closed JSON Schema, and decodes the object with its types", () =>
    Effect.gen(function* () {
      const { object, attempts } = yield* LLMClient.chatObject(Recipe, hello)
      expectTypeOf(object).toEqualTypeOf<z.output<typeof Recipe>>()
      expect([object, attempts]).toEqual([soup, 1])
      const [request] = yield* MockLLM.requests
      expect(request?.responseFormat).toMatchObject({
        type: "json",
        schema: {
          type: "object",
          required: ["title", "minutes", "steps"],
          additionalProperties: false,
          properties: { steps: { items: { additionalProperties: false } } }
        }
      })
      expect(JSON.stringify(request)).not.toContain("$schema")
    }).pipe(Effect.provide(MockLLM.layer([[text]])))
  )

  it.effect("gives partial objects with values of the right kind only", () =>
    Effect.gen(function* () {
      const seen = yield* Stream.runCollect(LLMClient.chatObjectStream(Recipe, hello))
      const [first, ...others] = Chunk.toReadonlyArray(seen).map(({ object }) => object)
      expectTypeOf(first?.title).toEqualTypeOf<string | undefined>()
      expect(first).toEqual({ title: "So" })
      expect(others).toContainEqual({ title: "Soup", steps: [{ text: "Bo" }] })
      expect(others.at(-1)).toEqual(soup)
    }).pipe(
      Effect.provide(
        MockLLM.layer([['{"title":"So', 'up","steps":[{"text":"Bo', 'il"}],"kind":null'.slice(0, 5), ',"minutes":30}']])
      )
    )
  )

  it.effect("fails with the place of what does not fit, without the value", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(LLMClient.chatObject(Recipe, hello))
      expect(error._tag).toBe("ProviderError")
      expect(error.message).toContain("does not fit the schema: steps.0.text")
      expect(error.message).not.toContain("secret")
      expect(LLMError.partial(error)?.content).toContain("secret")
    }).pipe(Effect.provide(MockLLM.layer([['{"title":"secret","minutes":1,"steps":[{"text":3}]}']])))
  )

  it.effect("that validates by a promise is awaited", () =>
    Effect.gen(function* () {
      const Known = Recipe.refine(async ({ title }) => title === "Soup", { path: ["title"] })
      expect((yield* LLMClient.chatObject(Known, hello)).object).toEqual(soup)
      const error = yield* Effect.flip(LLMClient.chatObject(Known, hello))
      expect(error.message).toContain("does not fit the schema: title")
    }).pipe(Effect.provide(MockLLM.layer([[text], [text.replace("Soup", "Stew")]])))
  )

  it.effect("that JSON Schema cannot express is a ValidationError, and takes { schema, jsonSchema }", () =>
    Effect.gen(function* () {
      const Dated = z.object({ made: z.date() })
      const error = yield* Effect.flip(LLMClient.chatObject(Dated, hello))
      expect([error._tag, yield* MockLLM.requests]).toEqual(["ValidationError", []])
      expect(error.message).toContain(
        "zod schema that JSON Schema cannot express (Date cannot be represented in JSON Schema)"
      )
      const jsonSchema = { type: "object", properties: { made: { type: "string" } } }
      const Made = z.object({ made: z.coerce.date() })
      const { object } = yield* LLMClient.chatObject({ schema: Made, jsonSchema }, hello)
      expectTypeOf(object).toEqualTypeOf<{ made: Date }>()
      expect(object).toEqual({ made: new Date(0) })
      expect((yield* MockLLM.requests)[0]?.responseFormat).toEqual({ type: "json", schema: jsonSchema })
    }).pipe(Effect.provide(MockLLM.layer([['{"made":"1970-01-01T00:00:00Z"}']])))
  )
})

describe("what is no schema with JSON Schema", () => {
  const { jsonSchema: _, ...standard } = z.object({ title: z.string() })["~standard"]

  it.effect.each([
    ["an older zod", { "~standard": standard }, "has a zod schema without JSON Schema; use zod 4.2 or later"],
    ["fields", { city: Schema.String }, "is not a schema; for fields, write Schema.Struct({ … })"]
  ] as const)("is a ValidationError that says what to use: %s", ([, schema, problem]) =>
    Effect.gen(function* () {
      // @ts-expect-error the compiler rejects it; programs in JavaScript have none
      const error = yield* Effect.flip(LLMClient.chatObject(schema, hello))
      expect([error._tag, yield* MockLLM.requests]).toEqual(["ValidationError", []])
      expect(error.message).toContain(problem)
    }).pipe(Effect.provide(MockLLM.layer(["{}"])))
  )

  it.effect("is neither sent as the parameters of a tool", () =>
    Effect.gen(function* () {
      const tool = Tool.make("older", { parameters: { "~standard": standard }, execute: () => Effect.void })
      expect(yield* Effect.flip(tool.definition)).toContain("tools: older has a zod schema without JSON Schema")
    })
  )
})

it.effect("a tool takes the same schemas", () =>
  Effect.gen(function* () {
    const plain: StandardSchema<unknown, { readonly city: string }> = Schema.standardSchemaV1(
      Schema.Struct({ city: Schema.String })
    )
    const jsonSchema = { type: "object", properties: { city: { type: "string" } } }
    const tool = Tool.make("weather", {
      parameters: { schema: plain, jsonSchema },
      execute: ({ city }) => {
        expectTypeOf(city).toEqualTypeOf<string>()
        return Effect.succeed(city)
      }
    })
    expect((yield* tool.definition).parameters).toEqual(jsonSchema)
    expect(yield* tool.decode({ city: "Oslo" })).toEqual({ city: "Oslo" })
    expect(yield* Effect.flip(tool.decode({ city: 3 }))).toContain("city: ")
    const dated = Tool.make("dated", { parameters: z.object({ made: z.date() }), execute: () => Effect.void })
    expect(yield* Effect.flip(dated.definition)).toContain("tools: dated has a zod schema")
  })
)
