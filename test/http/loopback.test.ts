import { expect, it } from "@effect/vitest"
import { isLoopback } from "../../src/http/loopback.js"

it("recognizes the hosts that only this machine reaches, and no other", () => {
  const inside = ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "::ffff:127.0.0.1"]
  const outside = ["localhost.example", "127.0.0.1.example", "a127.0.0.1", "0.0.0.0", "::2", "10.0.0.1", "[::1", ""]
  expect(inside.filter((host) => !isLoopback(host))).toEqual([])
  expect(outside.filter(isLoopback)).toEqual([])
})
