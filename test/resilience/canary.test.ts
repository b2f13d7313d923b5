/** No printed error, log or span of a failed call contains the key, the prompt or the answer. */
import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Either } from "effect"
import { type ChatRequest, collect, LLMClient } from "llm-connectivity"
import type { ErrorKind, SimulatedReply } from "llm-connectivity/testing"
import { faultsOf } from "../../src/testing/simulator/Script.js"
import { asking, clients, protocols } from "../support/contract.js"
import { clientNames, protocolNames } from "./ask.js"
import { Printed } from "./canary.js"
import { clientsAt } from "./everyClient.js"
import { type Row, table } from "./faults.js"

const key = "sk-canary-key-0123456789abcdef"
const prompt = 'canary prompt: the "treasure" lies under\nthe third oak — beyond the old mill'
const answer = "canary answer: the fox sleeps below the seventh stair"

/** Parts of the three that no error needs. */
const canaries = ["canary-key", "0123456789abcdef", "lies under", "third oak", "beyond the old mill", "fox sleeps"]

const request: ChatRequest = {
  messages: [
    { role: "system", content: `Keep this to yourself: ${prompt}` },
    { role: "user", content: prompt }
  ]
}

const calls = { chatStream: collect(LLMClient.chatStream(request)), chat: LLMClient.chat(request) }

type Call = keyof typeof calls

/** Makes a call that goes wrong, prints all there is to print of it, and gives what leaked. */
const leaks = (
  call: Call,
  protocol: keyof typeof protocols,
  client: keyof typeof clients,
  reply: SimulatedReply,
  row?: Row
) =>
  Effect.suspend(() => {
    const printed = new Printed()
    const timeouts = row?.timeouts ?? {}
    return Effect.gen(function* () {
      if (row?.isOnSecondCall) yield* Effect.zipRight(Effect.either(calls[call]), Effect.sleep("30 millis"))
      const result = yield* Effect.either(
        Effect.tapErrorCause(calls[call], (cause) => Effect.logError("failed", cause))
      )
      if (Either.isLeft(result)) {
        printed.look(result.left)
        yield* Effect.logError("failed", result.left, Cause.fail(result.left))
      }
      printed.look(yield* LLMClient)
      return { leaks: printed.leaks(canaries), count: printed.texts.length, hasFailed: Either.isLeft(result) }
    }).pipe(printed.watch, asking(protocols[protocol], [reply], { apiKey: key, http: clients[client], timeouts }))
  })

const echoes = [
  `Incorrect API key provided: ${key}. ${prompt}`,
  `the header was "authorization: Bearer ${key}", the body ${JSON.stringify(request.messages)}`,
  `${JSON.stringify({ key, prompt }).repeat(20)} sk-can********cdef`
]

const kinds: ReadonlyArray<ErrorKind> = [
  "authentication",
  "permission",
  "insufficientCredits",
  "rateLimit",
  "overloaded",
  "modelNotFound",
  "contextWindow",
  "invalidRequest",
  "notFound",
  "server"
]

describe("redaction of the key, the prompt and the answer", () => {
  it.live.each(kinds)("covers errors that repeat them: %s", (kind) =>
    Effect.forEach(
      protocolNames.flatMap((protocol, index) => {
        const error = { kind, message: echoes[index % echoes.length] }
        const client = clientNames[(index + kind.length) % clientNames.length] ?? "Fetch"
        const inside: SimulatedReply = { content: answer, fault: { type: "errorEvent", error, afterChunks: 4 } }
        return [
          leaks("chatStream", protocol, client, { error }),
          leaks("chat", protocol, client, { error }),
          leaks("chatStream", protocol, client, inside)
        ]
      }),
      Effect.map(({ leaks, count, hasFailed }) => expect([leaks, hasFailed, count > 20]).toEqual([[], true, true])),
      { concurrency: 6 }
    )
  )

  const rows = table.flatMap(({ rows }) => rows).filter((row) => faultsOf(row.reply).length > 0)
  const typeOf = (row: Row) => faultsOf(row.reply)[0]?.type
  const oneOfEach = rows.filter((row, index) => rows.findIndex((each) => typeOf(each) === typeOf(row)) === index)

  it.live.each(oneOfEach.map((row) => [String(typeOf(row)), row] as const))(
    "are in nothing that is printed when something goes wrong on the way: %s",
    ([, row]) =>
      Effect.forEach(
        protocolNames.flatMap((protocol, index) =>
          clientsAt(index + row.name.length).map((client) =>
            leaks("chatStream", protocol, client, { content: answer, ...row.reply }, row)
          )
        ),
        Effect.map(({ leaks }) => expect(leaks).toEqual([])),
        { concurrency: "unbounded" }
      )
  )

  const bodies: ReadonlyArray<readonly [string, SimulatedReply]> = [
    ["a body that is nobody's", { body: { [key]: prompt, message: `${key} ${prompt}` } }],
    ["a page", { status: 502, body: `<html><body>${key} ${prompt}</body></html>` }],
    ["a text", { status: 400, body: `${key} ${prompt}` }],
    ["a malformed event", { body: `data: {"choices":"${key}","candidates":"${prompt}","type":["${key}"]}\n\n` }],
    ["an event of another kind", { body: `event: error\ndata: ${key} ${prompt.replace("\n", " ")}\n\n` }],
    ["headers", { status: 500, headers: { "x-request-id": `req ${key}`, "retry-after": key } }]
  ]

  it.live.each(bodies)("covers answers that repeat them: %s", ([, reply]) =>
    Effect.forEach(
      protocolNames.flatMap((protocol, index) =>
        (["chatStream", "chat"] as const).map((call, at) =>
          leaks(call, protocol, clientNames[(index + at) % clientNames.length] ?? "Fetch", reply)
        )
      ),
      Effect.map(({ leaks, hasFailed }) => expect([leaks, hasFailed]).toEqual([[], true])),
      { concurrency: 6 }
    )
  )
})
