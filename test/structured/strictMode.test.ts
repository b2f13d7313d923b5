/** What each protocol sends of the kinds of schemas, and that answers to it decode. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Schema, Stream } from "effect"
import { elements, LLMClient } from "llm-connectivity"
import { z } from "zod"
import { protocolNames } from "../resilience/ask.js"
import { asking, bodies, protocols } from "../support/contract.js"

interface Tree {
  readonly name: string
  readonly children: ReadonlyArray<Tree>
}

const Tree = Schema.Struct({
  name: Schema.String,
  children: Schema.Array(Schema.suspend((): Schema.Schema<Tree> => Tree))
}).annotations({ identifier: "Tree" })

const Shape = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("circle"), label: Schema.optional(Schema.String), radius: Schema.Number }),
  Schema.Struct({ kind: Schema.Literal("line"), label: Schema.NullOr(Schema.String) })
)

/** A schema, an answer that strict mode allows, and what it decodes to; and why the schema is sent without strict mode. */
const kinds: ReadonlyArray<
  readonly [
    string,
    Schema.Schema.AnyNoContext,
    { readonly answer: unknown; readonly object: unknown; readonly unstrict?: string }
  ]
> = [
  [
    "recursion",
    Tree,
    {
      answer: { name: "root", children: [{ name: "leaf", children: [] }] },
      object: { name: "root", children: [{ name: "leaf", children: [] }] }
    }
  ],
  [
    "unions, whose optional property is nullable in another member",
    Schema.Struct({ shapes: Schema.Array(Shape) }),
    {
      answer: {
        shapes: [
          { kind: "circle", label: null, radius: 1 },
          { kind: "line", label: null }
        ]
      },
      object: {
        shapes: [
          { kind: "circle", radius: 1 },
          { kind: "line", label: null }
        ]
      }
    }
  ],
  [
    "optional properties",
    Schema.Struct({
      city: Schema.optional(Schema.String),
      size: Schema.optionalWith(Schema.Int, { default: () => 3 }),
      inner: Schema.optional(Schema.Struct({ note: Schema.optional(Schema.String) }))
    }),
    { answer: { city: null, size: null, inner: { note: null } }, object: { size: 3, inner: {} } }
  ],
  [
    "nullable properties, optional or not",
    Schema.Struct({ city: Schema.NullOr(Schema.String), state: Schema.optional(Schema.NullOr(Schema.String)) }),
    { answer: { city: null, state: null }, object: { city: null, state: null } }
  ],
  [
    "transformations",
    Schema.Struct({ count: Schema.NumberFromString, price: Schema.optional(Schema.NumberFromString) }),
    { answer: { count: "4", price: null }, object: { count: 4 } }
  ],
  [
    "annotations",
    Schema.Struct({ age: Schema.Int.annotations({ title: "Age", description: "Age in years", examples: [7] }) }),
    { answer: { age: 7 }, object: { age: 7 } }
  ],
  [
    "records",
    Schema.Struct({ sums: Schema.Record({ key: Schema.String, value: Schema.Number }) }),
    { answer: { sums: { a: 1 } }, object: { sums: { a: 1 } }, unstrict: "properties.sums allows other properties" }
  ],
  [
    "tuples",
    Schema.Struct({ point: Schema.Tuple(Schema.Number, Schema.Number) }),
    { answer: { point: [1, 2] }, object: { point: [1, 2] }, unstrict: "properties.point is a tuple" }
  ],
  [
    "values of any type",
    Schema.Struct({ any: Schema.Unknown }),
    { answer: { any: 1 }, object: { any: 1 }, unstrict: "properties.any allows any value" }
  ],
  [
    "a root that is no object",
    Schema.Array(Schema.String),
    { answer: ["a"], object: ["a"], unstrict: "its root is not an object" }
  ]
]

/** Where each protocol has its format and its schema. */
const places: { readonly [Name in (typeof protocolNames)[number]]: ReadonlyArray<string> } = {
  "openai-chat": ["response_format", "json_schema"],
  "openai-responses": ["text", "format"],
  "anthropic-messages": ["output_config", "format"],
  "google-gemini": ["generationConfig"]
}

const Sent = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/** The format that was sent, with its schema. */
const formatIn = (name: keyof typeof places, body: unknown) => {
  const format = places[name].reduce((value, field) => decodeSent(value[field]), decodeSent(body))
  return { strict: format["strict"], schema: decodeSent(format["schema"] ?? format["responseJsonSchema"]) }
}

const decodeSent = Schema.decodeUnknownSync(Sent)

describe.each(protocolNames)("structured output over %s", (name) => {
  const isOpenAI = name.startsWith("openai")

  it.effect.each(kinds)("sends and decodes %s", ([, schema, { answer, object, unstrict }]) =>
    Effect.gen(function* () {
      const response = yield* LLMClient.chatObject(schema, { messages: [{ role: "user", content: "Go" }] })
      expect(response.object).toEqual(object)
      const format = formatIn(name, (yield* bodies)[0])
      expect(format.strict).toBe(isOpenAI ? unstrict === undefined : undefined)
      expect(response.warnings).toEqual(
        isOpenAI && unstrict !== undefined ? [`the schema was sent without strict mode: ${unstrict}`] : undefined
      )
      if (format.strict === true) {
        for (const { required, properties } of objectsIn(format.schema)) {
          expect(required).toEqual(Object.keys(properties ?? {}))
        }
      }
    }).pipe(asking(protocols[name], [JSON.stringify(answer)]))
  )

  it.effect("leaves optional properties optional where no strict mode wants them required", () =>
    Effect.gen(function* () {
      const Place = Schema.Struct({ city: Schema.String, state: Schema.optional(Schema.String) })
      const messages = [{ role: "user", content: "Go" } as const]
      yield* LLMClient.chat({ messages, responseFormat: { type: "json", schema: Place } })
      yield* LLMClient.chatObject(Place, { messages })
      const [plain, object] = (yield* bodies).map((body) => formatIn(name, body).schema)
      expect(plain?.["required"]).toEqual(["city"])
      expect(object?.["required"]).toEqual(isOpenAI ? ["city", "state"] : ["city"])
    }).pipe(asking(protocols[name], () => '{"city":"Rome"}'))
  )
})

/** Every schema of an object inside. */
const objectsIn = (schema: unknown): ReadonlyArray<{ readonly required?: unknown; readonly properties?: object }> => {
  if (typeof schema !== "object" || schema === null) return []
  const inner = Object.values(schema).flatMap(objectsIn)
  return "properties" in schema && typeof schema.properties === "object" && schema.properties !== null
    ? [{ ...schema, properties: schema.properties }, ...inner]
    : inner
}

describe("nulls in place of optional properties", () => {
  const messages = [{ role: "user", content: "Go" } as const]

  it.effect("are removed for zod too", () =>
    Effect.gen(function* () {
      const Pair = z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a"), note: z.string().optional() }),
        z.object({ kind: z.literal("b"), note: z.string().nullable() })
      ])
      const { object } = yield* LLMClient.chatObject(z.object({ pairs: z.array(Pair) }), { messages })
      expect(object).toEqual({ pairs: [{ kind: "a" }, { kind: "b", note: null }] })
    }).pipe(asking(protocols["openai-chat"], ['{"pairs":[{"kind":"a","note":null},{"kind":"b","note":null}]}']))
  )

  it.effect("stay where the schema requires the property, which does not fit", () =>
    Effect.gen(function* () {
      const answer = yield* Effect.either(LLMClient.chatObject(Schema.Struct({ city: Schema.String }), { messages }))
      expect(Either.getLeft(answer)).toMatchObject({ value: { message: expect.stringContaining("city") } })
    }).pipe(asking(protocols["openai-chat"], ['{"city":null}']))
  )

  it.effect("are not requested for a JSON Schema that the caller wrote", () =>
    Effect.gen(function* () {
      const jsonSchema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false }
      const schema = z.object({ a: z.string().optional() })
      const { warnings } = yield* LLMClient.chatObject({ schema, jsonSchema }, { messages })
      expect(formatIn("openai-chat", (yield* bodies)[0]).schema).toEqual(jsonSchema)
      expect(warnings).toEqual(["the schema was sent without strict mode: its root has the optional property a"])
    }).pipe(asking(protocols["openai-chat"], ["{}"]))
  )

  it.effect("do not hide the warnings of an answer that was repaired", () =>
    Effect.gen(function* () {
      const Sums = Schema.Struct({ sums: Schema.Record({ key: Schema.String, value: Schema.Number }) })
      const { attempts, warnings } = yield* LLMClient.chatObject(Sums, { messages }, { repair: { times: 1 } })
      expect([attempts, warnings?.length]).toEqual([2, 1])
    }).pipe(asking(protocols["openai-chat"], ["{}", '{"sums":{}}']))
  )

  it.effect("are removed from the elements of a list, as each is complete", () =>
    Effect.gen(function* () {
      const Shapes = Schema.Struct({ shapes: Schema.Array(Shape) })
      const all = yield* LLMClient.chatObjectStream(Shapes, { messages }).pipe(elements("shapes"), Stream.runCollect)
      expect(Array.from(all)).toEqual([
        { kind: "circle", radius: 1 },
        { kind: "line", label: null }
      ])
    }).pipe(
      asking(protocols["openai-responses"], [
        '{"shapes":[{"kind":"circle","label":null,"radius":1},{"kind":"line","label":null}]}'
      ])
    )
  )
})
