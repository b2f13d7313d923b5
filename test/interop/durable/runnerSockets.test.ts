import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { failing } from "../../../src/interop/durable/runnerSockets.js"

it.effect("a connection of a runner that breaks while it is written to is a failure, not a defect", () =>
  Effect.gen(function* () {
    const broken = new Error("write ECONNRESET")
    const { send } = failing({
      run: () => Effect.never,
      send: () => Effect.die(broken),
      supportsAck: true,
      supportsTransferables: false
    })
    const error = yield* Effect.flip(send({ _tag: "Ping" }))
    expect(error).toMatchObject({ _tag: "RpcClientError", reason: "Protocol", cause: broken })
  })
)
