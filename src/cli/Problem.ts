/** What keeps the command from doing what it was told, in one line for a person and a number for a script. */
import { ConfigError, Data } from "effect"
import type { LLMError } from "../domain/LLMError.js"

/** The numbers with which the command ends. */
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

/** Something that the person at the keyboard can change. */
export class Problem extends Data.TaggedError("Problem")<{
  /** One line. */
  readonly message: string
  readonly exitCode: number
}> {}

/** A command line that is wrong. */
export const misused = (message: string): Problem => new Problem({ message, exitCode: exitCodes.usage })

/** Everything that a command fails with. */
export type Failure = Problem | LLMError | ConfigError.ConfigError

/** Makes a problem of any failure. */
export const problemOf = (failure: Failure): Problem => {
  if (failure._tag === "Problem") return failure
  if (ConfigError.isConfigError(failure)) {
    const message = `not configured yet: ${sentencesOf(failure).join("; ")}`
    return new Problem({ message, exitCode: exitCodes.AuthenticationError })
  }
  const request = failure.requestId === undefined ? "" : ` (request ${failure.requestId})`
  return new Problem({ message: `${failure.message}${request}`, exitCode: exitCodes[failure._tag] })
}

/** What a configuration lacks, without the values that it has. */
const sentencesOf = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  switch (error._op) {
    case "And":
    case "Or":
      return [...sentencesOf(error.left), ...sentencesOf(error.right)]
    case "MissingData":
      return [error.message.startsWith("set ") ? error.message : `set ${error.path.join(".")}`]
    default:
      return [`${error.path.join(".")} cannot be used`]
  }
}
