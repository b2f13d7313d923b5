/** Runs the command as a process: signals interrupt it, a closed pipe ends it, and the exit code says how it ended. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { sanitizeTerminal } from "../output/sanitizeTerminal.js"
import { type CommandError, exitCodes } from "./CommandError.js"
import { flush, printError } from "./Output.js"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Runs a program and then exits the process. */
export const runMain = (program: Effect.Effect<void, CommandError>): void => {
  const fiber = Effect.runFork(program)
  let requestedExitCode: number | undefined
  const stop = (exitCode: number): void => {
    // A second signal means that the user does not want to wait for finalizers.
    if (requestedExitCode !== undefined) process.exit(exitCode)
    requestedExitCode = exitCode
    Effect.runFork(Fiber.interrupt(fiber))
  }
  for (const signal of signals) process.on(signal, () => stop(exitCodes[signal]))
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (requestedExitCode !== undefined) return
    // The reader of a pipe left, as `| head -1` does: not an error.
    if (error.code === "EPIPE") return stop(exitCodes.ok)
    Effect.runFork(printError(`cannot write to the standard output: ${error.code ?? error.message}`))
    stop(exitCodes.unexpected)
  })
  process.stderr.on("error", () => {})
  process.on("uncaughtException", (error) => {
    Effect.runFork(Effect.map(reportExit(Exit.die(error)), (exitCode) => process.exit(exitCode)))
  })
  fiber.addObserver((exit) => {
    Effect.runFork(Effect.map(reportExit(exit), (exitCode) => process.exit(requestedExitCode ?? exitCode)))
  })
}

/** Prints a failure in one line, waits until all output is written, and gives the exit code. */
export const reportExit = (exit: Exit.Exit<void, CommandError>): Effect.Effect<number> =>
  Effect.zipLeft(printExit(exit), flush)

const printExit = (exit: Exit.Exit<void, CommandError>): Effect.Effect<number> => {
  if (Exit.isSuccess(exit)) return Effect.succeed(exitCodes.ok)
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "Some") return Effect.as(printError(failure.value.message), failure.value.exitCode)
  if (Cause.isInterruptedOnly(exit.cause)) return Effect.succeed(exitCodes.SIGINT)
  const defect = Cause.squash(exit.cause)
  const report = process.env["LLM_CONNECTIVITY_DEBUG"]
    ? Effect.sync(() =>
        process.stderr.write(`${sanitizeTerminal(Cause.pretty(exit.cause, { renderErrorCause: true }))}\n`)
      )
    : printError(
        `${defect instanceof Error ? defect.message : String(defect)} (set LLM_CONNECTIVITY_DEBUG=1 to see the stack trace)`
      )
  return Effect.as(report, exitCodes.unexpected)
}
