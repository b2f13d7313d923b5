/** `it.effect` and `it.scoped` that give a test a clock, and nothing that takes long to build. */
import { it, type Vitest } from "@effect/vitest"
import { Effect, FiberRef, HashSet, Layer, Logger, type Scope, TestClock, TestServices } from "effect"

const clock = Effect.provide(Layer.build(TestClock.defaultTestClock), TestServices.liveServices)

/** Runs a test on a clock of its own, which begins at 0, and without Effect's own logger. */
const onClock = (test: Effect.Effect<unknown, unknown, Scope.Scope>) =>
  Effect.scoped(Effect.zipRight(clock, test)).pipe(
    Effect.locallyWith(FiberRef.currentLoggers, HashSet.remove(Logger.defaultLogger))
  )

type Form = (...parameters: ReadonlyArray<unknown>) => void

/** A form of a test, such as `it.live.only`, with the function among its parameters on a clock. */
const mapped =
  (form: (...parameters: ReadonlyArray<never>) => void): Form =>
  (...parameters) =>
    // The parameters are those of the form, whichever it is.
    (form as Form)(
      ...parameters.map((parameter) =>
        typeof parameter === "function"
          ? (...values: ReadonlyArray<unknown>) => onClock(parameter(...values))
          : parameter
      )
    )

const { skip, only, fails, prop, skipIf, runIf, each } = it.live

/**
 * What `it.effect` and `it.scoped` of @effect/vitest do with the clock. Those build nine layers for each test, which takes
 * 4 ms: most of the time of a quick test.
 */
// Every form takes what its counterpart of `it.live` takes.
export const onTestClock = Object.assign(mapped(it.live), {
  skip: mapped(skip),
  only: mapped(only),
  fails: mapped(fails),
  prop: mapped(prop),
  skipIf: (condition: unknown) => mapped(skipIf(condition)),
  runIf: (condition: unknown) => mapped(runIf(condition)),
  each: (cases: ReadonlyArray<unknown>) => mapped(each(cases))
}) as Vitest.Tester<TestServices.TestServices>
