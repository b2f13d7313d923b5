/** Why a command failed: one line for people and an exit code for scripts. */
import * as ConfigError from "effect/ConfigError"
import * as Data from "effect/Data"
import type { LLMError } from "../domain/LLMError.js"

/** The exit codes of the command. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  AuthenticationError: 3,
  InsufficientCreditsError: 4,
  RateLimitError: 5,
  NetworkError: 6,
  ModelNotFoundError: 7,
  ContextWindowExceededError: 8,
  ValidationError: 9,
  ProviderError: 10,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143
} as const

/** A failure that the user of the command can fix. */
export class CommandError extends Data.TaggedError("CommandError")<{
  /** One line: what happened, then what to do. */
  readonly message: string
  readonly exitCode: number
}> {}

/** The error for wrong arguments. */
export const usageError = (message: string): CommandError => new CommandError({ message, exitCode: exitCodes.usage })

/** Everything that a command can fail with. */
export type CommandFailure = CommandError | LLMError | ConfigError.ConfigError

/** Gives any failure its line and its exit code. */
export const toCommandError = (failure: CommandFailure): CommandError => {
  if (failure._tag === "CommandError") return failure
  if (ConfigError.isConfigError(failure)) {
    const message = `not configured yet: ${describeConfigError(failure).join("; ")}`
    return new CommandError({ message, exitCode: exitCodes.AuthenticationError })
  }
  const request = failure.requestId === undefined ? "" : ` (request ${failure.requestId})`
  return new CommandError({ message: `${failure.message}${request}`, exitCode: exitCodes[failure._tag] })
}

/** What the configuration lacks. Messages about invalid values are dropped, because they may quote a secret. */
const describeConfigError = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  switch (error._op) {
    case "And":
    case "Or":
      return [...describeConfigError(error.left), ...describeConfigError(error.right)]
    case "MissingData":
      return [/(^|; )set /.test(error.message) ? error.message : `set ${error.path.join(".")}`]
    default:
      return [`${error.path.join(".")} has an invalid value`]
  }
}
