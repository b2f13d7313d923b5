/** What a JSON Schema allows at each place of a value, so that partial objects contain only values of the right kind. */
import type { JsonSchema } from "../domain/ChatRequest.js"
import { isObject, type JsonObject } from "../http/Json.js"
import { everything, type Kind, kindsOfValue, type Shape } from "./Shape.js"

/** The shape of a JSON Schema. References may be recursive: inner shapes are made when a value has their place. */
export class JsonSchemaShape implements Shape {
  private readonly alternatives: ReadonlyArray<JsonObject>
  private readonly kinds: ReadonlySet<Kind>
  private readonly places = new Map<string | number, Shape>()

  constructor(
    private readonly root: JsonSchema,
    schemas: ReadonlyArray<unknown> = [root]
  ) {
    this.alternatives = alternativesIn(root, schemas)
    this.kinds = new Set(this.alternatives.flatMap(kindsOf))
  }

  allows(kind: Kind): boolean {
    return this.kinds.has(kind)
  }

  isOptional(key: string): boolean {
    return this.alternatives.some(
      ({ properties, required }) =>
        isObject(properties) && Object.hasOwn(properties, key) && !(Array.isArray(required) && required.includes(key))
    )
  }

  fitting(value: JsonObject): Shape {
    const fitting = this.alternatives.filter((schema) => fits(schema, value))
    return fitting.length === 0 || fitting.length === this.alternatives.length
      ? this
      : new JsonSchemaShape(this.root, fitting)
  }

  member(key: string): Shape {
    return this.at(key, ({ properties, additionalProperties }) =>
      isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : (additionalProperties ?? true)
    )
  }

  item(index: number): Shape {
    const fixed = Math.max(
      0,
      ...this.alternatives.map(({ prefixItems }) => (Array.isArray(prefixItems) ? prefixItems.length : 0))
    )
    // All items after the fixed ones share one shape.
    return this.at(Math.min(index, fixed), ({ prefixItems, items }) =>
      Array.isArray(prefixItems) && index < prefixItems.length ? prefixItems[index] : (items ?? true)
    )
  }

  private at(place: string | number, schemaOf: (schema: JsonObject) => unknown): Shape {
    const known = this.places.get(place)
    if (known !== undefined) return known
    const shape = new JsonSchemaShape(this.root, this.alternatives.map(schemaOf))
    this.places.set(place, shape)
    return shape
  }
}

/** Lists the schemas of which one must fit. `allOf` counts as a choice too: its parts describe the same place. */
const alternativesIn = (root: JsonSchema, schemas: ReadonlyArray<unknown>): ReadonlyArray<JsonObject> => {
  const found: Array<JsonObject> = []
  const rest = [...schemas]
  const seen = new Set<unknown>()
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (next === true) found.push({})
    if (!isObject(next) || seen.has(next)) continue
    seen.add(next)
    const choices = ["anyOf", "oneOf", "allOf"].flatMap((keyword) =>
      Array.isArray(next[keyword]) ? next[keyword] : []
    )
    const { $ref: reference } = next
    if (typeof reference === "string") rest.push(referenced(root, reference))
    if (choices.length > 0) rest.push(...choices)
    if (typeof reference !== "string" && choices.length === 0) found.push(next)
  }
  return found
}

const fits = ({ properties }: JsonObject, value: JsonObject): boolean =>
  !isObject(properties) ||
  Object.entries(properties).every(([name, member]) => {
    const given = value[name]
    if (given === undefined || !isObject(member)) return true
    return Array.isArray(member["enum"]) ? member["enum"].includes(given) : (member["const"] ?? given) === given
  })

const referenced = (root: JsonSchema, reference: string): unknown =>
  reference
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), root) ?? true

const kindsOf = ({ type, enum: values, const: value }: JsonObject): ReadonlyArray<Kind> => {
  if (Array.isArray(values)) return values.flatMap(kindsOfValue)
  if (value !== undefined) return kindsOfValue(value)
  if (type === undefined) return everything
  return (Array.isArray(type) ? type : [type]).flatMap((each: unknown) =>
    everything.filter((kind) => kind === (each === "integer" ? "number" : each))
  )
}
