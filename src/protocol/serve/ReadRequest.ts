/** A request of a front end that speaks OpenAI's protocols, as a request of this library. */
import type { ChatRequest, Reasoning, ToolDefinition } from "../../domain/ChatRequest.js"
import type { ProviderMetadata } from "../../domain/ContentPart.js"
import { isObject, type JsonObject } from "../../http/Json.js"
import { object, text } from "./fields.js"
import { efforts } from "./openAIFields.js"

/** A request, and what it says about its response. */
export interface ReadRequest {
  /** The name that the front end uses for the model. */
  readonly model: string
  readonly isStream: boolean
  /** Without a model: the name is the server's own. */
  readonly request: ChatRequest
  /** Whether a stream of chat completions ends with its usage. */
  readonly includesUsage: boolean
  /** Whether deltas are padded, so that their sizes do not tell their text. */
  readonly obfuscates: boolean
}

/** The definition of a function that the model can call. */
export const definitionOf = ({ name, description, parameters }: JsonObject): ToolDefinition => ({
  name: text(name) ?? "",
  description: text(description),
  parameters: parameters == null ? { type: "object", properties: {} } : object(parameters)
})

/** The reasoning that an effort asks for. */
export const reasoningOf = (effort: unknown): Reasoning | undefined => {
  const known = efforts.find((each) => each === effort)
  return known === undefined ? undefined : { effort: known }
}

/** What a provider gets back with a part; the front end has kept it. */
export const metadataOf = (value: unknown): { readonly providerMetadata?: ProviderMetadata } => {
  if (!isObject(value)) return {}
  const fields = Object.entries(value).flatMap(([provider, each]) =>
    isObject(each) ? [[provider, each] as const] : []
  )
  return fields.length === 0 ? {} : { providerMetadata: Object.fromEntries(fields) }
}
