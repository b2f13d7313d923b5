import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import type { RedisSubscriber } from "../../src/interop/redis/RedisClient.js"
import { RunHints } from "../../src/interop/redis/RunHints.js"

const unused = () => Promise.reject(new Error("runs no scripts"))

describe("the messages of runs in Redis", () => {
  it.effect("are heard by a watcher that comes when one left before Redis had confirmed its subscription", () =>
    Effect.gen(function* () {
      const sent: Array<string> = []
      const confirmations: Array<() => void> = []
      let ready = () => {}
      const subscriber: RedisSubscriber = {
        connect: () => Promise.resolve(),
        disconnect: () => {},
        subscribe: () => {
          sent.push("subscribe")
          return new Promise<void>((resolve) => void confirmations.push(resolve))
        },
        unsubscribe: () => Promise.resolve(sent.push("unsubscribe")),
        on: (event, listener) => {
          if (event === "ready") ready = listener
        }
      }
      const hints = new RunHints({ evalsha: unused, eval: unused, duplicate: () => subscriber })
      const scope = yield* Scope.make()
      yield* Scope.extend(
        hints.watch("run", () => {}),
        scope
      )
      ready()
      yield* Scope.close(scope, Exit.void)
      confirmations[0]?.()
      yield* Effect.promise(() => Promise.resolve())
      yield* hints.watch("run", () => {})
      expect(sent).toEqual(["subscribe", "unsubscribe", "subscribe"])
    }).pipe(Effect.scoped)
  )
})
