/**
 * Four processes that share a rate limit through Redis. Run it with `npx tsx examples/fleet/fleet.ts` while Redis
 * listens on 127.0.0.1:6379 (or at REDIS_URL): it prints how many requests the simulated provider got, and when.
 */
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Simulator } from "llm-connectivity/testing"

const arrivals: Array<number> = []
const simulator = Simulator.layer({
  pace: 0,
  script: () => {
    arrivals.push(performance.now())
    return "Hello!"
  }
})

const worker = fileURLToPath(new URL("worker.ts", import.meta.url))
const { REDIS_URL = "redis://127.0.0.1:6379" } = process.env

const program = Effect.gen(function* () {
  const { environment } = yield* Simulator
  const start = (name: string) =>
    Command.make(process.execPath, "--import", "tsx", worker, name).pipe(
      Command.env({ ...environment, REDIS_URL }),
      Command.stderr("inherit"),
      Command.string
    )
  const reports = yield* Effect.forEach(["a", "b", "c", "d"], start, { concurrency: 4 })
  yield* Console.log(reports.join("").trim())
  const within = arrivals.map((from) => arrivals.filter((at) => at >= from && at < from + 3000).length)
  yield* Console.log(`${arrivals.length} requests, at most ${Math.max(...within)} in any 3 seconds; the limit is 30`)
})

program.pipe(Effect.provide(Layer.merge(simulator, NodeContext.layer)), NodeRuntime.runMain)
