/** What a schema allows at each place of a JSON value, so that partial objects contain only values of the right kind. */
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { JsonObject } from "../http/Json.js"

/** The kinds of JSON values. */
export type Kind = "object" | "array" | "string" | "number" | "boolean" | "null"

/** The kinds of values that a schema allows at one place; none if the schema has no such place. */
export interface Shape {
  /** Whether the schema allows a value of this kind here. */
  readonly allows: (kind: Kind) => boolean
  /** Whether an object here may lack this key. */
  readonly isOptional: (key: string) => boolean
  /** The shape without the alternatives that the literals of an object rule out, such as those of a `_tag`. */
  readonly fitting: (value: JsonObject) => Shape
  /** The shape at a key of the object here. */
  readonly member: (key: string) => Shape
  /** The shape at a position of the list here. */
  readonly item: (index: number) => Shape
}

/** Makes shapes of schemas. */
export const Shape = {
  /** The shape of a schema's JSON, before it is decoded. */
  of: <A, I>(schema: Schema.Schema<A, I>): Shape => new SchemaShape([SchemaAST.encodedAST(schema.ast)])
} as const

/** The shape of an `effect/Schema`. */
class SchemaShape implements Shape {
  private readonly kinds: ReadonlySet<Kind>
  private readonly alternatives: ReadonlyArray<SchemaAST.AST>
  private readonly places = new Map<string | number, SchemaShape>()

  constructor(types: ReadonlyArray<SchemaAST.AST>) {
    this.alternatives = types.flatMap(alternativesOf)
    this.kinds = new Set(this.alternatives.flatMap(kindsOf))
  }

  /** Whether the schema allows a value of this kind here. */
  allows(kind: Kind): boolean {
    return this.kinds.has(kind)
  }

  /** Whether an object here may lack this key. */
  isOptional(key: string): boolean {
    return this.alternatives.some(
      (type) =>
        SchemaAST.isTypeLiteral(type) &&
        type.propertySignatures.some(({ name, isOptional }) => name === key && isOptional)
    )
  }

  /** The shape without the alternatives that the literals of an object rule out. */
  fitting(value: JsonObject): Shape {
    const fitting = this.alternatives.filter((type) => fits(type, value))
    return fitting.length === 0 || fitting.length === this.alternatives.length ? this : new SchemaShape(fitting)
  }

  /** The shape at a key of the object here. */
  member(key: string): Shape {
    return this.at(key, (type) => memberTypes(type, key))
  }

  /** The shape at a position of the list here. */
  item(index: number): Shape {
    const fixed = Math.max(
      0,
      ...this.alternatives.map((type) => (SchemaAST.isTupleType(type) ? type.elements.length : 0))
    )
    return this.at(Math.min(index, fixed), (type) => itemTypes(type, index))
  }

  private at(place: string | number, typesOf: (type: SchemaAST.AST) => ReadonlyArray<SchemaAST.AST>): Shape {
    const known = this.places.get(place)
    if (known !== undefined) return known
    const shape = new SchemaShape(this.alternatives.flatMap(typesOf))
    this.places.set(place, shape)
    return shape
  }
}

const alternativesOf = (type: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> => {
  if (SchemaAST.isUnion(type)) return type.types.flatMap(alternativesOf)
  if (SchemaAST.isSuspend(type)) return alternativesOf(type.f())
  return [type]
}

/** The kinds of any JSON value. */
export const everything: ReadonlyArray<Kind> = ["object", "array", "string", "number", "boolean", "null"]

const kindsOf = (type: SchemaAST.AST): ReadonlyArray<Kind> => {
  switch (type._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return ["string"]
    case "NumberKeyword":
      return ["number"]
    case "BooleanKeyword":
      return ["boolean"]
    case "Literal":
      return kindsOfValue(type.literal)
    case "Enums":
      return type.enums.flatMap(([, value]) => kindsOfValue(value))
    case "TypeLiteral":
      // `Schema.Struct({})` is TypeScript's `{}`: anything except null.
      return isAnything(type) ? everything.filter((kind) => kind !== "null") : ["object"]
    case "TupleType":
      return ["array"]
    case "ObjectKeyword":
      return ["object", "array"]
    case "UnknownKeyword":
    case "AnyKeyword":
      return everything
    default:
      return []
  }
}

/** The kind of a JSON value. */
export const kindsOfValue = (value: unknown): ReadonlyArray<Kind> =>
  everything.filter((kind) => (kind === "null" ? value === null : kind === typeof value && value !== null))

const isAnything = (type: SchemaAST.AST): boolean =>
  SchemaAST.isUnknownKeyword(type) ||
  SchemaAST.isAnyKeyword(type) ||
  SchemaAST.isObjectKeyword(type) ||
  (SchemaAST.isTypeLiteral(type) && type.propertySignatures.length + type.indexSignatures.length === 0)

const fits = (type: SchemaAST.AST, value: JsonObject): boolean =>
  !SchemaAST.isTypeLiteral(type) ||
  type.propertySignatures.every(({ name, type: member }) => {
    const given = typeof name === "string" ? value[name] : undefined
    return given === undefined || !SchemaAST.isLiteral(member) || member.literal === given
  })

const memberTypes = (type: SchemaAST.AST, key: string): ReadonlyArray<SchemaAST.AST> => {
  if (isAnything(type)) return [SchemaAST.unknownKeyword]
  if (!SchemaAST.isTypeLiteral(type)) return []
  const own = type.propertySignatures.filter(({ name }) => name === key)
  return [...own, ...(own.length === 0 ? type.indexSignatures : [])].map((signature) => signature.type)
}

const itemTypes = (type: SchemaAST.AST, index: number): ReadonlyArray<SchemaAST.AST> => {
  if (isAnything(type)) return [SchemaAST.unknownKeyword]
  if (!SchemaAST.isTupleType(type)) return []
  const own = type.elements[index]
  return own === undefined ? type.rest.map((rest) => rest.type) : [own.type]
}
