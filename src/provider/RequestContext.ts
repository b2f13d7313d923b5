/** What errors may say about a request, from its check to its response. */
import { ValidationError } from "../domain/LLMError.js"
import * as httpErrors from "../http/httpErrors.js"
import type { ProviderRuntime } from "./ProviderRuntime.js"

/** Starts the context of a request to a model. Errors never repeat a text of `sent`. */
export const begin = (runtime: ProviderRuntime, model: string, sent: unknown): httpErrors.RequestContext => ({
  provider: runtime.provider,
  model,
  headers: {},
  secrets: Object.values(runtime.endpoint.headers).filter(isLong),
  sentTexts: () => textsIn(sent)
})

// Shorter header values are no secrets but words, such as a version, which an error may repeat.
const isLong = (value: string): boolean => value.length >= 8

/** The error of a request that cannot be sent. */
export const invalid = (context: httpErrors.RequestContext, problem: string): ValidationError =>
  new ValidationError({ ...httpErrors.errorFields(context), message: `${context.provider}: ${problem}` })

/** Every string inside a value. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner)
}
