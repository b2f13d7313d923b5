/** Vendors that speak OpenAI's chat completions, as data: where they are and what they want sent differently. */
import { HttpClient } from "@effect/platform"
import { type ConfigError, Context, Effect, Layer } from "effect"
import { ValidationError } from "../domain/LLMError.js"
import * as OpenAIEmbedding from "../protocol/openAIEmbedding.js"
import type { Differences } from "../protocol/openai-chat/differences.js"
import * as OpenAIChat from "../protocol/openai-chat/protocol.js"
import * as Connection from "./Endpoint.js"
import * as embedding from "./embedding.js"
import * as environment from "./environment.js"
import type { Provider } from "./Provider.js"
import * as engine from "./ProviderRuntime.js"

/** A vendor. */
export interface Vendor extends Omit<Differences, "maxTokensField"> {
  /** Its address; missing where everyone has one of their own. */
  readonly baseUrl?: string
  /** What such an address looks like. */
  readonly exampleBaseUrl?: string
  /** The variables that may hold its key; none are needed where `isKeyless`. */
  readonly key: readonly [string, ...Array<string>]
  /** The variable that may hold another address. */
  readonly baseUrlVariable: string
  /** Whether it may be asked without a key, as a server of one's own may. */
  readonly isKeyless?: boolean
  /** `max_tokens` by default, the name that all know. */
  readonly maxTokensField?: Differences["maxTokensField"]
  /** The header of the key; `authorization: Bearer …` by default. */
  readonly keyHeader?: string
  /** The most texts that it embeds in one request; missing where it has no embeddings. */
  readonly embedBatchSize?: number
}

/** How to reach a vendor. */
export interface VendorOptions extends Connection.Access {
  /** The key; missing only where the vendor may be asked without one. */
  readonly apiKey?: Connection.ApiKey | undefined
  /** The vendor's own address by default. */
  readonly baseUrl?: string | undefined
}

/** The layers that every vendor's tag has. */
export interface VendorLayers<Self> {
  /** Serves the vendor; fails with a `ValidationError` when an option cannot be right. */
  readonly layer: (options: VendorOptions) => Layer.Layer<Self, ValidationError, HttpClient.HttpClient>
  /** Serves the vendor with the key and address that the environment holds. */
  readonly layerConfig: Layer.Layer<Self, ConfigError.ConfigError | ValidationError, HttpClient.HttpClient>
}

const serve = (vendor: Vendor, options: VendorOptions) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const baseUrl = options.baseUrl ?? vendor.baseUrl
    if (baseUrl === undefined) return yield* withoutAddress(vendor)
    const connection = yield* Connection.make({
      ...options,
      provider: vendor.provider,
      baseUrl,
      authorization: (key) =>
        vendor.keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [vendor.keyHeader]: key }
    })
    const chat = engine.make(OpenAIChat.make({ maxTokensField: "max_tokens", ...vendor }), connection, client)
    if (vendor.embedBatchSize === undefined) return chat
    const embeddings = OpenAIEmbedding.make(vendor.provider, vendor.embedBatchSize)
    return { ...chat, embed: embedding.make(embeddings, connection, client) }
  })

const withoutAddress = ({ provider, baseUrlVariable, exampleBaseUrl }: Vendor): ValidationError =>
  new ValidationError({
    provider,
    model: "",
    message: `${provider} has no address of its own; set baseUrl or ${baseUrlVariable}, for instance to ${exampleBaseUrl}`
  })

/** Makes the layers of a vendor's tag. */
export const layersOf = <Self>(tag: Context.Tag<Self, Provider>, vendor: Vendor): VendorLayers<Self> => {
  const variables = { key: vendor.key, baseUrl: vendor.baseUrlVariable }
  const found = vendor.isKeyless === true ? environment.readKeyless(variables) : environment.read(variables)
  return {
    layer: (options) => Layer.effect(tag, serve(vendor, options)),
    layerConfig: Layer.effect(
      tag,
      Effect.flatMap(found, (options) => serve(vendor, options))
    )
  }
}

/** Stands for a provider that `make` made, in the types of layers. */
export interface Compatible<Name extends string> {
  /** The name that `make` was given. */
  readonly provider: Name
}

/** How to reach any other server that speaks chat completions. */
export interface CompatibleOptions<Name extends string>
  extends Connection.Access,
    Partial<Omit<Differences, "provider">> {
  /** The name in errors and in `providerOptions`. */
  readonly name: Name
  /** The address before `/chat/completions`, such as `https://llm.example.com/v1`. */
  readonly baseUrl: string
  /** The key, sent as a bearer token; none is sent when it is left out. */
  readonly apiKey?: Connection.ApiKey | undefined
}

/**
 * Makes a tag and its layer for any other server that speaks chat completions.
 *
 * ```ts
 * const acme = OpenAICompatible.make({ name: "acme", baseUrl: "https://llm.example.com/v1", apiKey: "…" })
 * LLMClient.fromProvider(acme.tag, { model: "large" }).pipe(Layer.provide(acme.layer))
 * ```
 */
export const make = <const Name extends string>(
  options: CompatibleOptions<Name>
): {
  /** Names the provider, for `LLMClient.fromProvider`. */
  readonly tag: Context.Tag<Compatible<Name>, Provider>
  /** Serves it; fails with a `ValidationError` when an option cannot be right. */
  readonly layer: Layer.Layer<Compatible<Name>, ValidationError, HttpClient.HttpClient>
} => {
  const tag = Context.GenericTag<Compatible<Name>, Provider>(`llm-connectivity/OpenAICompatible/${options.name}`)
  const vendor: Vendor = { ...options, provider: options.name, key: [""], baseUrlVariable: "", embedBatchSize: 2048 }
  return { tag, layer: Layer.effect(tag, serve(vendor, options)) }
}
