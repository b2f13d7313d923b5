/** The checks of Gemini requests, with Google's error messages. */
import type { JsonObject } from "../../../http/Json.js"
import { mapSchemas, wrongTypeIn } from "../../jsonSchema.js"
import { number, object, objects, text } from "../../serve/fields.js"
import { isSignature } from "../../serve/signature.js"
import { toolNames } from "../toolNames.js"

const known = new Set([
  "model",
  "contents",
  "systemInstruction",
  "system_instruction",
  "tools",
  "toolConfig",
  "tool_config",
  "generationConfig",
  "generation_config",
  "safetySettings",
  "safety_settings",
  "cachedContent",
  "cached_content",
  "serviceTier",
  "store",
  "labels"
])

/** What is wrong with a request, if anything is. */
export const problemOf = (body: JsonObject, contents: ReadonlyArray<JsonObject>, model: string): string | undefined => {
  const unknown = Object.keys(body).find((name) => !known.has(name))
  if (unknown !== undefined) return `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`
  if (contents.length === 0) return "* GenerateContentRequest.contents: contents is not specified\n"
  const wrong = contents.find(({ role }) => role !== undefined && !roles.has(String(role)))
  if (wrong !== undefined) return "Please use a valid role: user, model."
  return configProblem(body) ?? toolProblem(body) ?? callProblem(contents) ?? signatureProblem(contents, model)
}

const configProblem = (body: JsonObject): string | undefined => {
  const config = object(body["generationConfig"] ?? body["generation_config"])
  const temperature = number(config["temperature"]) ?? 0
  const topP = number(config["topP"]) ?? 0
  const path = "* GenerateContentRequest.generation_config"
  if (temperature < 0 || temperature > 2) return `${path}.temperature: temperature must be in the range [0.0, 2.0].\n`
  if (topP < 0 || topP > 1) return `${path}.top_p: top_p must be in the range [0.0, 1.0].\n`
  if ((number(config["maxOutputTokens"]) ?? 1) < 1)
    return `${path}.max_output_tokens: max_output_tokens must be positive.\n`
  return (number(config["candidateCount"]) ?? 1) > 1 ? "Multiple candidates is not enabled for this model" : undefined
}

const toolProblem = (body: JsonObject): string | undefined => {
  const tools = objects(body["tools"])
  for (const [index, tool] of tools.entries()) {
    for (const [at, declaration] of objects(tool["functionDeclarations"]).entries()) {
      const problem = declarationProblem(declaration)
      if (problem !== undefined) {
        return `* GenerateContentRequest.tools[${index}].function_declarations[${at}].${problem}\n`
      }
    }
  }
  return undefined
}

const declarationProblem = (declaration: JsonObject): string | undefined => {
  if (!toolNames.pattern.test(text(declaration["name"]) ?? "")) {
    return "name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128."
  }
  const [field, schema] =
    declaration["parametersJsonSchema"] === undefined
      ? ["parameters", lowerCasedTypes(object(declaration["parameters"] ?? { type: "OBJECT" }))]
      : ["parameters_json_schema", object(declaration["parametersJsonSchema"])]
  if (schema["type"] !== "object") return `${field}: functionDeclaration parameters schema should be of type OBJECT`
  const wrong = wrongTypeIn(schema)
  return wrong === undefined ? undefined : `${field}: Invalid value at type: ${wrong}`
}

/** `parameters` is OpenAPI's schema, whose types Google writes in capitals. */
const lowerCasedTypes = (schema: JsonObject): JsonObject =>
  mapSchemas(
    typeof schema["type"] === "string" ? { ...schema, type: schema["type"].toLowerCase() } : schema,
    lowerCasedTypes
  )

/** Every turn with function calls is followed by one with as many responses, and no other turn has responses. */
const callProblem = (contents: ReadonlyArray<JsonObject>): string | undefined => {
  const turns = turnsOf(contents)
  for (const [index, parts] of turns.entries()) {
    const responses = countOf("functionResponse", parts)
    const calls = countOf("functionCall", turns[index - 1] ?? [])
    if (responses > 0 && calls === 0) {
      return "Please ensure that function response turn comes immediately after a function call turn."
    }
    if (calls > 0 && responses !== calls) {
      return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
    }
  }
  return undefined
}

const countOf = (field: string, parts: ReadonlyArray<JsonObject>): number =>
  parts.filter((part) => part[field] !== undefined).length

/** The parts of each turn. Contents of one role in a row are one turn, as the official client's chat sends a stream. */
const turnsOf = (contents: ReadonlyArray<JsonObject>): ReadonlyArray<ReadonlyArray<JsonObject>> => {
  const turns: Array<Array<JsonObject>> = []
  for (const [index, { role, parts }] of contents.entries()) {
    const isNew = index === 0 || (contents[index - 1]?.["role"] === "model") !== (role === "model")
    if (isNew) turns.push([])
    turns.at(-1)?.push(...objects(parts))
  }
  return turns
}

const signatureProblem = (contents: ReadonlyArray<JsonObject>, model: string): string | undefined => {
  const parts = contents.flatMap((content) => objects(content["parts"]))
  const forged = parts.some((part) => part["thoughtSignature"] !== undefined && !isAccepted(part["thoughtSignature"]))
  if (forged) return "Thought signature is not valid"
  const lastText = contents.findLastIndex((content) => objects(content["parts"]).some((part) => "text" in part))
  const unsigned = contents.slice(lastText + 1).some((content) => {
    const first = objects(content["parts"]).find((part) => part["functionCall"] !== undefined)
    return first !== undefined && first["thoughtSignature"] === undefined
  })
  return unsigned && model.startsWith("gemini-3")
    ? "Function call is missing a thought_signature in functionCall parts."
    : undefined
}

/** Google documents one value for calls that another provider made, which it does not check. */
const isAccepted = (signature: unknown): boolean =>
  signature === "skip_thought_signature_validator" || isSignature(signature)

const roles = new Set(["user", "model", "function"])
