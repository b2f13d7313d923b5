import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { type Poll, type Polled, Read } from "../../src/domain/Read.js"

/** A socket of letters: what has arrived is polled, and each arrival wakes who waits. */
class Source {
  private readonly arrived: Array<Polled<string, string>> = []
  private wake: (() => void) | undefined

  readonly poll: Poll<string, string> = (wake) => {
    const next = this.arrived.shift()
    if (next === undefined) this.wake = wake
    return next
  }

  arrive(...reads: ReadonlyArray<Polled<string, string>>): void {
    this.arrived.push(...reads)
    const { wake } = this
    this.wake = undefined
    wake?.()
  }
}

const end: ReadonlyArray<string> = []

/** Reads letters in a fiber; gives them as they are seen. */
const reading = (read: Read<string, string>, onRead: (letters: string) => undefined = () => undefined) =>
  Effect.gen(function* () {
    const seen: Array<string> = []
    const fiber = yield* Effect.fork(
      Read.forEach(read, (letters) => {
        seen.push(letters.join(""))
        return onRead(letters.join(""))
      })
    )
    yield* Effect.yieldNow()
    return { seen, fiber }
  })

const upper = (read: Read<string, string>) =>
  Read.map<string, string, string, never>(read, {
    onElements: (letters) => (letters[0] === " " ? undefined : letters.map((letter) => letter.toUpperCase())),
    onFailure: (cause) => Effect.failCause(Cause.map(cause, (error) => `failed: ${error}`))
  })

describe("Read.forEach", () => {
  it.effect("shows a read that arrives before `wake` returns, without waking a fiber", () =>
    Effect.gen(function* () {
      const source = new Source()
      const { seen, fiber } = yield* reading(upper(upper(Read.fromPoll(source.poll))))
      source.arrive(["a", "b"], ["c"])
      source.arrive(["d"])
      expect(seen).toEqual(["AB", "C", "D"])
      source.arrive(end)
      expect(yield* Fiber.join(fiber)).toBeUndefined()
    })
  )

  it.effect("reads effects among what it polls, and ends with the failure of one", () =>
    Effect.gen(function* () {
      const source = new Source()
      const { seen, fiber } = yield* reading(upper(Read.fromPoll(source.poll)))
      source.arrive(Effect.succeed(["a"]), Effect.succeed([" "]), ["b"], Effect.fail("cut"), ["never"])
      expect(yield* Effect.flip(Fiber.join(fiber))).toBe("failed: cut")
      expect(seen).toEqual(["A", "B"])
    })
  )

  it.effect("reads what was not made of a poll", () =>
    Effect.gen(function* () {
      const reads = [["a"], [" "], ["b"], end]
      const { seen, fiber } = yield* reading(upper(Effect.sync(() => reads.shift() ?? end)))
      yield* Fiber.join(fiber)
      expect(seen).toEqual(["A", "B"])
    })
  )

  it.effect("makes what the function throws a defect, and throws nothing at the source", () =>
    Effect.gen(function* () {
      const source = new Source()
      const { fiber } = yield* reading(Read.fromPoll(source.poll), (letters) => {
        if (letters === "b") throw new Error("wrong")
      })
      source.arrive(["a"])
      source.arrive(["b"], ["c"])
      const exit = yield* Fiber.await(fiber)
      expect(Exit.isFailure(exit) && Cause.isDie(exit.cause)).toBe(true)
    })
  )

  it.effect("takes nothing more once it is interrupted, so that the next reader gets it", () =>
    Effect.gen(function* () {
      const source = new Source()
      const read = Read.fromPoll(source.poll)
      const { seen, fiber } = yield* reading(read)
      source.arrive(["a"])
      yield* Fiber.interrupt(fiber)
      source.arrive(["b"])
      const pulling = yield* Effect.fork(Effect.zip(read, read))
      yield* Effect.yieldNow()
      source.arrive(["c"])
      expect(yield* Fiber.join(pulling)).toEqual([["b"], ["c"]])
      expect(seen).toEqual(["a"])
    })
  )

  it.effect("waits for an effect, or for a function to be called, before the next read", () =>
    Effect.gen(function* () {
      for (const asEffect of [true, false]) {
        const source = new Source()
        const seen: Array<string> = []
        let readOn = () => {}
        const wait = (resume: () => void) => {
          readOn = resume
        }
        const fiber = yield* Effect.fork(
          Read.forEach(Read.fromPoll(source.poll), ([letter = ""]) => {
            seen.push(letter)
            return asEffect ? Effect.async<void>((resume) => wait(() => resume(Effect.void))) : wait
          })
        )
        yield* Effect.yieldNow()
        source.arrive(["a"], Effect.succeed(["b"]), end)
        yield* Effect.yieldNow()
        expect(seen).toEqual(["a"])
        readOn()
        yield* Effect.yieldNow()
        expect(seen).toEqual(["a", "b"])
        readOn()
        yield* Fiber.join(fiber)
      }
    })
  )
})

describe("Read.fromPoll", () => {
  it.effect("makes an effect that waits for the next read, and takes nothing when it is interrupted", () =>
    Effect.gen(function* () {
      const source = new Source()
      const read = Read.fromPoll(source.poll)
      const left = yield* Effect.fork(read)
      yield* Effect.yieldNow()
      source.arrive(["a"])
      yield* Fiber.interrupt(left)
      expect(yield* read).toEqual(["a"])
    })
  )
})
