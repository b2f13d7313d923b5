/** What of OpenAI speaks Responses; a file of its own, so that programs on chat completions need not load it. */
import type { HttpClient } from "@effect/platform"
import * as OpenAIResponses from "../protocol/openai-responses/protocol.js"
import * as OpenAIResponsesCounting from "../protocol/openai-responses/tokenCount.js"
import type { Connection } from "./Endpoint.js"
import type { CountTokens, Provider } from "./Provider.js"
import * as engine from "./ProviderRuntime.js"
import * as counting from "./tokenCounting.js"

const protocol = OpenAIResponses.make({ provider: "openai" })

/** Answers by Responses. */
export const answering = (connection: Connection, client: HttpClient.HttpClient): Provider =>
  engine.make(protocol, connection, client)

/** Counts tokens, which only Responses does; for chat completions its count is close, but not promised to be the same. */
export const countTokens = (isExact: boolean, connection: Connection, client: HttpClient.HttpClient): CountTokens =>
  counting.make(OpenAIResponsesCounting.make("openai", isExact), connection, client)
