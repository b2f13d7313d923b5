/** Parses the arguments that a model wrote. */
import * as Either from "effect/Either"
import { isBottomless } from "../domain/JsonText.js"
import { parseModelJson } from "../domain/ModelJson.js"
import { isObject, type JsonObject } from "../http/Json.js"

// Deeper than any real arguments, and shallow enough for every recursive function.
const maxDepth = 200

/** Parses the arguments that a model wrote: a JSON object without `__proto__` keys. `""` means no arguments. */
export const parseArguments = (text: string): JsonObject | undefined => {
  const json = Either.getOrUndefined(parseModelJson(text.trim() === "" ? "{}" : text))
  return isObject(json) && !isBottomless(json, maxDepth) ? json : undefined
}
