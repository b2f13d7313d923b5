/** The checks that OpenAI's two APIs share, with OpenAI's error messages. */
import type { JsonObject } from "../../http/Json.js"
import { wrongTypeIn } from "../jsonSchema.js"
import { number, object, objects, text } from "./fields.js"
import type { ServedError } from "./ServedError.js"

/** The rejection of a request; `param` names the field. */
export const invalid = (message: string, param?: string): ServedError => ({ kind: "invalidRequest", message, param })

/** The rejection of a number outside its range. */
export const outOfRange = (body: JsonObject, field: string, low: number, high?: number): ServedError | undefined => {
  const value = number(body[field])
  if (value === undefined) return undefined
  const kind = high === 1 || high === 2 ? "decimal" : "integer"
  const problem = (code: string, bound: string): ServedError => ({
    ...invalid(
      `Invalid '${field}': ${kind} ${code} value. Expected a value ${bound}, but got ${value} instead.`,
      field
    ),
    code: `${kind}_${code.replaceAll(" ", "_")}`
  })
  if (high !== undefined && value > high) return problem("above maximum", `<= ${high}`)
  return value < low ? problem("below minimum", `>= ${low}`) : undefined
}

const longestName = 64

/** The rejection of a tool: its name or its schema. `functionOf` finds the function in a tool, `path` where it stands. */
export const toolProblem = (
  body: JsonObject,
  functionOf: (tool: JsonObject) => JsonObject,
  path: string
): ServedError | undefined => {
  for (const [index, tool] of objects(body["tools"]).entries()) {
    if (tool["type"] !== "function") continue
    const { name, parameters } = functionOf(tool)
    const param = `tools[${index}]${path}`
    const problem =
      nameProblem(text(name) ?? "", `${param}.name`) ??
      schemaProblem(text(name) ?? "", parameters, `${param}.parameters`)
    if (problem !== undefined) return problem
  }
  return undefined
}

const nameProblem = (name: string, param: string): ServedError | undefined => {
  if (name.length > longestName) {
    return invalid(
      `Invalid '${param}': string too long. Expected a string with maximum length ${longestName}, but got a string with length ${name.length} instead.`,
      param
    )
  }
  return /^[a-zA-Z0-9_-]+$/.test(name)
    ? undefined
    : invalid(
        `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        param
      )
}

/** A function without parameters may leave them out. */
const schemaProblem = (name: string, parameters: unknown, param: string): ServedError | undefined => {
  if (parameters == null) return undefined
  const schema = object(parameters)
  const rejected = (problem: string): ServedError => ({
    ...invalid(`Invalid schema for function '${name}': ${problem}`, param),
    code: "invalid_function_parameters"
  })
  if (schema["type"] === "object") {
    const combined = ["oneOf", "anyOf", "allOf", "enum", "not"].some((keyword) => keyword in schema)
    if (combined) {
      return rejected(
        "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
      )
    }
    const wrong = wrongTypeIn(schema)
    return wrong === undefined ? undefined : rejected(`${wrong} is not valid under any of the given schemas.`)
  }
  const type = schema["type"] === undefined ? "None" : String(schema["type"])
  return rejected(`schema must be a JSON Schema of 'type: "object"', got 'type: "${type}"'.`)
}
