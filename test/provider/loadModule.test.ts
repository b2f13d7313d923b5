import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { loadModule } from "../../src/provider/loadModule.js"

describe("loadModule", () => {
  it.effect("imports a module once, on its first run", () =>
    Effect.gen(function* () {
      let imports = 0
      const module = loadModule("numbers", () => {
        imports += 1
        return Promise.resolve({ one: 1 })
      })
      expect(imports).toBe(0)
      expect(yield* module).toEqual({ one: 1 })
      expect(yield* module).toEqual({ one: 1 })
      expect(imports).toBe(1)
    })
  )

  it.effect("fails with a ProviderError when the import fails, and imports again on the next run", () =>
    Effect.gen(function* () {
      let imports = 0
      const module = loadModule("numbers", () => {
        imports += 1
        return imports === 1 ? Promise.reject(new Error("Cannot find module\nstack")) : Promise.resolve({ one: 1 })
      })
      const error = yield* Effect.flip(module)
      expect(error).toMatchObject({
        _tag: "ProviderError",
        message:
          "could not load numbers (Error: Cannot find module); check that the package is installed and deployed completely"
      })
      expect(yield* module).toEqual({ one: 1 })
    })
  )

  it.effect("fails with a ProviderError when the import throws", () =>
    Effect.gen(function* () {
      const module = loadModule("numbers", () => {
        throw new Error("no loader")
      })
      expect((yield* Effect.flip(module)).message).toContain("could not load numbers (Error: no loader)")
    })
  )
})
