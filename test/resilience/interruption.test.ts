/** Interrupting a call in any state closes the socket at once and leaks nothing. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { percentile, slack } from "../support/atAnySpeed.js"
import { report } from "../support/report.js"
import { clientsAt } from "./everyClient.js"
import { interrupted, states } from "./interruption.js"

/** Every state, over the clients in turn; `npm run test:http` combines all of them. */
const ways = states.flatMap((state, place) => clientsAt(place).map((client) => [state, client] as const))

describe("an interrupted call", () => {
  it.live.each(ways)(
    "%s, over the %s client, is over within 25 ms, and leaves no socket, timer or fiber",
    ([state, client]) => {
      let best = Number.POSITIVE_INFINITY
      return Effect.gen(function* () {
        const { millis, left, requests } = yield* interrupted(state, client, 30)
        expect(requests).toBe(31)
        expect(left.timers).toBeLessThanOrEqual(0)
        expect(left.fibers).toBeLessThanOrEqual(0)
        // A client may keep a pair of connections for later, where the server had answered.
        expect(left.sockets).toBeLessThanOrEqual(state === "between two attempts" ? 2 : 0)
        best = Math.min(best, percentile(millis, 0.99))
      }).pipe(
        // A machine that is busy with something else is slow now and then; a client that is slow is so every time.
        Effect.repeat({ until: () => best <= 25, times: 9 }),
        Effect.tap(() => {
          report(`interrupted ${state} over ${client}, ms of 25`, best)
          expect(best).toBeLessThanOrEqual(25 * slack)
        })
      )
    },
    120_000
  )
})
