import { describe, expect, it } from "@effect/vitest"
import { Array as Arr, Cause, Effect, Exit, Fiber, Scheduler, Tracer } from "effect"
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

/** Runs an effect again and again, and makes its fiber yield once, each time one step later. */
const yieldingAtEachStep = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.forEach(Arr.range(1, 60), (step) => {
    let steps = 0
    const scheduler: Scheduler.Scheduler = {
      shouldYield: () => {
        steps += 1
        return steps === step ? 0 : false
      },
      scheduleTask: (task, priority, fiber) => Scheduler.defaultScheduler.scheduleTask(task, priority, fiber)
    }
    return Effect.withScheduler(effect, scheduler)
  })

/** A source that calls back in the microtask after each poll, as a body of `fetch` does. */
const promptly = (...reads: ReadonlyArray<Polled<string, string>>): Poll<string, string> => {
  const source = new Source()
  const remaining = [...reads]
  return (wake) => {
    const polled = source.poll(wake)
    const next = polled === undefined ? remaining.shift() : undefined
    if (next !== undefined) queueMicrotask(() => source.arrive(next))
    return polled
  }
}

describe("a function that is called on the stack of the source", () => {
  it.effect("has the span of its fiber as the active one of the tracer", () =>
    Effect.gen(function* () {
      const native = yield* Effect.tracer
      let active: string | undefined
      const tracer = Tracer.make({
        span: native.span,
        context: (run, fiber) => {
          const outer = active
          active = fiber.currentSpan?.spanId
          try {
            return run()
          } finally {
            active = outer
          }
        }
      })
      const source = new Source()
      const seen: Array<string | undefined> = []
      const reading = Read.forEach(Read.fromPoll(source.poll), () => void seen.push(active))
      const fiber = yield* Effect.fork(
        Effect.useSpan("call", (span) => Effect.as(Effect.withParentSpan(reading, span), span.spanId)).pipe(
          Effect.withTracer(tracer)
        )
      )
      yield* Effect.yieldNow()
      source.arrive(["a"])
      source.arrive(["b"])
      source.arrive(end)
      const id = yield* Fiber.join(fiber)
      expect(seen).toEqual([id, id])
    })
  )
})

/** How many continuations the fiber has. */
const stackDepth = Effect.withFiberRuntime<number>((fiber) => Effect.succeed(Reflect.get(fiber, "_stack").length))

describe("waiting for an effect after each read", () => {
  it.effect("needs no more memory for later reads", () =>
    Effect.gen(function* () {
      const source = new Source()
      const depths: Array<number> = []
      const fiber = yield* Effect.fork(
        Read.forEach(Read.fromPoll(source.poll), () => Effect.map(stackDepth, (depth) => depths.push(depth)))
      )
      for (let read = 0; read < 100; read += 1) {
        yield* Effect.yieldNow()
        source.arrive(["a"])
      }
      yield* Effect.yieldNow()
      source.arrive(end)
      yield* Fiber.join(fiber)
      expect(depths.length).toBe(100)
      expect(depths.at(-1)).toBe(depths[0])
    })
  )
})

describe("a fiber that yields between a poll and its wait", () => {
  it.live("loses no wake-up of an effect", () =>
    Effect.gen(function* () {
      const read = Effect.suspend(() => {
        const promptRead = Read.fromPoll(promptly(["a"], ["b"], end))
        return Effect.all([promptRead, promptRead, promptRead])
      })
      const all = yield* Effect.timeout(yieldingAtEachStep(read), "2 seconds")
      expect(all).toEqual(all.map(() => [["a"], ["b"], []]))
    })
  )

  it.live("loses no wake-up of a function", () =>
    Effect.gen(function* () {
      const letters = Effect.suspend(() => {
        const seen: Array<string> = []
        const read = Read.fromPoll(promptly(Effect.succeed(["a"]), ["b"], end))
        return Effect.as(
          Read.forEach(read, ([letter = ""]) => void seen.push(letter)),
          seen
        )
      })
      const all = yield* Effect.timeout(yieldingAtEachStep(letters), "2 seconds")
      expect(all).toEqual(all.map(() => ["a", "b"]))
    })
  )

  it.live("takes nothing more once it is interrupted there", () =>
    yieldingAtEachStep(
      Effect.gen(function* () {
        const source = new Source()
        const seen: Array<string> = []
        const reading = Read.forEach(Read.fromPoll(source.poll), ([letter = ""]) => void seen.push(letter))
        const fiber = yield* Effect.fork(reading)
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(fiber)
        source.arrive(["a"])
        expect(seen).toEqual([])
      })
    )
  )
})

describe("a defect", () => {
  const broken = Read.fromPoll<string, string, never>(() => {
    throw new Error("wrong")
  })

  it.effect("reaches whoever watches the read, from the source and from what changes it", () =>
    Effect.gen(function* () {
      const throwing = Read.map<string, string, string, never>(
        Read.fromPoll<string, string, never>(() => ["a"]),
        {
          onElements: () => {
            throw new Error("wrong")
          },
          onFailure: Effect.failCause
        }
      )
      for (const read of [broken, throwing]) {
        const seen: Array<Cause.Cause<string>> = []
        const watched = Read.map<string, string, string, never>(read, {
          onElements: (letters) => letters,
          onFailure: (cause) => {
            seen.push(cause)
            return Effect.failCause(cause)
          }
        })
        const reading = Read.forEach(watched, () => undefined)
        const exits = [yield* Effect.exit(Effect.asVoid(watched)), yield* Effect.exit(reading)]
        expect(exits.map((exit) => Exit.isFailure(exit) && Cause.isDie(exit.cause))).toEqual([true, true])
        expect(seen.map(Cause.isDie)).toEqual([true, true])
      }
    })
  )

  it.effect("is not thrown by a poll", () =>
    Effect.sync(() => {
      expect(Effect.isEffect(Read.pollOf(broken)(() => {}))).toBe(true)
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
