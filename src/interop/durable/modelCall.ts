/** A model call whose response is stored: after a restart, it is read and not requested again. */
import * as Activity from "@effect/workflow/Activity"
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ChatOptions } from "../../client/ClientOptions.js"
import type { LLMClientService } from "../../client/serve.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { isTransient, LLMError } from "../../domain/LLMError.js"
import { isObject } from "../../http/Json.js"

/** A response as plain JSON; its `rawResponse` is `null`. */
export const StoredResponse: Schema.Schema<ChatResponse> = Schema.declare(
  (value): value is ChatResponse => isObject(value) && typeof value.content === "string"
)

/** How often a failed call is repeated. */
export interface CallRetries {
  /** How often a call that failed with a `RateLimitError` or a `NetworkError` is made again; 3 by default. */
  readonly retries?: number | undefined
}

// 1 second that doubles with each attempt, at most a minute, or the provider's hint if that is longer.
const delayAfter = (error: LLMError, attempt: number): Duration.Duration => {
  const own = Duration.seconds(Math.min(2 ** (attempt - 1), 60))
  return Duration.max(own, LLMError.retryAfter(error) ?? Duration.zero)
}

/**
 * Makes a call as an activity with this name. Each attempt is an activity of its own, so a stored failure is not
 * repeated. The policies of the client are off by default, because their retries would multiply the attempts.
 */
export const modelCall = (
  client: LLMClientService,
  name: string,
  request: ChatRequest,
  { retries = 3, ...options }: ChatOptions & CallRetries
): Effect.Effect<ChatResponse, LLMError, WorkflowEngine | WorkflowInstance> => {
  let wasRead = true
  const call = Activity.make({
    name,
    success: StoredResponse,
    error: LLMError.schema,
    execute: Effect.suspend(() => {
      wasRead = false
      return Effect.map(
        client.chat(request, { ...options, policies: options.policies ?? [] }),
        (response): ChatResponse => ({ ...response, rawResponse: null })
      )
    })
  })
  const attempt = (number: number): Effect.Effect<ChatResponse, LLMError, WorkflowEngine | WorkflowInstance> =>
    Effect.catchIf(
      Effect.provideService(call, Activity.CurrentAttempt, number),
      (error) => isTransient(error) && error.retryable && number <= retries,
      // The wait after a failure that was read from the storage happened before the restart.
      (error) => Effect.delay(attempt(number + 1), wasRead ? Duration.zero : delayAfter(error, number))
    )
  return attempt(1)
}
