/** Parses the arguments that a model wrote. */
import { isBottomless } from "../domain/JsonText.js"
import { withoutPrototype } from "../domain/ToolArguments.js"
import { isObject, type JsonObject } from "../http/Json.js"

// Deeper than any real arguments, and shallow enough for every recursive function.
const maxDepth = 200

/** Parses the arguments that a model wrote: a JSON object without `__proto__` keys. `""` means no arguments. */
export const parseArguments = (text: string): JsonObject | undefined => {
  try {
    const json: unknown = JSON.parse(
      text.trim() === "" ? "{}" : text,
      mayNamePrototype(text) ? withoutPrototype : undefined
    )
    return isObject(json) && !isBottomless(json, maxDepth) ? json : undefined
  } catch {
    return undefined
  }
}

// A reviver makes parsing several times slower. An underscore can be written as `\u005f`.
const mayNamePrototype = (text: string): boolean => text.includes("__proto__") || text.includes("\\u")
