import { expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { JsonSchemaShape } from "../../src/structured/JsonSchemaShape.js"
import { decoderOf } from "../../src/structured/SchemaProblem.js"

const decode = decoderOf(Schema.Struct({ names: Schema.Array(Schema.String) }))
const problemsOf = (names: ReadonlyArray<unknown>) => Effect.flip(decode({ names }))

it.effect("all problems of a value are found, but only the first one of a very large value", () =>
  Effect.gen(function* () {
    expect(yield* problemsOf([1, "a", 2])).toMatchObject([{ path: "names.0" }, { path: "names.2" }])
    const large = Array.from({ length: 100_000 }, () => 1)
    expect(yield* problemsOf(large)).toMatchObject([{ path: "names.0" }])
    expect(yield* decode({ names: large.map(String) })).toMatchObject({ names: { length: 100_000 } })
  })
)

it("the items of a list share the shape of a JSON Schema, except for those at fixed positions", () => {
  const shape = new JsonSchemaShape({
    type: "array",
    prefixItems: [{ type: "string" }, { type: "boolean" }],
    items: { type: "number" }
  })
  expect([0, 1, 2].map((index) => shape.item(index).allows("boolean"))).toEqual([false, true, false])
  expect(shape.item(99)).toBe(shape.item(2))
})
