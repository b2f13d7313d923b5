/** A schema is sent in the form that each protocol takes, so that the same `effect/Schema` works with all. */
import { Either, Schema } from "effect"
import { describe, expect, it } from "vitest"
import * as AnthropicMessages from "../../src/protocol/anthropic-messages/protocol.js"
import * as madeSchema from "../../src/protocol/effectJsonSchema.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import { isStrict } from "../../src/protocol/strictSchema.js"
import { questionOf } from "../support/preparedRequest.js"

const Age = Schema.Int.pipe(Schema.between(18, 99))
const Person = Schema.Struct({ name: Schema.NonEmptyString, age: Age, tags: Schema.Array(Schema.String) })

interface Tree {
  readonly value: number
  readonly children: ReadonlyArray<Tree>
}
const Tree: Schema.Schema<Tree> = Schema.Struct({
  value: Age,
  children: Schema.Array(Schema.suspend((): Schema.Schema<Tree> => Tree))
}).annotations({ identifier: "Tree" })

const jsonOf = (schema: Schema.Schema.AnyNoContext) => Either.getOrThrow(madeSchema.make(schema, "test"))

describe("an effect/Schema as JSON Schema", () => {
  it("has no reference with sibling keywords, which OpenAI and Gemini reject", () => {
    expect(jsonOf(Person)).toEqual({
      type: "object",
      required: ["name", "age", "tags"],
      properties: {
        name: { $ref: "#/$defs/NonEmptyString" },
        age: {
          type: "integer",
          description: "a number between 18 and 99",
          title: "between(18, 99)",
          minimum: 18,
          maximum: 99
        },
        tags: { type: "array", items: { type: "string" } }
      },
      additionalProperties: false,
      $defs: {
        NonEmptyString: { type: "string", description: "a non empty string", title: "nonEmptyString", minLength: 1 }
      }
    })
  })

  it("is rejected with its location if JSON Schema cannot express it", () => {
    expect(madeSchema.make(Schema.Struct({ when: Schema.DateFromSelf }), "tools: clock")).toEqual(
      Either.left(
        'tools: clock has an effect/Schema that JSON Schema cannot express at ["when"]; give it a jsonSchema annotation'
      )
    )
  })

  it("is complete for a class whose name has slashes and tildes", () => {
    class Place extends Schema.Class<Place>("@example/~places/Place")({ city: Schema.String }) {}
    const place = { type: "object", required: ["city"], properties: { city: { type: "string" } } }
    expect(jsonOf(Place)).toEqual({ ...place, additionalProperties: false })
    expect(jsonOf(Schema.Struct({ from: Place, to: Place }))).toMatchObject({
      properties: { from: { $ref: "#/$defs/@example~1~0places~1Place" } },
      $defs: { "@example/~places/Place": place }
    })
  })

  it("keeps the references of a recursive schema", () => {
    const json = JSON.stringify(jsonOf(Tree))
    expect(json).toContain('"items":{"$ref":"#/$defs/Tree"}')
    expect(json).toContain('"minimum":18')
    expect(json).not.toContain("#/$defs/Int")
  })
})

describe("OpenAI's strict mode", () => {
  const closed = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false }

  it.each([
    ["a closed object with all properties required", closed, true],
    ["what effect/Schema makes", jsonOf(Person), true],
    [
      "a property that is named like a keyword",
      { ...closed, properties: { not: { type: "string" } }, required: ["not"] },
      true
    ],
    ["an optional property", { ...closed, required: [] }, false],
    ["an open object", { ...closed, additionalProperties: true }, false],
    ["an open object inside", { ...closed, properties: { a: { type: "object" } } }, false],
    ["a keyword that it rejects", { ...closed, properties: { a: { allOf: [{ type: "string" }] } } }, false],
    ["a reference beside which something stands", { ...closed, properties: { a: { $ref: "#", title: "a" } } }, false]
  ])("accepts or rejects %s", (_, schema, expected) => {
    expect(isStrict(schema)).toBe(expected)
  })

  it("is requested only for schemas that it accepts", () => {
    const protocol = OpenAIChat.make({ provider: "openai", maxTokensField: "max_tokens" })
    const messages = [{ role: "user", content: "Hi" } as const]
    const Short = Schema.Struct({ map: Schema.Record({ key: Schema.String, value: Schema.Number }) })
    const strictOf = (schema: Schema.Schema.AnyNoContext) =>
      Either.getOrThrow(
        protocol.encode(questionOf({ model: "m", messages, responseFormat: { type: "json", schema } }), false)
      ).body["response_format"]
    expect(strictOf(Person)).toMatchObject({ json_schema: { strict: true } })
    expect(strictOf(Short)).toMatchObject({ json_schema: { strict: false } })
  })
})

describe("Anthropic's structured outputs", () => {
  const protocol = AnthropicMessages.make({ provider: "anthropic" })
  const formatOf = (schema: Schema.Schema.AnyNoContext | { readonly [key: string]: unknown }): unknown => {
    const messages = [{ role: "user", content: "Hi" } as const]
    const request = { model: "claude-sonnet-4-5", messages, responseFormat: { type: "json", schema } as const }
    return Either.getOrThrow(protocol.encode(questionOf(request), false)).body["output_config"]
  }

  it("get bounds as a description if the response is decoded with an effect/Schema", () => {
    expect(formatOf(Person)).toMatchObject({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          additionalProperties: false,
          properties: {
            age: { type: "integer", description: "a number between 18 and 99 {minimum: 18, maximum: 99}" },
            tags: { type: "array", items: { type: "string" } }
          },
          $defs: { NonEmptyString: { type: "string", description: "a non empty string {minLength: 1}" } }
        }
      }
    })
    expect(JSON.stringify(formatOf(Person))).not.toMatch(/"(?:minimum|maximum|minLength)"/)
  })

  it("get a JSON Schema of the caller unchanged", () => {
    const schema = { type: "object", properties: { age: { type: "integer", minimum: 18 } } }
    expect(formatOf(schema)).toEqual({ effort: undefined, format: { type: "json_schema", schema } })
  })
})
