/** JSON of unknown shape. */

/** An object of unknown fields. */
export type JsonObject = { readonly [key: string]: unknown }

/** Checks for an object that is not an array. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Parses a JSON object or array; anything else is `undefined`. */
export const parseJson = (text: string): object | undefined => {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === "object" && json !== null ? json : undefined
  } catch {
    return undefined
  }
}
