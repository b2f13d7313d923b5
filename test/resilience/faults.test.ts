/**
 * Every fault, on every API protocol: exactly the outcome that docs/resilience.md promises. Here each protocol has one of
 * the HTTP clients in turn, so that every row meets all four; `npm run test:http` combines all of them.
 */
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { faultsOf } from "../../src/testing/simulator/Script.js"
import { atAnySpeed } from "../support/atAnySpeed.js"
import { type Call, type Made, make, promiseOf, protocolNames } from "./ask.js"
import { clientsAt } from "./everyClient.js"
import { answer, type Row, table } from "./faults.js"

const unhandled: Array<unknown> = []
const onUnhandled = (problem: unknown) => unhandled.push(problem)

beforeAll(() => {
  process.on("unhandledRejection", onUnhandled)
  process.on("uncaughtException", onUnhandled)
})

afterAll(() => {
  process.off("unhandledRejection", onUnhandled)
  process.off("uncaughtException", onUnhandled)
  expect(unhandled).toEqual([])
})

/** The calls that prove a row. */
const callsOf = (row: Row): ReadonlyArray<Call> =>
  protocolNames.flatMap((protocol, index) =>
    clientsAt(index + row.name.length).flatMap((client) => {
      const streamed = { row, protocol, client, kind: "streamed" } as const
      return row.whole === undefined ? [streamed] : [streamed, { ...streamed, kind: "whole" } as const]
    })
  )

const named = ({ kind, protocol, client }: Call): string => `${kind}, ${protocol} over ${client}`

/** What there is to compare of a call. */
const told = (call: Made) => {
  const { end, text, finishes, tokens } = call.seen
  const isEndless = text.length > answer.length && answer.repeat(1 + text.length / answer.length).startsWith(text)
  return {
    call: named(call),
    end:
      typeof end === "string" ? end : [end._tag, Reflect.get(end, "reason"), Reflect.get(end, "timeout"), end.attempts],
    text: isEndless ? "endless" : text,
    finishes,
    tokens,
    requests: call.row.isOnSecondCall ? 1 : call.requests,
    hasEnded: call.hasEnded
  }
}

const promised = (call: Call) => {
  const { error, text, lacksUsage } = promiseOf(call)
  return {
    call: named(call),
    end: error === undefined ? "complete" : [error._tag, error.reason, error.timeout, 1],
    text: call.kind === "whole" && error !== undefined ? "" : text,
    finishes: error === undefined ? [0] : [],
    tokens: error === undefined && !lacksUsage ? 15 : undefined,
    // No second one to the address of a redirect, and none at all where the connection is refused.
    requests: faultsOf(call.row.reply).some((fault) => fault.type === "refuse") ? 0 : 1,
    hasEnded: true
  }
}

const title = ({ streamed: { error, text } }: Row): string => {
  const end = error === undefined ? "complete" : `${error._tag} ${error.timeout ?? error.reason ?? ""}`.trim()
  return `${end}, of which ${text === "" ? "nothing" : `“${text}”`} has been read`
}

describe.each(table)("$title", ({ rows }) => {
  it.live.each(rows.map((row) => [row.name, title(row), row] as const))(
    "%s: %s",
    ([, , row]) =>
      atAnySpeed(
        Effect.fnUntraced(function* (factor) {
          const calls = callsOf(row)
          const made = yield* Effect.forEach(calls, (call) => make(call, factor), { concurrency: "unbounded" })
          expect(made.map(told)).toEqual(calls.map(promised))
        })
      ),
    120_000
  )
})
