/** JSON from the wire, before anyone knows what it is. */

/** An object of unknown fields. */
export type JsonObject = { readonly [key: string]: unknown }

/** Says whether a value is an object (and no list). */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Parses an object or a list; anything else is `undefined`. */
export const parseJson = (text: string): object | undefined => {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === "object" && json !== null ? json : undefined
  } catch {
    return undefined
  }
}
