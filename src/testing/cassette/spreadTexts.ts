/** Joins the texts that a stream of JSON events spreads over its events, so that a secret in pieces is found. */
import { isObject, parseJson } from "../../http/Json.js"

// More texts than this are all joined into one.
const maxTexts = 1000

/** The texts of the events, joined for each place in an event. */
export const spreadTexts = (body: string): ReadonlyArray<string> => {
  const texts = new Map<string, string>()
  const add = (path: string, text: string): void => {
    const key = texts.has(path) || texts.size < maxTexts ? path : ""
    texts.set(key, `${texts.get(key) ?? ""}${text}`)
  }
  for (const line of body.split(/\r\n|\r|\n/)) {
    const data = /^(?:data: ?)?([[{].*)$/.exec(line)?.[1]
    const json = data === undefined ? undefined : parseJson(data)
    if (json !== undefined) visit(json, "", add)
  }
  return Array.from(texts.values())
}

// Recurses at most 256 levels, as deep as `parseJson` reads.
const visit = (value: unknown, path: string, add: (path: string, text: string) => void): void => {
  if (typeof value === "string") add(path, value)
  else if (Array.isArray(value)) for (const item of value) visit(item, `${path}[]`, add)
  else if (isObject(value)) for (const [name, inner] of Object.entries(value)) visit(inner, `${path}.${name}`, add)
}
