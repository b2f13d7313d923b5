/** Parses JSON that a model wrote. */
import * as Either from "effect/Either"
import { isTooDeep, maxJsonDepth } from "./JsonText.js"

/**
 * Parses a JSON value of bounded depth, without `__proto__` keys, by which a model would choose the prototype of what a
 * program decodes. The failure says what the text is, after "it is".
 */
export const parseModelJson = (text: string): Either.Either<unknown, string> =>
  isTooDeep(text)
    ? Either.left(`nested more than ${maxJsonDepth} levels deep`)
    : Either.try({
        try: (): unknown => JSON.parse(text, mayNamePrototype(text) ? withoutPrototype : undefined),
        catch: () => "not valid JSON"
      })

// A reviver makes parsing several times slower. An underscore can be written as `\u005f`.
const mayNamePrototype = (text: string): boolean => text.includes("__proto__") || text.includes("\\u")

const withoutPrototype = (key: string, value: unknown): unknown => (key === "__proto__" ? undefined : value)
