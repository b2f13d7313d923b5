/** Interrupts calls in every state that they can be in, and measures how soon the server sees it and what is left. */
import { Deferred, Effect, Fiber, Schedule, Stream } from "effect"
import { LLMClient, Policy } from "llm-connectivity"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { clients, protocols, sampleRequest } from "../support/contract.js"
import { protocolNames } from "./ask.js"
import type { ClientName } from "./faults.js"

/** Where a call is when it is interrupted. */
export type State = "before the headers" | "in the middle of the answer" | "between two attempts"

const replies: { readonly [Each in State]: SimulatedReply } = {
  "before the headers": { fault: { type: "slowHeaders", delay: "1 minute" } },
  "in the middle of the answer": { fault: { type: "stall", afterChunks: 3 } },
  "between two attempts": { status: 503 }
}

export const states = ["before the headers", "in the middle of the answer", "between two attempts"] as const

/** What there is in the process that a call may have made. */
export const held = () => {
  const resources = process.getActiveResourcesInfo()
  const count = (name: string): number => resources.filter((resource) => resource === name).length
  return {
    sockets: count("TCPSocketWrap"),
    timers: count("Timeout"),
    fibers: Array.from(Effect.runSync(Fiber.roots)).length
  }
}

type Held = ReturnType<typeof held>

/** How much more is held than before, once what was on its way out has gone. */
export const leftSince = (before: Held, tries = 500): Effect.Effect<Held> =>
  Effect.suspend(() => {
    const { sockets, timers, fibers } = held()
    const left = { sockets: sockets - before.sockets, timers: timers - before.timers, fibers: fibers - before.fibers }
    return tries === 0 || Math.max(...Object.values(left)) <= 0
      ? Effect.succeed(left)
      : Effect.zipRight(Effect.sleep("10 millis"), leftSince(before, tries - 1))
  })

/**
 * Interrupts so many calls, one after the other, the protocols in turn. Gives how many milliseconds each time until the
 * server saw the socket close; between two attempts there is none, and until the interruption was through.
 */
export const interrupted = (state: State, client: ClientName, times: number) =>
  Effect.gen(function* () {
    let arrived = yield* Deferred.make<void>()
    const script = () => {
      Deferred.unsafeDone(arrived, Effect.void)
      return replies[state]
    }
    const once = (index: number) =>
      Effect.gen(function* () {
        arrived = yield* Deferred.make<void>()
        const shown = yield* Deferred.make<void>()
        const protocol = protocolNames[index % protocolNames.length] ?? "openai-chat"
        const called = yield* Effect.flatMap(Simulator, (simulator) => {
          const layer = protocols[protocol].client(simulator, { http, policies: [policy] })
          return Effect.fork(reading(shown).pipe(Effect.provide(layer)))
        })
        yield* Deferred.await(arrived)
        if (state === "in the middle of the answer") yield* Deferred.await(shown)
        if (state === "between two attempts") yield* Effect.sleep("5 millis")
        const at = performance.now()
        yield* Fiber.interrupt(called)
        const request = (yield* Simulator.requests).at(-1)
        if (request !== undefined) yield* request.closed
        return performance.now() - at
      })
    const http = clients[client]
    const policy = Policy.retry({ network: Schedule.spaced("1 minute"), rateLimit: Schedule.spaced("1 minute") })
    const measured = Effect.gen(function* () {
      yield* once(0)
      const before = held()
      const millis = yield* Effect.forEach(
        Array.from({ length: times }, (_, index) => index),
        once
      )
      const requests = yield* Simulator.requests
      return { millis, left: yield* leftSince(before), requests: requests.length }
    })
    return yield* Effect.provide(measured, Simulator.layer({ pace: 0, script, remembers: times + 1 }))
  })

const reading = (shown: Deferred.Deferred<void>) =>
  Stream.runForEach(LLMClient.chatStream(sampleRequest), (chunk) =>
    chunk.content === "" ? Effect.void : Deferred.succeed(shown, undefined)
  )
