/** What lets a page of another origin ask the Simulator: the headers with which the providers let one ask them. */
import type { Plan } from "./Plan.js"
import type { ProtocolName } from "./SimulatedReply.js"

type Headers = { readonly [name: string]: string | undefined }

// Anthropic answers a page only if it says this, as its official client does with `dangerouslyAllowBrowser`.
const consent = "anthropic-dangerous-direct-browser-access"

/** Says whether a request is a browser's question whether it may send another. */
export const isPreflight = (method: string, headers: Headers): boolean =>
  method === "OPTIONS" && headers["access-control-request-method"] !== undefined

/** The answer to that question. */
export const preflight = (protocol: ProtocolName, headers: Headers): Plan => {
  const wanted = headers["access-control-request-headers"] ?? ""
  const isAllowed = protocol !== "anthropic-messages" || wanted.split(",").some((name) => name.trim() === consent)
  const allowed = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": wanted
  }
  const head = { status: 204, headers: isAllowed ? allowed : {} }
  return { delayMillis: 0, head, body: [], ending: "end", isResetOnReuse: false }
}

/** The headers that let a page read a response; none where no page asked. */
export const readable = (protocol: ProtocolName, headers: Headers): { readonly [name: string]: string } =>
  headers["origin"] === undefined || (protocol === "anthropic-messages" && headers[consent] !== "true")
    ? {}
    : { "access-control-allow-origin": "*", "access-control-expose-headers": "*" }
