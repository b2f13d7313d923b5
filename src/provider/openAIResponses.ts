/** OpenAI's Responses API, in a file that loads on first use. */
import * as protocol from "../protocol/openai-responses/protocol.js"
import { resumption } from "../protocol/openai-responses/resumption.js"
import * as tokenCount from "../protocol/openai-responses/tokenCount.js"
import * as counting from "./countTokens.js"
import { openResumable } from "./engine/openResumable.js"
import type { CountTokens, Open } from "./Provider.js"
import type { ProviderRuntime } from "./ProviderRuntime.js"

/** The protocol. */
export const responses = protocol.make({ provider: "openai" })

/** Opens responses of the Responses API. */
export const open = (runtime: ProviderRuntime): Open => openResumable(runtime, responses, resumption)

/** Counts tokens, which only the Responses API does; for chat completions its count is close, but not promised. */
export const countTokens = (runtime: ProviderRuntime, isExact: boolean): CountTokens =>
  counting.make(runtime, tokenCount.make("openai", isExact))
