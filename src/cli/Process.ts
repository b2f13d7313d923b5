/** Runs the command in its process: signals interrupt it, a reader that leaves ends it, and its exit code says how it went. */
import { Cause, Effect, Exit, Fiber } from "effect"
import { complain, flush } from "./Output.js"
import { exitCodes, type Problem } from "./Problem.js"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Runs to the end of the process. */
export const runMain = (program: Effect.Effect<void, Problem>): void => {
  const fiber = Effect.runFork(program)
  let stoppedWith: number | undefined
  const stop = (exitCode: number): void => {
    // Who asks twice does not want to wait for anything to close.
    if (stoppedWith !== undefined) process.exit(exitCode)
    stoppedWith = exitCode
    Effect.runFork(Fiber.interrupt(fiber))
  }
  for (const signal of signals) process.on(signal, () => stop(exitCodes[signal]))
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (stoppedWith !== undefined) return
    // As with `| head -1`: the rest is not wanted any more, which is no mistake.
    if (error.code === "EPIPE") return stop(exitCodes.ok)
    Effect.runFork(complain(`cannot write to the standard output: ${error.code ?? error.message}`))
    stop(exitCodes.unexpected)
  })
  process.stderr.on("error", () => {})
  process.on("uncaughtException", (error) => {
    Effect.runFork(Effect.map(end(Exit.die(error)), (exitCode) => process.exit(exitCode)))
  })
  fiber.addObserver((exit) => {
    const ended = Effect.zipLeft(end(exit), flush)
    Effect.runFork(Effect.map(ended, (exitCode) => process.exit(stoppedWith ?? exitCode)))
  })
}

/** Tells what went wrong, in one line, and gives the exit code. */
const end = (exit: Exit.Exit<void, Problem>): Effect.Effect<number> => {
  if (Exit.isSuccess(exit)) return Effect.succeed(exitCodes.ok)
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "Some") return Effect.as(complain(failure.value.message), failure.value.exitCode)
  if (Cause.isInterruptedOnly(exit.cause)) return Effect.succeed(exitCodes.SIGINT)
  const defect = Cause.squash(exit.cause)
  const told = process.env["LLM_CONNECTIVITY_DEBUG"]
    ? Effect.sync(() => process.stderr.write(`${Cause.pretty(exit.cause, { renderErrorCause: true })}\n`))
    : complain(`${defect instanceof Error ? defect.message : String(defect)} (LLM_CONNECTIVITY_DEBUG=1 shows where)`)
  return Effect.as(told, exitCodes.unexpected)
}
