/** The providers that have batches: for each, its runtime, its protocol and the requests of its batches. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type { ValidationError } from "../domain/LLMError.js"
import type { Protocol } from "../protocol/Protocol.js"
import * as Anthropic from "../provider/Anthropic.js"
import type { RequestContext } from "../provider/engine/RequestContext.js"
import * as Google from "../provider/Google.js"
import * as OpenAI from "../provider/OpenAI.js"
import { responses } from "../provider/openAIResponses.js"
import type { ProviderRuntime } from "../provider/ProviderRuntime.js"
import * as anthropicBatches from "./apis/anthropic.js"
import * as googleBatches from "./apis/google.js"
import * as openAIBatches from "./apis/openAI.js"
import type { BatchApi } from "./BatchApi.js"
import * as BatchHttp from "./BatchHttp.js"
import type { ItemEncoder } from "./encodeItems.js"
import { itemReader, type ReadItem } from "./readItem.js"

/** A provider that has batches. */
export interface BatchProvider {
  readonly runtime: ProviderRuntime
  /** The provider's API that answers the items, such as `chat` or `responses`. */
  readonly api: string
  readonly protocol: ItemEncoder
  readonly batches: BatchApi
  readonly readItem: ReadItem
  readonly context: RequestContext
}

type Made<E> = Effect.Effect<BatchProvider, E, HttpClient.HttpClient>

const made = <Event, State>(
  runtime: ProviderRuntime,
  api: string,
  protocol: Protocol<Event, State>,
  batchesOf: (http: BatchHttp.BatchHttp) => BatchApi
): BatchProvider => {
  const http = BatchHttp.make(runtime, protocol)
  return {
    runtime,
    api,
    protocol,
    batches: batchesOf(http),
    readItem: itemReader(runtime, protocol),
    context: http.context
  }
}

/** OpenAI, for chat completions or Responses. */
export const withOpenAI = (options: OpenAI.OpenAIOptions): Made<ValidationError> =>
  Effect.map(OpenAI.runtimeOf(options), (runtime) =>
    options.api === "responses"
      ? made(runtime, "responses", responses, (http) => openAIBatches.make(http, "/responses"))
      : made(runtime, "chat", OpenAI.chat, (http) => openAIBatches.make(http, "/chat/completions"))
  )

/** Anthropic. */
export const withAnthropic = (options: Anthropic.AnthropicOptions): Made<ValidationError> =>
  Effect.map(Anthropic.runtimeOf(options), (runtime) =>
    made(runtime, "messages", Anthropic.messages, anthropicBatches.make)
  )

/** Google. */
export const withGoogle = (options: Google.GoogleOptions): Made<ValidationError> =>
  Effect.map(Google.runtimeOf(options), (runtime) =>
    made(runtime, "generateContent", Google.generateContent, googleBatches.make)
  )

/** The provider of a name, with the key and address of its environment variables. */
export const configured = (
  provider: string,
  api: OpenAI.OpenAIOptions["api"]
): Made<ConfigError.ConfigError | ValidationError> => {
  switch (provider) {
    case "anthropic":
      return Effect.flatMap(Anthropic.configured, withAnthropic)
    case "google":
      return Effect.flatMap(Google.configured, withGoogle)
    default:
      return Effect.flatMap(OpenAI.configured, (access) => withOpenAI({ ...access, api }))
  }
}
