/** Access control and security headers. */
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"

/** Allows only resources of this server, and no HTML made from strings. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'"
].join("; ")

const headers = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}

/** Rejects other origins, DNS rebinding, and requests that an HTML form could send. */
const refusalOf = (request: HttpServerRequest.HttpServerRequest): string | undefined => {
  const { host = "", origin, "content-type": type = "" } = request.headers
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host)) return "This server only answers on this machine."
  if (request.method === "GET") return undefined
  if (origin !== undefined && origin !== `http://${host}`) return "Other sites may not ask here."
  return /^application\/json\s*(?:;|$)/i.test(type) ? undefined : "Questions are JSON."
}

export const guarded = HttpMiddleware.make((app) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    const refusal = refusalOf(request)
    const response = refusal === undefined ? app : Effect.succeed(HttpServerResponse.text(refusal, { status: 403 }))
    return Effect.map(response, HttpServerResponse.setHeaders(headers))
  })
)
