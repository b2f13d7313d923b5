import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { redisServer } from "./redisServer.js"

const example = fileURLToPath(new URL("../../examples/fleet/fleet.ts", import.meta.url))

it.scopedLive("the example of four processes answers every call within the shared limit", () =>
  Effect.gen(function* () {
    const { url } = yield* redisServer
    const { stdout } = yield* Effect.promise(() =>
      promisify(execFile)(process.execPath, ["--import", "tsx", example], { env: { ...process.env, REDIS_URL: url } })
    )
    for (const name of ["a", "b", "c", "d"]) expect(stdout).toContain(`process ${name}: 15 answers, 0 failures`)
    const [, requests, most] = /(\d+) requests, at most (\d+) in any 3 seconds/.exec(stdout) ?? []
    expect(Number(requests)).toBe(60)
    // The limit is 30. Where the machine is late, requests of two windows arrive in one; without sharing it would be 60.
    expect(Number(most)).toBeLessThanOrEqual(40)
  })
)
