/** Example values that fit a JSON Schema, with what the prompt offers for them. */
import { isObject, type JsonObject } from "../../../http/Json.js"
import { list, number, object, objects, text, texts } from "../../../protocol/serve/fields.js"

/** What an example may be made of. */
interface Source {
  readonly prompt: string
  /** The whole schema, for references. */
  readonly root: JsonObject
  /** How deep the value stands; a schema may contain itself. */
  readonly depth: number
}

/** An example value of a schema. */
export const exampleOf = (schema: JsonObject, prompt: string): unknown =>
  valueFor(schema, "", { prompt, root: schema, depth: 0 })

const valueFor = (schema: unknown, name: string, source: Source): unknown => {
  const known = resolve(object(schema), source.root)
  if (source.depth > 8) return null
  const given = [known["const"], known["default"], list(known["examples"])[0], list(known["enum"])[0]]
  const first = given.find((each) => each !== undefined)
  if (first !== undefined) return mentioned(list(known["enum"]), source.prompt) ?? first
  const branches = [...objects(known["anyOf"]), ...objects(known["oneOf"])]
  const branch = branches.find((each) => typeOf(resolve(each, source.root)) !== "null")
  if (branch !== undefined) return valueFor(branch, name, source)
  if (known["allOf"] !== undefined) return valueFor(Object.assign({}, ...objects(known["allOf"])), name, source)
  return plain(known, name, { ...source, depth: source.depth + 1 })
}

const plain = (schema: JsonObject, name: string, source: Source): unknown => {
  switch (typeOf(schema)) {
    case "object":
      return objectOf(schema, source)
    case "array":
      return arrayOf(schema, name, source)
    case "integer":
      return numberOf(schema, source.prompt, true)
    case "number":
      return numberOf(schema, source.prompt, false)
    case "boolean":
      return true
    case "null":
      return null
    default:
      return textOf(schema, name, source.prompt)
  }
}

const resolve = (schema: JsonObject, root: JsonObject): JsonObject => {
  const reference = text(schema["$ref"])
  if (reference === undefined) return schema
  const steps = reference.split("/").slice(1)
  const meant = object(steps.reduce<unknown>((inside, step) => object(inside)[step.replaceAll("~1", "/")], root))
  const { $ref: _, ...own } = schema
  return { ...meant, ...own }
}

/** The type, of several the first that is not null; Google writes it in capitals. */
const typeOf = (schema: JsonObject): string | undefined => {
  const named = texts(schema["type"]).map((type) => type.toLowerCase())
  const type = named.find((each) => each !== "null") ?? named[0]
  return type ?? (schema["properties"] === undefined ? undefined : "object")
}

const objectOf = (schema: JsonObject, source: Source): unknown => {
  const properties = Object.entries(object(schema["properties"]))
  const required = texts(schema["required"])
  const wanted = required.length === 0 ? properties : properties.filter(([name]) => required.includes(name))
  return Object.fromEntries(wanted.map(([name, property]) => [name, valueFor(property, name, source)]))
}

const arrayOf = (schema: JsonObject, name: string, source: Source): unknown => {
  const tuple = list(schema["prefixItems"])
  if (tuple.length > 0) return tuple.map((item) => valueFor(item, name, source))
  const length = Math.min(Math.max(number(schema["minItems"]) ?? 1, 1), number(schema["maxItems"]) ?? 20, 20)
  return Array.from({ length }, () => valueFor(schema["items"], name.replace(/s$/, ""), source))
}

const numberOf = (schema: JsonObject, prompt: string, isWhole: boolean): number => {
  const content = Number(/-?\d+(?:\.\d+)?/.exec(prompt)?.[0] ?? Number.NaN)
  const least = number(schema["minimum"]) ?? exclusive(schema["exclusiveMinimum"], 1)
  const most = number(schema["maximum"]) ?? exclusive(schema["exclusiveMaximum"], -1)
  const wanted = Number.isNaN(content) || (isWhole && !Number.isInteger(content)) ? (least ?? 1) : content
  return Math.min(Math.max(wanted, least ?? wanted), most ?? Number.MAX_SAFE_INTEGER)
}

const exclusive = (bound: unknown, step: number): number | undefined => {
  const value = number(bound)
  return value === undefined ? undefined : value + step
}

const formats: { readonly [format: string]: string } = {
  date: "2025-01-31",
  time: "12:00:00Z",
  "date-time": "2025-01-31T12:00:00Z",
  email: "ada@example.com",
  uri: "https://example.com",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
  duration: "PT1H",
  ipv4: "192.0.2.1",
  hostname: "example.com"
}

const textOf = (schema: JsonObject, name: string, prompt: string): string => {
  const format = text(schema["format"]) ?? ""
  if (Object.hasOwn(formats, format)) return formats[format] ?? ""
  const value = saidFor(name, prompt)
  const longer = value.padEnd(number(schema["minLength"]) ?? 0, "x")
  return longer.slice(0, number(schema["maxLength"]) ?? longer.length)
}

/** What the prompt says that may be meant: something quoted, or a name after a preposition. */
const saidFor = (name: string, prompt: string): string => {
  const quoted = /["“]([^"”]{1,80})["”]/.exec(prompt)?.[1]
  if (quoted !== undefined) return quoted
  const named = /\b(?:in|of|for|from|to|at|about|called|named)\s+(\p{Lu}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’-]*)*)/u.exec(
    prompt
  )
  if (named?.[1] !== undefined) return named[1]
  if (/city|location|place|town/i.test(name)) return "Paris"
  if (/name|author|person/i.test(name)) return "Ada Lovelace"
  if (/query|question|search|prompt|text/i.test(name)) return prompt.slice(0, 80)
  return name === "" ? "example" : `example ${name}`
}

const mentioned = (values: ReadonlyArray<unknown>, prompt: string): unknown =>
  values.find((value) => typeof value === "string" && prompt.toLowerCase().includes(value.toLowerCase()))

/** The example as the object that a call or a JSON answer is. */
export const exampleObject = (schema: JsonObject, prompt: string): JsonObject => {
  const example = exampleOf(schema, prompt)
  return isObject(example) ? example : {}
}
