import { Arbitrary, FastCheck, Schema, SchemaAST } from "effect"
import { describe, expect, it } from "vitest"
import { ChatRequest } from "../../src/domain/ChatRequest.js"
import { compile, compileExact } from "../../src/domain/Check.js"
import { Event as MessagesEvent } from "../../src/protocol/anthropic-messages/schema.js"
import { Event as GeminiEvent } from "../../src/protocol/google-gemini/schema.js"
import { Event as ChatEvent } from "../../src/protocol/openai-chat/schema.js"
import { Event as ResponsesEvent } from "../../src/protocol/openai-responses/schema.js"

const schemas: ReadonlyArray<readonly [string, Schema.Schema<unknown>]> = [
  ["chat completions", Schema.typeSchema(ChatEvent)],
  ["Responses", Schema.typeSchema(ResponsesEvent)],
  ["Messages", Schema.typeSchema(MessagesEvent)],
  ["Gemini", Schema.typeSchema(GeminiEvent)]
] as ReadonlyArray<readonly [string, Schema.Schema<unknown>]> // their events are invariant, and here only values

/** Builds what generates the values of a schema once, where `Arbitrary.make` builds that of a suspended one for each value. */
const valuesOf = ({ ast }: Schema.Schema<unknown>): FastCheck.Arbitrary<unknown> =>
  Arbitrary.make(Schema.make(SchemaAST.isSuspend(ast) ? ast.f() : ast))

/** Every value in a value, each put in place of another somewhere: wrong in one place. */
const damaged = (value: unknown, path: ReadonlyArray<number>, poison: unknown): unknown => {
  const [step = 0, ...rest] = path
  if (typeof value !== "object" || value === null || path.length === 0) return poison
  const entries = Object.entries(value)
  if (entries.length === 0) return poison
  const at = step % entries.length
  const changed = entries.map(([key, inner], index) => [key, index === at ? damaged(inner, rest, poison) : inner])
  return Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed)
}

const poisons = FastCheck.constantFrom<unknown>(null, undefined, 0, Number.NaN, "", "x", true, [], {}, [null], { a: 1 })

/** Compares both on right values and on what becomes of them by damage; how much of that they reject. */
const rejectedOf = (
  is: (value: unknown) => boolean,
  check: (value: unknown) => boolean,
  right: FastCheck.Arbitrary<unknown>
): number => {
  let rejected = 0
  FastCheck.assert(
    FastCheck.property(right, FastCheck.array(FastCheck.nat(20), { maxLength: 6 }), poisons, (value, path, poison) => {
      expect(check(value)).toBe(true)
      const wrong = damaged(value, path, poison)
      if (!is(wrong)) rejected++
      expect(check(wrong)).toBe(is(wrong))
    }),
    { numRuns: 500 }
  )
  return rejected
}

const sample: ChatRequest = {
  messages: [
    { role: "system", content: "Be brief" },
    {
      role: "user",
      content: [
        { type: "text", text: "Hi", cache: "5m" },
        { type: "image", url: "https://a.b/c.png" }
      ]
    },
    { role: "assistant", content: [{ type: "tool-call", id: "1", name: "add", arguments: "{}" }] },
    { role: "tool", toolCallId: "1", content: "3" }
  ],
  maxTokens: 10,
  temperature: 0.5,
  stop: ["x"],
  tools: [{ name: "add", parameters: { type: "object" } }],
  toolChoice: { name: "add" },
  responseFormat: { type: "json", schema: Schema.Struct({ city: Schema.String }) },
  reasoning: { effort: "low" },
  providerOptions: { openai: { logprobs: true } }
}

describe("the exact check of a request", () => {
  const is = Schema.is(ChatRequest, { onExcessProperty: "error" })
  const check = compileExact(ChatRequest)

  it("accepts what the Schema accepts, and rejects all mutations that it rejects", () => {
    expect(rejectedOf(is, check, FastCheck.constant(sample))).toBeGreaterThan(50)
  })

  it("rejects misspelt, hidden and inherited fields", () => {
    const hidden = Object.defineProperty({ ...sample }, "maxTokens", { value: "ten", enumerable: false })
    for (const wrong of [{ ...sample, max_tokens: 1 }, { ...sample, [Symbol("own")]: 1 }, hidden]) {
      expect(check(wrong)).toBe(false)
      expect(is(wrong)).toBe(false)
    }
    expect(check(Object.create(sample))).toBe(false)
  })
})

describe("the compiled check agrees with the Schema", () => {
  it.each(schemas)("of %s, on generated and on damaged events", (_, schema) => {
    expect(rejectedOf(Schema.is(schema), compile(schema), valuesOf(schema))).toBeGreaterThan(20)
  })

  it("for every type of schema, compiled or not", () => {
    const schema = Schema.Struct({
      exact: Schema.optionalWith(Schema.String, { exact: true }),
      tuple: Schema.optional(Schema.Tuple(Schema.String, Schema.Number)),
      record: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Number })),
      refined: Schema.optional(Schema.NonEmptyString),
      either: Schema.Union(Schema.Literal("a", "b", 3, null), Schema.Array(Schema.Boolean)),
      anything: Schema.Unknown
    })
    const [is, check] = [Schema.is(schema), compile(schema)]
    const base = { either: "a", anything: undefined }
    for (const value of [
      base,
      { ...base, exact: undefined },
      { ...base, exact: "x", extra: 1 },
      { either: "a" },
      { ...base, tuple: ["a", 1] },
      { ...base, tuple: ["a"] },
      { ...base, record: { a: 1 } },
      { ...base, record: { a: "1" } },
      { ...base, refined: "" },
      { ...base, either: 3 },
      { ...base, either: "c" },
      { ...base, either: [true, 1] },
      null,
      [],
      "text"
    ]) {
      expect(check(value)).toBe(is(value))
    }
  })

  it("for unions of structs that a literal tells apart, two of which have the same, or one has none", () => {
    const circle = Schema.Struct({ type: Schema.Literal("circle"), radius: Schema.Number })
    const named = Schema.Struct({ type: Schema.Literal("circle"), name: Schema.String })
    const square = Schema.suspend(
      (): Schema.Schema<{ readonly type: "square"; readonly side: number }> =>
        Schema.Struct({ type: Schema.Literal("square"), side: Schema.Number })
    )
    const untagged = Schema.Struct({ type: Schema.optional(Schema.Literal("circle")), other: Schema.Boolean })
    const values = [
      { type: "circle", radius: 1 },
      { type: "circle", name: "one" },
      { type: "circle" },
      { type: "square", side: 1 },
      { type: "square", radius: 1 },
      { type: "oval", radius: 1 },
      { radius: 1 },
      { other: true },
      { type: undefined, other: true },
      { type: "circle", other: true },
      null,
      [],
      "circle"
    ]
    const unions: ReadonlyArray<Schema.Schema<unknown>> = [
      Schema.make(Schema.Union(circle, square, named).ast),
      Schema.make(Schema.Union(circle, untagged).ast)
    ]
    for (const schema of unions) {
      const [is, check, exact] = [Schema.is(schema), compile(schema), compileExact(schema)]
      expect(values.map((value) => check(value))).toEqual(values.map((value) => is(value)))
      const isExact = Schema.is(schema, { onExcessProperty: "error" })
      expect(values.filter((value) => exact(value) && !isExact(value))).toEqual([])
    }
  })
})
