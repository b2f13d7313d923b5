/** The models of the Simulator: it lists those that editors offer, and answers for every id that its provider may have. */
import * as Either from "effect/Either"
import { knownModels, split } from "../../domain/ModelId.js"
import type { ServedError } from "../../protocol/serve/ServedError.js"
import { createdAt, type ListedModel, type SuccessResponse, type WireFormat } from "../../protocol/serve/WireFormat.js"
import type { ProtocolName } from "./SimulatedReply.js"

/** Whose models: those of a protocol's own provider, or of a vendor that copied OpenAI's protocol. */
export type ModelScope = ProtocolName | "vendor"

const providers: { readonly [Scope in ModelScope]: string } = {
  "openai-chat": "openai",
  "openai-responses": "openai",
  "anthropic-messages": "anthropic",
  "google-gemini": "google",
  vendor: "vendor"
}

// What model strings begin with, in an id of OpenAI's own. OpenAI's open models have such ids at the vendors.
const modelString = /^(?:anthropic|google|openai)\/(?!gpt-oss)/

/**
 * Says whether a model exists: every id does, but for those with "unknown" in them and, where the ids of a provider have
 * no slash, model strings such as `anthropic/claude-sonnet-5`.
 */
export const isServed = (model: string, scope: ModelScope): boolean => {
  if (model.includes("unknown")) return false
  return scope === "vendor" || (scope === "openai-chat" ? !modelString.test(model) : !model.includes("/"))
}

const vendorModels = ["openai/gpt-oss-120b", "openai/gpt-oss-20b", "llama-3.3-70b-versatile"]
const contextWindow = 400_000
const maxOutputTokens = 128_000

const listedModel = (id: string, scope: ModelScope): ListedModel => ({
  id,
  name: id.replaceAll(/[-/]/g, " ").replace(/^./, (letter) => letter.toUpperCase()),
  createdAt,
  provider: providers[scope],
  contextWindow,
  maxOutputTokens
})

const json = (body: Extract<SuccessResponse, { readonly type: "json" }>["body"]) =>
  Either.right({ type: "json" as const, body, deltas: 0 })

/** The list of models. */
export const listModels = (wire: WireFormat, scope: ModelScope): Either.Either<SuccessResponse, ServedError> => {
  const own = knownModels.map((id) => split(id)).filter(({ provider }) => provider === providers[scope])
  const ids = scope === "vendor" ? vendorModels : own.map(({ model }) => model)
  return json(wire.modelList(ids.map((id) => listedModel(id, scope))))
}

/** One model. */
export const showModel = (
  wire: WireFormat,
  scope: ModelScope,
  id: string
): Either.Either<SuccessResponse, ServedError> =>
  isServed(id, scope) ? json(wire.modelCard(listedModel(id, scope))) : Either.left({ kind: "modelNotFound" })
