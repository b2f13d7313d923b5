/** Checks the fields of a request by a table, with OpenAI's error messages: what cannot be honoured is named. */
import { isObject, type JsonObject } from "../../http/Json.js"
import { invalid } from "./openAIRules.js"
import type { ServedError } from "./ServedError.js"

/** What is wrong with the value of a field, if anything is; `path` is its name in messages. */
export type FieldRule = (value: unknown, path: string) => ServedError | undefined

/** The rules of an object's fields, by name; a field without a rule is unknown. `null` counts as absent. */
export type FieldRules = { readonly [field: string]: FieldRule }

const typeNames = {
  string: "a string",
  number: "a decimal",
  boolean: "a boolean",
  object: "an object",
  array: "an array"
} as const

const typeOf = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value)

/** Accepts values of one JSON type. */
export const typed =
  (...types: ReadonlyArray<keyof typeof typeNames>): FieldRule =>
  (value, path) => {
    const found = typeOf(value)
    return types.some((type) => type === found)
      ? undefined
      : wrongType(path, types.map((type) => typeNames[type]).join(" or "), found)
  }

const wrongType = (path: string, expected: string, found: string): ServedError => ({
  ...invalid(`Invalid type for '${path}': expected ${expected}, but got ${nameOfType(found)} instead.`, path),
  code: "invalid_type"
})

const nameOfType = (type: string): string => Object.entries(typeNames).find(([name]) => name === type)?.[1] ?? type

/** Accepts one of some words. */
export const oneOfWords =
  (...words: ReadonlyArray<string>): FieldRule =>
  (value, path) =>
    typeof value !== "string"
      ? wrongType(path, `one of '${words.join("', '")}'`, typeOf(value))
      : words.includes(value)
        ? undefined
        : unsupportedValue(path, `Supported values are: ${words.map((word) => `'${word}'`).join(", ")}.`)

/** Accepts only values that ask for nothing, such as the default. */
export const onlyIf =
  (isNeutral: (value: unknown) => boolean, hint = "Only the default value is supported."): FieldRule =>
  (value, path) =>
    isNeutral(value) ? undefined : unsupportedValue(path, hint)

/** Accepts only the values given. */
export const only = (...values: ReadonlyArray<unknown>): FieldRule => onlyIf((value) => values.includes(value))

/** Accepts nothing; the hint says what to do instead. */
export const refused =
  (hint?: string): FieldRule =>
  (_, path) => ({
    ...invalid(
      `Unsupported parameter: '${path}' is not supported by this server.${hint === undefined ? "" : ` ${hint}`}`,
      path
    ),
    code: "unsupported_parameter"
  })

/** Accepts an object whose fields have rules of their own. */
export const nested =
  (rules: FieldRules): FieldRule =>
  (value, path) =>
    isObject(value) ? fieldProblem(value, rules, `${path}.`) : wrongType(path, "an object", typeOf(value))

/** Accepts a list whose elements have a rule of their own. */
export const listOf =
  (rule: FieldRule): FieldRule =>
  (value, path) => {
    if (!Array.isArray(value)) return wrongType(path, "an array", typeOf(value))
    for (const [index, element] of value.entries()) {
      const problem = rule(element, `${path}[${index}]`)
      if (problem !== undefined) return problem
    }
    return undefined
  }

/** Accepts an object whose rules depend on the word in one of its fields. */
export const tagged =
  (tag: string, variants: { readonly [word: string]: FieldRules }, missing?: string): FieldRule =>
  (value, path) => {
    if (!isObject(value)) return wrongType(path, "an object", typeOf(value))
    const word = value[tag] ?? missing
    const rules = typeof word === "string" && Object.hasOwn(variants, word) ? variants[word] : undefined
    return rules === undefined
      ? oneOfWords(...Object.keys(variants))(word ?? null, `${path}.${tag}`)
      : fieldProblem(value, { [tag]: () => undefined, ...rules }, `${path}.`)
  }

/** Accepts what one of two rules accepts; the second one reports, unless the value has the type of the first. */
export const textOr =
  (rule: FieldRule): FieldRule =>
  (value, path) =>
    typeof value === "string" ? undefined : rule(value, path)

/** The first problem of an object's fields. */
export const fieldProblem = (body: JsonObject, rules: FieldRules, prefix = ""): ServedError | undefined => {
  for (const [field, value] of Object.entries(body)) {
    if (value == null) continue
    const path = `${prefix}${field}`
    const rule = Object.hasOwn(rules, field) ? rules[field] : undefined
    const problem = rule === undefined ? unknownField(path) : rule(value, path)
    if (problem !== undefined) return problem
  }
  return undefined
}

// A name may be as long as the body.
const maxNameLength = 100

const unknownField = (path: string): ServedError => {
  const name = path.slice(0, maxNameLength)
  return { ...invalid(`Unknown parameter: '${name}'.`, name), code: "unknown_parameter" }
}

const unsupportedValue = (path: string, hint: string): ServedError => ({
  ...invalid(`Unsupported value: '${path}' does not support this value. ${hint}`, path),
  code: "unsupported_value"
})
