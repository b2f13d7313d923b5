/**
 * Brings an event of another shape into the shape of its schema, without losing output: numbers written as text, ids
 * written as numbers, `null` in a list, nothing written as `""`, `false` or `[]`. Only events that their
 * schema rejects come here, so that other events pay nothing.
 */
import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import { isObject } from "../http/Json.js"

/** Returns the value in the shape of the schema, as far as that is possible; the schema still decides. */
export const coerce = <A>(schema: Schema.Schema<A>, value: unknown): unknown => coerced(schema.ast, value, "")

const coerced = (ast: SchemaAST.AST, value: unknown, name: string): unknown => {
  switch (ast._tag) {
    case "Suspend":
      return coerced(ast.f(), value, name)
    case "Union":
      return coercedToAny(ast.types, value, name)
    case "StringKeyword":
      return typeof value === "number" && isId.test(name) ? String(value) : value
    case "NumberKeyword":
      return typeof value === "string" && /^\s{0,9}-?\d{1,15}(?:\.\d{1,15})?\s{0,9}$/.test(value)
        ? Number(value)
        : value
    case "BooleanKeyword":
      return value === "true" ? true : value === "false" ? false : value
    case "TupleType":
      return coercedList(ast, value, name)
    case "TypeLiteral":
      return isObject(value) ? coercedObject(ast, value) : value
    default:
      return value
  }
}

// Only ids: a number in place of output text stays an error.
const isId = /(?:^|_)id$/

/** Fields that hold no output: what cannot be read of them is left out. */
const isMeta = /^(?:model|usage|x_groq|object)$|_details$/

const coercedObject = (ast: SchemaAST.TypeLiteral, value: { readonly [key: string]: unknown }): unknown => {
  const result: { [key: string]: unknown } = { ...value }
  for (const { name, type } of ast.propertySignatures) {
    if (typeof name !== "string" || value[name] === undefined) continue
    const next = coerced(type, value[name], name)
    if (fits(type, next)) result[name] = next
    else if (isNothing(next) || isMeta.test(name)) delete result[name]
    else result[name] = next
  }
  return result
}

/** Wrong types of other languages for a value that is missing. */
const isNothing = (value: unknown): boolean =>
  value === "" || value === false || (Array.isArray(value) && value.length === 0)

const coercedList = ({ rest }: SchemaAST.TupleType, value: unknown, name: string): unknown => {
  const type = rest[0]?.type
  if (type === undefined || !Array.isArray(value)) return value
  return value.filter((each) => each !== null).map((each) => coerced(type, each, name))
}

const coercedToAny = (types: ReadonlyArray<SchemaAST.AST>, value: unknown, name: string): unknown => {
  if (types.some((type) => fits(type, value))) return value
  let partly: unknown
  for (const type of types) {
    const next = coerced(type, value, name)
    if (fits(type, next)) return next
    // Not all of it can be brought into shape, but its parts may be.
    if (type._tag === "TypeLiteral") partly ??= next
  }
  return partly ?? value
}

/** Checks the shape of a value; the members of objects are checked by the schema. */
const fits = (ast: SchemaAST.AST, value: unknown): boolean => {
  switch (ast._tag) {
    case "Suspend":
      return fits(ast.f(), value)
    case "Union":
      return ast.types.some((type) => fits(type, value))
    case "StringKeyword":
      return typeof value === "string"
    case "NumberKeyword":
      return typeof value === "number"
    case "BooleanKeyword":
      return typeof value === "boolean"
    case "UndefinedKeyword":
      return value === undefined
    case "Literal":
      return value === ast.literal
    case "TupleType":
      return Array.isArray(value) && value.every((each) => ast.rest.every(({ type }) => fits(type, each)))
    case "TypeLiteral":
      return (
        isObject(value) &&
        ast.propertySignatures.every(
          ({ name, type, isOptional }) =>
            typeof name !== "string" || (value[name] === undefined ? isOptional : fits(type, value[name]))
        )
      )
    default:
      return true
  }
}
