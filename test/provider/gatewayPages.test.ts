/** The pages and words of servers and gateways that respond in the place of a provider, each in its own form. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { collect, LLMClient, type LLMError } from "llm-connectivity"
import { clientOf, hello } from "../support/openai.js"

// In every page, where visitors read a reference for the support.
const reference = "ref-canary-4711"

/** The forms in which servers write a page. */
const nginx = (title: string, server = "nginx/1.27.4") =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>${server} ${reference}</center>\r\n</body>\r\n</html>\r\n`

const apache = (title: string) =>
  `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>Reason: ${reference}</p>\n</body></html>\n`

const cloudflare = (title: string) =>
  `<!DOCTYPE html>\n<!--[if lt IE 7]> <html class="no-js ie6 oldie" lang="en-US"> <![endif]-->\n<html class="no-js" lang="en-US">\n<head>\n<title>api.example.com | ${title}</title>\n</head><body><div id="cf-wrapper">Ray ID: ${reference}</div></body></html>`

const iis = (title: string) =>
  `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n<HTML><HEAD><TITLE>${title}</TITLE></HEAD>\r\n<BODY><h2>${title}</h2><hr><p>HTTP Error. ${reference}</p></BODY></HTML>\r\n`

const google = (title: string) =>
  `<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>${title}</title>\n  <p><b>That is an error.</b>  <ins>${reference}</ins>\n`

const html = (words: string) =>
  `<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>${words} ${reference}</body></html>`

const server = { _tag: "NetworkError", reason: "Server", retryable: true }
const forbidden = { _tag: "AuthenticationError" }
const tooMany = { _tag: "RateLimitError", reason: "RateLimit", retryable: true }
const notFound = { _tag: "ModelNotFoundError" }
const tooLong = { _tag: "ContextWindowExceededError" }

const pages: ReadonlyArray<readonly [server: string, status: number, body: string, expected: object]> = [
  ["nginx", 502, nginx("502 Bad Gateway"), server],
  ["nginx", 503, nginx("503 Service Temporarily Unavailable"), server],
  ["nginx", 504, nginx("504 Gateway Time-out"), server],
  ["nginx", 401, nginx("401 Authorization Required"), forbidden],
  ["nginx", 403, nginx("403 Forbidden"), forbidden],
  ["nginx", 404, nginx("404 Not Found"), notFound],
  ["nginx", 405, nginx("405 Not Allowed"), { _tag: "ProviderError" }],
  ["nginx", 408, nginx("408 Request Time-out"), server],
  ["nginx", 413, nginx("413 Request Entity Too Large"), tooLong],
  ["nginx", 429, nginx("429 Too Many Requests"), tooMany],
  ["nginx, for a request that is no HTTP", 400, nginx("400 Bad Request"), { _tag: "ValidationError" }],
  ["OpenResty", 502, nginx("502 Bad Gateway", "openresty"), server],
  ["Cloudflare", 502, cloudflare("502: Bad gateway"), server],
  ["Cloudflare", 520, cloudflare("520: Web server is returning an unknown error"), server],
  ["Cloudflare", 521, cloudflare("521: Web server is down"), server],
  ["Cloudflare", 522, cloudflare("522: Connection timed out"), server],
  ["Cloudflare", 524, cloudflare("524: A timeout occurred"), server],
  ["Cloudflare, with a challenge", 403, html("Just a moment..."), forbidden],
  ["Cloudflare, with a block", 403, cloudflare("Sorry, you have been blocked"), forbidden],
  ["Cloudflare, with a rate limit (1015)", 429, cloudflare("Access denied, error 1015"), tooMany],
  ["Apache", 502, apache("502 Proxy Error"), server],
  ["Apache", 503, apache("503 Service Unavailable"), server],
  ["Apache", 401, apache("401 Unauthorized"), forbidden],
  ["IIS", 502, iis("Server Error. 502 - Web server received an invalid response"), server],
  ["IIS (HTTP.sys)", 503, iis("Service Unavailable"), server],
  ["IIS", 404, iis("404 - File or directory not found."), notFound],
  ["IIS", 413, iis("Request Too Large"), tooLong],
  ["AWS load balancer", 502, nginx("502 Bad Gateway", "awselb/2.0"), server],
  ["AWS load balancer", 503, nginx("503 Service Temporarily Unavailable", ""), server],
  ["AWS load balancer", 504, nginx("504 Gateway Time-out", ""), server],
  ["Amazon CloudFront", 504, apache("ERROR: The request could not be satisfied"), server],
  ["Amazon CloudFront", 403, apache("ERROR: The request could not be satisfied"), forbidden],
  ["Google", 502, google("Error 502 (Server Error)!!1"), server],
  ["Google", 404, google("Error 404 (Not Found)!!1"), notFound],
  ["Google", 413, google("Error 413 (Request Entity Too Large)!!1"), tooLong],
  ["Azure Front Door", 504, `<!DOCTYPE html>${html("We are working to restore all services.")}`, server],
  ["Azure App Service", 503, iis("The service is unavailable."), server],
  ["Heroku", 503, html('<iframe src="//www.example.com/error-pages/application-error.html"></iframe>'), server],
  ["Vercel", 502, html("BAD_GATEWAY ROUTER_CANNOT_MATCH"), server],
  ["HAProxy", 503, `<html><body><h1>503 Service Unavailable</h1>\nNo server: ${reference}\n</body></html>\n`, server],
  ["Varnish, Fastly", 503, `<?xml version="1.0" encoding="utf-8"?>\n${html("503 Backend fetch failed")}`, server],
  [
    "Akamai",
    403,
    `<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\nReference ${reference}</BODY></HTML>`,
    forbidden
  ],
  ["Squid", 503, html("ERROR: The requested URL could not be retrieved"), server],
  ["a page of headings alone", 502, `\n<h1>Bad gateway</h1><p>${reference}</p>`, server],
  ["a page that begins with a comment", 500, `<!-- ${reference} -->\n<html></html>`, server],
  [
    "a bucket, in XML",
    403,
    `<?xml version='1.0'?><Error><Code>AccessDenied</Code><Id>${reference}</Id></Error>`,
    forbidden
  ]
]

const plain: ReadonlyArray<readonly [server: string, status: number, body: string, expected: object, says: string]> = [
  [
    "Envoy",
    503,
    "upstream connect error or disconnect/reset before headers. reset reason: overflow",
    server,
    "reset reason"
  ],
  ["Envoy", 503, "no healthy upstream", server, "no healthy upstream"],
  ["Envoy", 504, "upstream request timeout", server, "upstream request timeout"],
  ["Envoy, with a rate limit", 429, "local_rate_limited", tooMany, "is rate limited"],
  ["Traefik", 502, "Bad Gateway", server, "Bad Gateway"],
  ["Traefik", 404, "404 page not found\n", notFound, "check the model's name, your access to it, and the base URL"],
  ["Caddy", 502, "", server, "had a server error (HTTP 502); try again later"],
  ["Cloudflare, for programs", 524, "error code: 524", server, "error code: 524"],
  ["Cloudflare, with a rate limit", 429, "error code: 1015", tooMany, "error code: 1015"],
  [
    "Vercel",
    504,
    "An error occurred with your deployment\n\nFUNCTION_INVOCATION_TIMEOUT\n\niad1::x",
    server,
    "FUNCTION_INVOCATION_TIMEOUT"
  ],
  ["Amazon API Gateway", 504, '{"message": "Endpoint request timed out"}', server, "Endpoint request timed out"],
  ["Amazon API Gateway", 403, '{"message":"Missing Authentication Token"}', forbidden, "check the key"],
  ["Kong", 502, '{"message":"An invalid response was received from the upstream server"}', server, "upstream server"],
  [
    "Azure API Management",
    429,
    '{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 26 seconds." }',
    tooMany,
    "try again in 26s"
  ],
  [
    "Railway",
    502,
    '{"status":"error","code":502,"message":"Application failed to respond"}',
    server,
    "Application failed"
  ]
]

const failure = (status: number, body: string, mode: "stream" | "whole", headers: { [name: string]: string } = {}) => {
  const fetch: typeof globalThis.fetch = () => Promise.resolve(new Response(body, { status, headers }))
  const call = mode === "whole" ? LLMClient.chat(hello) : collect(LLMClient.chatStream(hello))
  return Effect.flip(call).pipe(
    Effect.provide(clientOf("http://127.0.0.1:1")),
    Effect.provideService(FetchHttpClient.Fetch, fetch)
  )
}

const bothModes = Effect.fnUntraced(function* (status: number, body: string, type: string) {
  const headers = { "content-type": type }
  return [yield* failure(status, body, "stream", headers), yield* failure(status, body, "whole", headers)]
})

const checkPage = ({ message }: LLMError) => {
  expect(message).toContain("a gateway responded")
  expect(message).not.toMatch(/[<>]|canary/)
}

describe("a page of a server", () => {
  it.effect.each(pages)(
    "is the error of its status, and says that a gateway sent it: %s, %s",
    ([, status, body, expected]) =>
      Effect.gen(function* () {
        for (const error of yield* bothModes(status, body, "text/html")) {
          expect(error).toMatchObject({ ...expected, status })
          checkPage(error)
        }
      })
  )

  it.effect.each(pages)("is an error, too, if its status is 200: %s, %s", ([, , body]) =>
    Effect.gen(function* () {
      for (const error of yield* bothModes(200, body, "text/html")) {
        expect(error).toMatchObject({ ...server, status: 200 })
        checkPage(error)
      }
    })
  )

  it.effect.each(pages)(
    "is left out where a gateway puts it into the JSON of an error: %s, %s",
    ([, status, body, expected]) =>
      Effect.gen(function* () {
        const json = JSON.stringify({ error: { message: body } })
        for (const error of yield* bothModes(status, json, "application/json")) {
          expect(error).toMatchObject({ ...expected, status })
          checkPage(error)
        }
      })
  )

  it.effect("says when to try again", () =>
    Effect.gen(function* () {
      for (const status of [429, 503]) {
        const error = yield* failure(status, nginx("Maintenance"), "stream", { "retry-after": "120" })
        expect(error).toMatchObject({ retryAfter: Duration.seconds(120) })
        expect(error.message).toContain("try again in 2m")
      }
    })
  )
})

describe("the words of a gateway", () => {
  it.effect.each(plain)("are in the error of their status: %s, %s", ([, status, body, expected, says]) =>
    Effect.gen(function* () {
      for (const error of yield* bothModes(status, body, body.startsWith("{") ? "application/json" : "text/plain")) {
        expect(error).toMatchObject({ ...expected, status })
        expect(error.message).toContain(says)
      }
    })
  )
})
