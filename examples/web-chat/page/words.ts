/** The texts that the page shows to the user. */
import type { ChatStreamError, StreamChunk } from "llm-connectivity/browser"

const numbers = new Intl.NumberFormat("en")
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumSignificantDigits: 3 })

export const money = (cost: number): string => dollars.format(cost)

export const tokens = (count: number): string => `${numbers.format(count)} ${count === 1 ? "token" : "tokens"}`

const endings: { readonly [reason in NonNullable<StreamChunk["finishReason"]>]: string } = {
  stop: "Complete",
  length: "Cut off at the longest answer allowed",
  tool_calls: "Waiting for your decision",
  content_filter: "Ended by the provider's filter",
  other: "Ended"
}

/** The finish reason, tokens, cost and model of an answer. */
export const noteOf = ({ finishReason, usage, cost, origin }: StreamChunk): string =>
  [
    finishReason === null ? "Ended" : `${endings[finishReason]} (${finishReason})`,
    usage === null ? "tokens unknown" : `${tokens(usage.inputTokens)} in, ${numbers.format(usage.outputTokens)} out`,
    cost === undefined ? "price unknown" : money(cost),
    origin === undefined ? "" : `${origin.provider}/${origin.model}`
  ]
    .filter((part) => part !== "")
    .join(" · ")

const troubles: { readonly [reason in NonNullable<ChatStreamError["reason"]>]: string } = {
  RateLimit: "The model receives too many requests at the moment.",
  Overloaded: "The model is overloaded at the moment.",
  Connection: "There is no connection to the model.",
  Timeout: "The model took too long to answer.",
  Server: "The server of the model has a problem.",
  Truncated: "The connection broke before the answer was complete.",
  NotFound: "This answer is no longer kept.",
  Conflict: "This answer belongs to another question.",
  Invalid: "This page has a mistake.",
  TooMany: "You have too many answers here. Try again later.",
  Stopped: "The answer was stopped.",
  Unavailable: "The answers of this server cannot be reached at the moment."
}

/** What happened, and what the user can do. */
export const sentenceOf = ({ _tag, reason }: ChatStreamError, isDecided: boolean): string => {
  if (isDecided && _tag === "ValidationError") return "The server did not go on with this decision."
  switch (_tag) {
    case "RateLimitError":
    case "NetworkError":
    case "RunError":
      return troubles[reason ?? "Server"]
    case "AuthenticationError":
      return "The model does not accept this server's key. The operator of this server can fix that."
    case "InsufficientCreditsError":
      return "The account behind this chat has no credit left. The operator of this server can fix that."
    case "ModelNotFoundError":
      return "The model behind this chat does not exist. The operator of this server can fix that."
    case "ContextWindowExceededError":
      return "This conversation is too long for the model. Start a new chat."
    case "ValidationError":
      return "The model rejected this message. Shorten it, or start a new chat."
    case "ProviderError":
      return "The model answered with something unexpected."
  }
}

/** The label of the retry button, which is enabled after `seconds`. */
export const retryIn = (seconds: number): string => {
  if (seconds <= 0) return "Try again"
  return `Try again in ${seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`}`
}
