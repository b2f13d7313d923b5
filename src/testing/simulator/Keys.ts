/** Checks the API key per protocol, and redacts it from recorded requests. */
import type { ProtocolName } from "./SimulatedReply.js"

type Headers = { readonly [name: string]: string | undefined }

const keyHeaders = ["authorization", "x-api-key", "x-goog-api-key", "api-key", "proxy-authorization", "cookie"]

/** Says whether a request carries the key where its protocol wants it. */
export const isAuthorized = (protocol: ProtocolName, headers: Headers, path: string, apiKey: string): boolean => {
  const bearer = headers["authorization"] === `Bearer ${apiKey}`
  switch (protocol) {
    case "openai-chat":
    case "openai-responses":
      return bearer || headers["api-key"] === apiKey
    case "anthropic-messages":
      return bearer || headers["x-api-key"] === apiKey
    case "google-gemini":
      return bearer || headers["x-goog-api-key"] === apiKey || queryOf(path).get("key") === apiKey
  }
}

/** The headers, `<redacted>` where a key stands. */
export const withoutKeys = (headers: Headers): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, keyHeaders.includes(name) ? "<redacted>" : value])
  )

/** The query of a path. */
export const queryOf = (path: string): URLSearchParams => new URLSearchParams(path.split("?")[1] ?? "")

/** A path whose query holds no key. */
export const withoutKeyInQuery = (path: string): string => {
  const query = queryOf(path)
  if (!query.has("key")) return path
  query.set("key", "<redacted>")
  return `${path.split("?")[0]}?${decodeURIComponent(query.toString())}`
}
