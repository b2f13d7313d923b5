/** What is asked again, how often, and that nobody reads anything twice. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schedule, Stream } from "effect"
import { collect, LLMClient, LLMError, Policy } from "llm-connectivity"
import { type Fault, type ProtocolName, type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { faultsOf } from "../../src/testing/simulator/Script.js"
import { atAnySpeed } from "../support/atAnySpeed.js"
import { asking, protocols, sampleRequest, weather } from "../support/contract.js"
import { clientNames, make, protocolNames, readStream, readWhole } from "./ask.js"
import { answer, isTriedAgain, outcomeOf, table } from "./faults.js"

/** The default policy without its waits. */
const policy = Policy.retry({ network: Schedule.recurs(2), rateLimit: Schedule.recurs(2) })

const failure = ({ end }: { readonly end: string | LLMError }) =>
  typeof end === "string" ? end : { _tag: end._tag, attempts: end.attempts }

describe.each(table)("$title", ({ rows }) => {
  const once = rows.filter((row) => row.isOnSecondCall === undefined)
  const titled = once.map((row) => [row.name, isTriedAgain(row.streamed) ? "asks again" : "asks once", row] as const)

  it.live.each(titled)("%s: %s", ([name, , row]) =>
    atAnySpeed(
      Effect.fnUntraced(function* (factor) {
        // The protocols and the clients in turn, as what is asked again depends on neither.
        const protocol = protocolNames[name.length % protocolNames.length] ?? "openai-chat"
        const client = clientNames[name.length % clientNames.length] ?? "Fetch"
        const outcome = outcomeOf(row, protocol, client)
        const isAgain = isTriedAgain(outcome)
        const call = { row, protocol, client, kind: "streamed" } as const
        const { seen, requests } = yield* make(call, factor, [row.reply, {}], { policies: [policy] })
        // A connection that is refused brings no request.
        const isUnread = faultsOf(row.reply).some((fault) => fault.type === "refuse")
        expect([failure(seen), requests]).toEqual([
          outcome.error === undefined || isAgain ? "complete" : { _tag: outcome.error._tag, attempts: 1 },
          isAgain && !isUnread ? 2 : 1
        ])
        if (outcome.text !== "endless") expect(seen.text).toBe(isAgain ? answer : outcome.text)
      })
    )
  )
})

const pieces = ["One", ",", " two", ",", " three", ",", " four", ",", " five", "."]

const faultsAt: ReadonlyArray<readonly [string, (afterChunks: number) => Fault, isPassing: boolean]> = [
  ["a reset", (afterChunks) => ({ type: "reset", afterChunks }), true],
  ["a clean end", (afterChunks) => ({ type: "truncate", afterChunks }), true],
  ["a cut character", (afterChunks) => ({ type: "cutCharacter", afterChunks }), true],
  ["an error event", (afterChunks) => ({ type: "errorEvent", afterChunks }), true],
  ["a malformed event", (afterChunks) => ({ type: "malformedEvent", afterChunks }), false]
]

describe.each(protocolNames)("%s: a fault after each piece, followed by a good answer", (protocol: ProtocolName) => {
  // A reset on each protocol, the others on one each.
  const own = faultsAt.filter((_, index) => index === 0 || index - 1 === protocolNames.indexOf(protocol))

  it.live.each(own)("%s: what is read is a prefix of the answer, once", ([, faultAt, isPassing]) =>
    Effect.forEach(
      [0, ...pieces.map((_, index) => index + 1)],
      (count) =>
        Effect.gen(function* () {
          const { end, text } = yield* readStream()
          const requests = yield* Simulator.requests
          const isCompleted = count === 0 && isPassing
          expect([count, text]).toEqual([count, isCompleted ? answer : pieces.slice(0, count).join("")])
          expect([count, end === "complete", requests.length]).toEqual([count, isCompleted, isCompleted ? 2 : 1])
        }).pipe(asking(protocols[protocol], [{ fault: faultAt(count) }, {}], { policies: [policy] })),
      { concurrency: 4 }
    )
  )

  const shown: ReadonlyArray<readonly [string, SimulatedReply, typeof sampleRequest]> = [
    ["reasoning", { fault: { type: "reset", afterChunks: 1 } }, { ...sampleRequest, reasoning: { effort: "low" } }],
    ["a tool call", { fault: { type: "reset", afterChunks: 1 } }, weather]
  ]

  it.live.each(shown)("%s that has been shown is not shown again either", ([, reply, request]) =>
    Effect.gen(function* () {
      const failed = yield* Effect.flip(collect(LLMClient.chatStream(request)))
      const { content, reasoning = "", toolCalls = [] } = LLMError.partial(failed) ?? {}
      expect(content).toBe("")
      expect(reasoning !== "" || toolCalls.length > 0).toBe(true)
      expect((yield* Simulator.requests).length).toBe(1)
    }).pipe(asking(protocols[protocol], [reply, {}], { policies: [policy] }))
  )
})

describe.each(protocolNames)("%s", (protocol: ProtocolName) => {
  const refusals: ReadonlyArray<readonly [string, SimulatedReply]> = [
    ...[400, 401, 403, 404, 413].map((status) => [`status ${status}`, { status }] as const),
    ["status 500 that says x-should-retry: false", { status: 500, headers: { "x-should-retry": "false" } }],
    ["status 429 that says x-should-retry: false", { status: 429, headers: { "x-should-retry": "false" } }]
  ]

  it.live.each(refusals)("asks exactly once: %s", ([, reply]) =>
    Effect.gen(function* () {
      for (const { end } of [yield* readStream(), yield* readWhole()]) expect(end).toMatchObject({ attempts: 1 })
      expect((yield* Simulator.requests).length).toBe(2)
    }).pipe(asking(protocols[protocol], () => reply, { policies: [policy] }))
  )

  it.live("sends as many requests as the policy allows, and counts them in attempts", () =>
    Effect.gen(function* () {
      for (const { end } of [yield* readStream(), yield* readWhole()]) expect(end).toMatchObject({ attempts: 3 })
      expect((yield* Simulator.requests).length).toBe(6)
    }).pipe(asking(protocols[protocol], () => ({ status: 503 }), { policies: [policy] }))
  )

  it.live("asks again where the provider says x-should-retry: true, whatever the status", () =>
    Effect.gen(function* () {
      expect((yield* readStream()).text).toBe(answer)
      expect((yield* readWhole()).text).toBe(answer)
      expect((yield* Simulator.requests).length).toBe(4)
    }).pipe(
      asking(
        protocols[protocol],
        (_, index) => (index % 2 === 0 ? { status: 400, headers: { "x-should-retry": "true" } } : {}),
        { policies: [policy] }
      )
    )
  )

  it.live("is left alone by a reader that takes a part, with no further request", () =>
    Effect.gen(function* () {
      yield* Stream.runDrain(Stream.take(LLMClient.chatStream(sampleRequest), 3))
      yield* Effect.sleep("20 millis")
      expect((yield* Simulator.requests).length).toBe(1)
    }).pipe(asking(protocols[protocol], [], { policies: [policy] }))
  )
})
