/** What errors may say about a request, from its check to its response. */
import { ValidationError } from "../../domain/LLMError.js"
import * as httpErrors from "../../http/errors/httpErrors.js"
import { Secrets } from "../../http/secrets/Secrets.js"
import { textsIn } from "../../http/secrets/textsIn.js"
import type { CallOptions } from "../Provider.js"
import type { ProviderRuntime } from "../ProviderRuntime.js"

/** The context of a request. Its secrets grow when the request is signed. */
export interface RequestContext extends httpErrors.RequestContext {
  readonly secrets: Secrets
}

/** Starts the context of a request to a model. Errors never repeat a text of `sent`. */
export const begin = (
  runtime: ProviderRuntime,
  model: string,
  sent?: unknown,
  options?: CallOptions
): RequestContext => {
  const secrets = options?.secrets ?? new Secrets()
  secrets.add(runtime.secrets)
  return { provider: runtime.provider, model, headers: {}, secrets, sentTexts: () => textsIn(sent) }
}

/** The error of a request that cannot be sent. */
export const invalid = (context: httpErrors.RequestContext, problem: string): ValidationError =>
  new ValidationError({ ...httpErrors.errorFields(context), message: `${context.provider}: ${problem}` })
