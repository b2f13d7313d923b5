/** Checks durations among options: from JavaScript, or by a slip of the pen, they may be none. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** What is wrong with an option and what to write instead; `undefined` if it can be right. */
export type OptionProblem = string | undefined

/** Milliseconds; `NaN` where the input is no duration. */
export const millisOf = (input: Duration.DurationInput): number => {
  // Effect reads `NaN` and negative numbers as zero.
  if (typeof input === "number" ? !(input >= 0) : typeof input === "string" && input.startsWith("-")) return Number.NaN
  return Option.match(Duration.decodeUnknown(input), { onNone: () => Number.NaN, onSome: Duration.toMillis })
}

/** Checks a duration that may be zero or infinite. */
export const durationProblem = (name: string, input: Duration.DurationInput): OptionProblem =>
  millisOf(input) >= 0 ? undefined : `${name} is ${written(input)}; write a duration such as "30 seconds"`

/** Checks a duration that ends. */
export const finiteDurationProblem = (name: string, input: Duration.DurationInput): OptionProblem =>
  Number.isFinite(millisOf(input))
    ? undefined
    : `${name} is ${written(input)}; write a finite duration such as "1 minute"`

/** Checks a duration that ends and is not zero. */
export const positiveDurationProblem = (name: string, input: Duration.DurationInput): OptionProblem =>
  Number.isFinite(millisOf(input)) && millisOf(input) > 0
    ? undefined
    : `${name} is ${written(input)}; write a duration such as "1 minute"`

/** The input as a message quotes it. It may be anything, from JavaScript. */
export const written = (input: unknown): string => {
  if (typeof input === "string") return JSON.stringify(input.slice(0, 40))
  return typeof input === "number" ? String(input) : `a value of type ${typeof input}`
}
