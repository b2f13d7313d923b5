/** Sends a plan on Node's own response, where a fault can reach the socket. */
import type { ServerResponse } from "node:http"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Plan, Step, Write } from "./Plan.js"
import type { ClosedRequest } from "./SimulatedRequest.js"

/**
 * Waits until what has been sent has arrived, which a reset would overtake on some systems. A reader in this process
 * reads it between a timer and an immediate: if it came upon bytes and reset at once, libuv would report a proper end.
 */
const beforeReset = Effect.zipRight(
  Effect.sleep(10),
  Effect.async<void>((resume) => {
    const immediate = setImmediate(() => resume(Effect.void))
    return Effect.sync(() => clearImmediate(immediate))
  })
)

/** Sends a plan until it ends or the caller is gone; says how far it came. */
export const play = (plan: Plan, response: ServerResponse): Effect.Effect<ClosedRequest> =>
  Effect.gen(function* () {
    const closed = yield* Deferred.make<void>()
    const progress: Progress = { chunks: 0, bytes: 0, closedBy: "caller" }
    response.on("close", () => Deferred.unsafeDone(closed, Effect.void))
    // A caller that is gone is no error; the response tells by closing.
    response.on("error", () => {})
    if (response.destroyed) Deferred.unsafeDone(closed, Effect.void)
    // Not a race, which never ends in a fiber that has been interrupted but may not be.
    const playing = yield* Effect.fork(Effect.interruptible(playSteps(plan, response, progress)))
    playing.addObserver((exit) => {
      // A header that cannot be sent, for instance: better no response than none that ends.
      if (Exit.isFailure(exit)) response.destroy()
    })
    yield* Deferred.await(closed)
    yield* Fiber.interrupt(playing)
    return progress
  })

interface Progress {
  chunks: number
  bytes: number
  closedBy: "server" | "caller"
}

const playSteps = (plan: Plan, response: ServerResponse, progress: Progress): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (plan.delayMillis > 0) yield* Effect.sleep(plan.delayMillis)
    if (plan.head !== undefined) {
      response.writeHead(plan.head.status, plan.head.headers)
      response.flushHeaders()
    }
    for (const step of stepsOf(plan.body)) {
      if (step.type === "write") yield* send(step, response, progress)
      // A timer of nothing takes a millisecond all the same.
      else if (step.millis > 0) yield* Effect.sleep(step.millis)
    }
    if (plan.ending === "reset" && plan.head !== undefined) yield* beforeReset
    if (plan.ending === "open") return
    progress.closedBy = "server"
    if (plan.ending === "end") response.end()
    else response.socket?.resetAndDestroy()
  })

/** The steps in their order, with repeated ones for ever. */
export function* stepsOf(body: ReadonlyArray<Step>): Generator<Exclude<Step, { type: "repeat" }>, void> {
  for (const step of body) {
    if (step.type !== "repeat") yield step
    else while (true) yield* step.steps
  }
}

/** Waits until the bytes have left: a slow reader slows the answer. */
const send = (step: Write, response: ServerResponse, progress: Progress): Effect.Effect<void> =>
  Effect.async((resume) => {
    response.write(step.bytes, () => {
      progress.bytes += step.bytes.length
      if (step.part === "delta") progress.chunks++
      resume(Effect.void)
    })
  })
