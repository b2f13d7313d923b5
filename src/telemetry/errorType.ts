/** Names the class of a failure in spans, metrics and logs. */
import * as Exit from "effect/Exit"
import type { LLMError } from "../domain/LLMError.js"

/** The tag of an error and its reason, such as `NetworkError.Timeout`. */
export const errorType = (error: LLMError): string => ("reason" in error ? `${error._tag}.${error.reason}` : error._tag)

/** The error with which a call ended; `undefined` where it succeeded or its consumer stopped. */
export const errorOf = (exit: Exit.Exit<unknown, LLMError>): LLMError | undefined =>
  Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined
