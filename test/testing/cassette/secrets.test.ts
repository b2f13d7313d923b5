/** No secret that was sent stands in a cassette, in whatever form a response repeats it. */
import { existsSync, readFileSync } from "node:fs"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Redacted } from "effect"
import { recording, replaying, stored, temporaryCassette } from "../../support/cassette.js"
import { serve } from "../../support/server.js"

/** Fifty secrets: letters and digits by a fixed generator, so that a failure can be repeated. */
const secrets: ReadonlyArray<string> = Array.from({ length: 50 }, (_, index) => {
  let state = 7919 * (index + 1)
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  const random = Array.from({ length: 32 }, () => {
    state = (state * 48271) % 2147483647
    return letters[state % letters.length]
  })
  return `${index % 2 === 0 ? "sk-" : ""}${random.join("")}`
})

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0")
const each = (text: string, write: (character: string) => string): string => Array.from(text, write).join("")

/** How a response repeats a secret. */
const forms: ReadonlyArray<readonly [string, (secret: string) => string]> = [
  ["plain", (secret) => secret],
  ["in upper case", (secret) => secret.toUpperCase()],
  ["in base64", (secret) => btoa(secret)],
  ["in base64, beside other bytes", (secret) => btoa(`u:${secret}!`)],
  ["in hex", (secret) => each(secret, hex)],
  ["percent-encoded", (secret) => each(secret, (character) => `%${hex(character)}`)],
  ["as JSON escapes", (secret) => each(secret, (character) => `\\u00${hex(character)}`)],
  ["broken by line ends", (secret) => secret.replace(/.{9}/g, "$&\\n")],
  ["in part", (secret) => secret.slice(4, 28)],
  ["as JSON in JSON", (secret) => JSON.stringify(JSON.stringify({ key: secret })).slice(1, -1)]
]

/** How a request sends a secret. */
const ways: ReadonlyArray<
  (request: HttpClientRequest.HttpClientRequest, secret: string) => HttpClientRequest.HttpClientRequest
> = [
  (request, secret) => HttpClientRequest.setHeader(request, "authorization", `Bearer ${secret}`),
  (request, secret) => HttpClientRequest.setHeader(request, "x-api-key", secret),
  (request, secret) => HttpClientRequest.appendUrlParam(request, "key", secret),
  (request, secret) => HttpClientRequest.setHeader(request, "cookie", `theme=dark; session=${secret}`),
  (request, secret) => HttpClientRequest.basicAuth(request, "user", secret)
]

const fromHex = (_: string, digits: string): string => String.fromCharCode(Number.parseInt(digits, 16))

/** What a reader of the file can decode from it. */
const decodings: ReadonlyArray<(text: string) => string> = [
  (text) => text,
  ...[0, 1, 2, 3].map(
    (skipped) => (text: string) =>
      Array.from(text.matchAll(/[\w+/]{12,}/g), ([word]) =>
        Buffer.from(word.slice(skipped), "base64").toString("latin1")
      ).join(" ")
  ),
  (text) => text.replace(/([0-9a-f]{2})/g, fromHex),
  (text) => text.replace(/%([0-9a-f]{2})/gi, fromHex),
  (text) => text.replace(/\\+u00([0-9a-f]{2})/gi, fromHex),
  (text) => text.replace(/\\+[nr]/g, "")
]

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "")

/** The secrets of which 12 letters can be read somewhere in a text. */
const readableIn = (text: string): ReadonlyArray<string> => {
  const plain = decodings.map((decode) => lettersOf(decode(text)))
  return secrets.filter((secret) => {
    const letters = lettersOf(secret.replace(/^sk-/, ""))
    return Array.from({ length: letters.length - 11 }, (_, at) => letters.slice(at, at + 12)).some((run) =>
      plain.some((decoded) => decoded.includes(run))
    )
  })
}

const event = (content: string): string => `data: {"choices":[{"delta":{"content":"${content}"}}]}\n\n`

const isRefused = (exit: Exit.Exit<unknown, unknown>): unknown =>
  Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined

describe("secrets in a cassette", () => {
  it.scoped("are not in the file: 50 planted in requests and repeated in ten forms", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const echoes = secrets.map((secret, index) => forms[index % forms.length]?.[1](secret) ?? "")
      const server = yield* serve((response, _request, index) => {
        const echo = echoes[index] ?? ""
        const body = event(`the key ${echo} is wrong`)
        response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": encodeURI(`req ${echo}`) })
        response.write(body.slice(0, 60))
        setTimeout(() => response.end(body.slice(60)), 1)
      })
      expect(readableIn(echoes.join(" "))).toHaveLength(50)
      const asking = Effect.forEach(secrets, (secret, index) => {
        const request = HttpClientRequest.post(`${server.url}/v1/${index}`).pipe(
          HttpClientRequest.bodyText(JSON.stringify({ note: `do not print ${echoes[index]}` }), "application/json")
        )
        const signed = ways[index % ways.length]?.(request, secret) ?? request
        return Effect.flatMap(HttpClient.execute(signed), ({ text }) => text)
      })
      const live = yield* Effect.provide(asking, recording(path))
      expect(readableIn(live.join("\n"))).toHaveLength(50)
      const file = readFileSync(path, "utf8")
      const bodies = stored(path).map(
        ({ response }) =>
          response?.reads
            .map(({ text = "", base64 = "" }) => text + Buffer.from(base64, "base64").toString())
            .join("") ?? ""
      )
      expect(bodies).toHaveLength(50)
      expect(readableIn(file)).toEqual([])
      expect(readableIn(bodies.join("\n"))).toEqual([])
      // Masked in place: lengths and JSON stay.
      for (const [index, body] of bodies.entries()) {
        expect(body).toHaveLength(live[index]?.length ?? 0)
        const content: unknown = JSON.parse(body.slice("data: ".length))
        expect(JSON.stringify(content)).toMatch(/the key .*\*{12,}.* is wrong/)
      }
    })
  )

  it.scoped("are searched for in what was recorded before they were sent, and are those of the options too", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const [token = "", extra = ""] = secrets
      const server = yield* serve((response) => response.end(JSON.stringify({ access_token: token, note: extra })))
      const asking = Effect.gen(function* () {
        yield* HttpClient.post(`${server.url}/oauth`).pipe(Effect.flatMap(({ text }) => text))
        const request = HttpClientRequest.get(`${server.url}/v1`).pipe(HttpClientRequest.bearerToken(token))
        yield* HttpClient.execute(request).pipe(Effect.flatMap(({ text }) => text))
      })
      yield* Effect.provide(asking, recording(path, { secrets: [Redacted.make(extra)] }))
      expect(stored(path)).toHaveLength(2)
      expect(readableIn(readFileSync(path, "utf8"))).toEqual([])
    })
  )

  it.scoped("that a login sends in its body are not in the file, and need not be sent by a replay", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const server = yield* serve((response) => response.end("{}"))
      const login = ([client = "", refresh = ""]: ReadonlyArray<string>) =>
        Effect.forEach(
          [
            HttpClientRequest.bodyUrlParams({
              grant_type: "refresh_token",
              client_secret: client,
              refresh_token: refresh
            }),
            HttpClientRequest.bodyUnsafeJson({ client_id: "an-id-of-a-client", client_secret: client })
          ],
          (body) =>
            Effect.flatMap(HttpClient.execute(body(HttpClientRequest.post(`${server.url}/oauth`))), ({ text }) => text)
        )
      yield* Effect.provide(login(secrets), recording(path))
      expect(readableIn(readFileSync(path, "utf8"))).toEqual([])
      expect(readFileSync(path, "utf8")).toContain("an-id-of-a-client")
      expect(yield* Effect.provide(login(secrets.slice(2)), replaying(path))).toEqual(["{}", "{}"])
    })
  )

  it.scoped("that a stream spells in pieces keep the file from being written, and say so", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const [secret = ""] = secrets
      const server = yield* serve((response) => response.end(Array.from(secret, event).join("")))
      const asking = HttpClientRequest.get(server.url).pipe(
        HttpClientRequest.bearerToken(secret),
        HttpClient.execute,
        Effect.flatMap(({ text }) => text)
      )
      const exit = yield* Effect.exit(Effect.provide(asking, recording(path)))
      expect(isRefused(exit)).toMatchObject({ _tag: "CassetteError", reason: "Secret" })
      expect(existsSync(path)).toBe(false)
    })
  )

  it.scoped("do not change other words: a key that reads like them masks only itself", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const text = "a simulated model with a key, tested"
      const server = yield* serve((response) => response.end(text))
      const asking = HttpClientRequest.get(server.url).pipe(
        HttpClientRequest.setHeaders({ "x-api-key": "simulated-key", authorization: "Bearer test", "x-token": "key" }),
        HttpClient.execute,
        Effect.flatMap((response) => response.text)
      )
      yield* Effect.provide(asking, recording(path))
      expect(yield* Effect.provide(asking, replaying(path))).toBe(text)
    })
  )

  it.scoped("in a compressed body cannot be found, so the file is not written", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const server = yield* serve((response) => response.end(Uint8Array.of(0x1f, 0x8b, 8, 0)))
      const asking = Effect.flatMap(HttpClient.get(server.url), ({ arrayBuffer }) => arrayBuffer)
      const exit = yield* Effect.exit(Effect.provide(asking, recording(path)))
      expect(isRefused(exit)).toMatchObject({ _tag: "CassetteError", reason: "Unsupported" })
      expect(existsSync(path)).toBe(false)
    })
  )
})
