/** The failures of answers: those of clients, of requests, of approvals and of runs. */
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import { ValidationError } from "../../domain/LLMError.js"
import { RunError } from "../../runs/RunError.js"
import { ApprovalError } from "../../tools/approvals/ApprovalError.js"
import { type Failure, type FailureHandling, failureOf, type KnownError } from "../errorResponse.js"
import { statusOfRun } from "../respondWithRun.js"

/** The failures that are reported without a conversion. */
export type AnswerError = KnownError | ApprovalError | RunError

/** The failure to report. */
export const failureOfAnswer = <E>(cause: Cause.Cause<E>, handling: FailureHandling<E>): Failure => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  if (error instanceof RunError) return failed(statusOfRun(error), error.message)
  if (error instanceof ApprovalError) return failed(error.reason === "Unavailable" ? 503 : 400, error.message)
  return failureOf(cause, handling)
}

/** Whether someone stopped the run of the answer, which is not a failure. */
export const isStopped = (cause: Cause.Cause<unknown>): boolean => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  return error instanceof RunError && error.reason === "Stopped"
}

const failed = (status: number, message: string): Failure => ({
  status,
  error: new ValidationError({ provider: "", model: "", message }),
  isExpected: true
})
