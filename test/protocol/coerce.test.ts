/** Brings events into the shape of their schema: the members of unions are tried once. */
import { expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { coerce } from "../../src/protocol/coerce.js"

/** `required` is missing on every level, so that no member of any union fits. */
const nested = (depth: number): Schema.Schema<unknown> =>
  Schema.make(
    depth === 0
      ? Schema.Struct({ count: Schema.Number }).ast
      : Schema.Struct({ inner: Schema.NullOr(nested(depth - 1)), required: Schema.Number }).ast
  )

const sent = (depth: number): object => (depth === 0 ? { count: "7" } : { inner: sent(depth - 1) })

it("takes no exponential time where no member of a union fits", () => {
  expect(JSON.stringify(coerce(nested(40), sent(40)))).toContain('{"count":7}')
})
