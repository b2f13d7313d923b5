/** Asks the Simulator for an answer that goes wrong, and tells how the call ended and what the reader saw. */
import { Cause, Duration, Effect, Exit, Option, Stream } from "effect"
import { type ChatOptions, LLMClient, type LLMError, type Timeouts } from "llm-connectivity"
import { type ProtocolName, Simulator } from "llm-connectivity/testing"
import { isLLMError } from "../../src/domain/LLMError.js"
import { type Asking, asking, clients, protocols, sampleRequest } from "../support/contract.js"
import { type ClientName, outcomeOf, type Row, short } from "./faults.js"

/** How a call ended: complete, with its failure, or in a way in which none may. */
export type End = "complete" | LLMError | `defect: ${string}`

/** What came of a call. */
export interface Seen {
  readonly end: End
  readonly text: string
  /** Where the chunks with a finish reason stand, counted from the last one. */
  readonly finishes: ReadonlyArray<number>
  /** The tokens of a complete answer, as far as its usage is known. */
  readonly tokens: number | undefined
}

/** Far more than any answer takes, and less than a test may. */
const patience: Timeouts = { headers: "5 seconds", firstContent: "5 seconds", idle: "5 seconds", total: "5 seconds" }

/** So many times as long timeouts. */
const longer = (timeouts: Timeouts, factor: number): Timeouts =>
  Object.fromEntries(
    Object.entries(timeouts).map(([name, timeout]) => [name, Duration.times(Duration.decode(timeout), factor)])
  )

const endOf = (exit: Exit.Exit<unknown, unknown>): End => {
  if (Exit.isSuccess(exit)) return "complete"
  const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
  return isLLMError(failure) ? failure : `defect: ${Cause.pretty(exit.cause)}`
}

const ended = <A, E, R>(call: Effect.Effect<A, E, R>, factor: number): Effect.Effect<End, never, R> =>
  Effect.map(
    Effect.exit(Effect.timeoutFail(call, { duration: Duration.seconds(8 * factor), onTimeout: () => "no end" })),
    endOf
  )

/** Reads a stream to its end. */
export const readStream = (options: ChatOptions = {}, factor = 1): Effect.Effect<Seen, never, LLMClient> =>
  Effect.suspend(() => {
    let text = ""
    let count = 0
    let tokens: number | undefined
    const finishes: Array<number> = []
    const timeouts = longer({ ...patience, ...options.timeouts }, factor)
    const reading = Stream.runForEach(LLMClient.chatStream(sampleRequest, { ...options, timeouts }), (chunk) =>
      Effect.sync(() => {
        count++
        text += chunk.content
        if (chunk.finishReason === null) return
        finishes.push(count)
        tokens = chunk.usage?.totalTokens
      })
    )
    return Effect.map(ended(reading, factor), (end) => ({
      end,
      text,
      finishes: finishes.map((at) => count - at),
      tokens
    }))
  })

/** Asks for a whole answer. */
export const readWhole = (options: ChatOptions = {}, factor = 1): Effect.Effect<Seen, never, LLMClient> =>
  Effect.suspend(() => {
    let seen: Omit<Seen, "end"> = { text: "", finishes: [], tokens: undefined }
    const timeouts = longer({ ...patience, ...options.timeouts }, factor)
    const asked = Effect.tap(LLMClient.chat(sampleRequest, { ...options, timeouts }), ({ content, usage }) => {
      seen = { text: content, finishes: [0], tokens: usage?.totalTokens }
    })
    return Effect.map(ended(asked, factor), (end) => ({ ...seen, end }))
  })

/** One call of the table. */
export interface Call {
  readonly row: Row
  readonly protocol: ProtocolName
  readonly client: ClientName
  readonly kind: "streamed" | "whole"
}

const names = <Name extends string>(record: { readonly [Each in Name]: unknown }): ReadonlyArray<Name> =>
  // A record has no other keys here than those of its type.
  Object.keys(record) as Array<Name>

export const protocolNames = names(protocols)
export const clientNames = names(clients)

/** A call that has been made. */
export interface Made extends Call {
  readonly seen: Seen
  /** How many requests the server has read. */
  readonly requests: number
  /** Whether the server has seen each of them end. */
  readonly hasEnded: boolean
}

/** What is promised of a call. */
export const promiseOf = ({ row, protocol, client, kind }: Call) => outcomeOf(row, protocol, client, kind === "whole")

const run = ({ row, kind }: Call, factor: number) =>
  kind === "streamed"
    ? readStream({ timeouts: row.timeouts }, factor)
    : readWhole({ timeouts: row.timeouts === undefined ? {} : { total: short } }, factor)

/**
 * Makes a call on a Simulator of its own, with so many times as long timeouts, then waits until the server has seen every
 * request end.
 */
export const make = (
  call: Call,
  factor: number,
  script = [call.row.reply],
  options: Asking = {}
): Effect.Effect<Made> =>
  Effect.gen(function* () {
    if (call.row.isOnSecondCall) {
      yield* readStream()
      // Until the client has taken the connection back.
      yield* Effect.sleep(30 * factor)
    }
    const seen = yield* run(call, factor)
    const requests = yield* Simulator.requests
    const hasEnded = yield* Effect.forEach(requests, (request) => request.closed).pipe(
      Effect.timeout(Duration.seconds(2 * factor)),
      Effect.isSuccess
    )
    return { ...call, seen, requests: requests.length, hasEnded }
  }).pipe(asking(protocols[call.protocol], script, { ...options, http: clients[call.client] }))
