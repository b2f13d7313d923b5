/** The form of an answer: https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
import { Either } from "effect"
import type { JsonSchema } from "../../domain/ChatRequest.js"
import { mapSchemas } from "../jsonSchema.js"
import type { PlainFormat } from "../PreparedRequest.js"
import type { Block } from "./parts.js"

/** Writes the form, or says what of it Anthropic cannot hold an answer to. */
export const formatOf = (
  format: PlainFormat | undefined,
  provider: string
): Either.Either<Block | undefined, string> => {
  if (format === undefined || format.type === "text") return Either.right(undefined)
  const { schema } = format
  if (schema === undefined) {
    return Either.left(`responseFormat needs a schema with ${provider}, which has no JSON mode without one`)
  }
  return Either.right({
    type: "json_schema",
    // A schema of the caller's own goes as it is: what Anthropic refuses of it, Anthropic says.
    schema: format.isGenerated === true ? withoutBounds(schema) : schema
  })
}

/** Bounds that are refused; the answer is decoded with the `effect/Schema` that has them, so nothing is lost. */
const bounds = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "maxItems",
  "uniqueItems"
])

const isRefused = ([keyword, value]: readonly [string, unknown]): boolean =>
  bounds.has(keyword) || (keyword === "minItems" && value !== 0 && value !== 1)

/** Tells the model the bounds in the description instead, as Anthropic's own client does. */
const withoutBounds = (schema: JsonSchema): JsonSchema => {
  const entries = Object.entries(schema)
  const refused = entries.filter(isRefused).map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`)
  const kept = Object.fromEntries(entries.filter((entry) => !isRefused(entry)))
  const description = [schema["description"], `{${refused.join(", ")}}`].filter((part) => part !== undefined).join(" ")
  return mapSchemas(refused.length === 0 ? kept : { ...kept, description }, withoutBounds)
}
