/** A stream that is truncated at any byte never ends as if it were complete. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ProtocolName } from "llm-connectivity/testing"
import { clients, protocols, reached } from "../support/contract.js"
import { type Fixture, fixtures, readings } from "../support/protocols.js"
import type { Reading } from "../support/read.js"
import { resetAfter, serve, sse } from "../support/server.js"
import { readStream } from "./ask.js"
import { clientsAt } from "./everyClient.js"
import type { ClientName } from "./faults.js"

/** Matches a finish reason independently of the library's parsers. */
const finishes: { readonly [Each in ProtocolName]: RegExp } = {
  "openai-chat": /^.*"finish_reason": ?"/m,
  "openai-responses": /^data: ?\{"type": ?"response\.(?:completed|incomplete)"/m,
  "anthropic-messages": /^.*"stop_reason": ?"/m,
  "google-gemini": /^.*"(?:finishReason|blockReason)": ?"/m
}

/** Where the event with the finish reason ends, but for its line end; nowhere in a stream that fails by itself. */
const finishEnd = ({ protocol, bytes }: Pick<Fixture, "protocol" | "bytes">): number => {
  const text = Buffer.from(bytes).toString("latin1")
  const start = text.search(finishes[protocol])
  return start === -1 ? Number.POSITIVE_INFINITY : start + (/[\r\n]/.exec(text.slice(start))?.index ?? text.length)
}

describe.each(fixtures)("$name", (fixture) => {
  const { bytes, protocol } = fixture
  const read = readings[protocol]
  const whole = read([bytes])
  const end = finishEnd(fixture)
  // Every byte of one stream of each protocol; the soak cuts all of them everywhere.
  const stride = fixture.name.endsWith("/text") ? 1 : 7
  const cuts = (isMeant: (at: number) => boolean) =>
    Array.from({ length: bytes.length + 1 }, (_, at) => at)
      .filter((at) => (at % stride === 0 || at >= end) && isMeant(at))
      .map((at) => {
        const { error, response, partial } = read([bytes.subarray(0, at)])
        return { at, error, response, partial }
      })

  it("never ends cleanly when truncated at any byte before its finish reason", () => {
    const early = cuts((at) => at < end)
    // Before it has said its own error, a stream that has one is just cut.
    const tags = new Set(["NetworkError: Truncated", ...(whole.error === undefined ? [] : [told(whole.error)])])
    expect(early.length).toBeGreaterThan(30)
    expect(early.filter(({ error, response }) => response !== undefined || !tags.has(told(error)))).toEqual([])
    const isPrefix = (each: Pick<Reading, "partial">) =>
      whole.partial.content.startsWith(each.partial.content) &&
      whole.partial.reasoning.startsWith(each.partial.reasoning)
    expect(early.filter((each) => !isPrefix(each))).toEqual([])
  })

  it("is complete when truncated at any byte after its finish reason", () => {
    const late = cuts((at) => at >= end)
    const { content, reasoning, toolCalls, finishReason } = whole.response ?? {}
    expect(late.length > 0).toBe(whole.response !== undefined)
    for (const { at, response } of late)
      expect({ at, ...response }).toMatchObject({ at, content, reasoning, toolCalls, finishReason })
  })
})

const texts = fixtures.filter(({ name }) => name.endsWith("/text"))

describe.each(texts.map((text, place) => ({ ...text, place })))("$name over HTTP", ({ protocol, bytes, place }) => {
  const read = readings[protocol]
  const places = Array.from({ length: 8 }, (_, index) => Math.floor((bytes.length * (index + 1)) / 8))

  const seen = (url: string, client: ClientName) => readStream().pipe(Effect.provide(clientOf(url, client)))
  const clientOf = (url: string, client: ClientName) =>
    protocols[protocol].client(reached(url), { http: clients[client] })

  it.live.each(clientsAt(place))("ends as it does in memory, and never cleanly where it is reset: %s", (client) =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) => {
        const at = places[index % places.length] ?? 0
        const isReset = index >= places.length
        sse(response, bytes.subarray(0, at))
        if (isReset) resetAfter(response, 10)
        else response.end()
      })
      for (const at of places) {
        const { error, partial } = read([bytes.subarray(0, at)])
        const { end, text } = yield* seen(server.url, client)
        expect([at, text, typeof end === "string" ? end : told(end)]).toEqual([at, partial.content, told(error)])
      }
      for (const at of places) {
        const { end, text } = yield* seen(server.url, client)
        const isWhole = at === bytes.length && protocol !== "google-gemini"
        expect([at, typeof end === "string" ? end : told(end)]).toEqual([
          at,
          isWhole ? "complete" : "NetworkError: Truncated"
        ])
        expect(text).toBe(read([bytes.subarray(0, at)]).partial.content)
      }
    }).pipe(Effect.scoped)
  )
})

const told = (error: object | undefined): string =>
  error === undefined ? "complete" : [Reflect.get(error, "_tag"), Reflect.get(error, "reason")].join(": ")
