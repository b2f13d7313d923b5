/** CORS: the headers by which the providers allow requests from pages of other origins. */
import type { Plan } from "./Plan.js"
import type { ProtocolName } from "./SimulatedReply.js"

type Headers = { readonly [name: string]: string | undefined }

// Anthropic allows browser requests only with this header; its client sends it with `dangerouslyAllowBrowser`.
const consent = "anthropic-dangerous-direct-browser-access"

/** Whether a request is a CORS preflight. */
export const isPreflight = (method: string, headers: Headers): boolean =>
  method === "OPTIONS" && headers["access-control-request-method"] !== undefined

/** The response to a preflight. */
export const preflight = (protocol: ProtocolName, headers: Headers): Plan => {
  const wanted = headers["access-control-request-headers"] ?? ""
  const isAllowed = protocol !== "anthropic-messages" || wanted.split(",").some((name) => name.trim() === consent)
  const allowed = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": wanted
  }
  const head = { status: 204, headers: isAllowed ? allowed : {} }
  return { delayMillis: 0, head, body: [], ending: "end", isResetOnReuse: false }
}

/** The headers that let a page read a response; none if the request has no `origin`. */
export const readable = (protocol: ProtocolName, headers: Headers): { readonly [name: string]: string } =>
  headers["origin"] === undefined || (protocol === "anthropic-messages" && headers[consent] !== "true")
    ? {}
    : { "access-control-allow-origin": "*", "access-control-expose-headers": "*" }
