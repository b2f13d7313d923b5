/** What a provider says about its own rate limits in the headers of a response. */
import * as Schema from "effect/Schema"

/** One limit, as the provider reports it. */
export interface ProviderLimit {
  /** The most units in a window. */
  readonly limit: number
  /** How many of them are left. */
  readonly remaining: number
  /** Milliseconds until all of them are back. */
  readonly resetMillis?: number | undefined
  /**
   * The length of the window in milliseconds: stated by the provider, or else `reset × limit / (limit − remaining)`.
   * Groq's requests, for instance, are per day and its tokens per minute.
   */
  readonly windowMillis?: number | undefined
}

/** The limits that a response reports. */
export interface ProviderLimits {
  /** Requests. */
  readonly requests?: ProviderLimit | undefined
  /** Tokens of prompts and answers together. */
  readonly tokens?: ProviderLimit | undefined
  /** Tokens of prompts. */
  readonly inputTokens?: ProviderLimit | undefined
  /** Tokens of answers. */
  readonly outputTokens?: ProviderLimit | undefined
}

const ProviderLimit = Schema.Struct({
  limit: Schema.Number,
  remaining: Schema.Number,
  resetMillis: Schema.optional(Schema.Number),
  windowMillis: Schema.optional(Schema.Number)
})

/** The schema of the limits that a response reports. */
export const ProviderLimits: Schema.Schema<ProviderLimits> = Schema.Struct({
  requests: Schema.optional(ProviderLimit),
  tokens: Schema.optional(ProviderLimit),
  inputTokens: Schema.optional(ProviderLimit),
  outputTokens: Schema.optional(ProviderLimit)
})
