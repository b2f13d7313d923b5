/** Vendors that implement OpenAI's chat completions, as data: their address and how their requests differ. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ValidationError } from "../domain/LLMError.js"
import * as openAIEmbedding from "../protocol/openAIEmbedding.js"
import * as openAIChat from "../protocol/openai-chat/protocol.js"
import type { Differences } from "../protocol/openai-chat/request.js"
import type { Credentials } from "./Auth.js"
import { openStream } from "./engine/openStream.js"
import * as environment from "./environment.js"
import { loadModule } from "./loadModule.js"
import { lazyEmbeddings, Provider } from "./Provider.js"
import * as ProviderRuntime from "./ProviderRuntime.js"

/** The address of a server and how its requests differ. */
interface Server extends Omit<Differences, "maxTokensField"> {
  /** Its address. Missing when each account has its own. */
  readonly baseUrl?: string
  /** `max_tokens` by default, which every vendor accepts. */
  readonly maxTokensField?: Differences["maxTokensField"]
  /** The header of the key; `authorization: Bearer …` by default. */
  readonly keyHeader?: string
  /** Whether a missing key is a mistake. */
  readonly requiresKey?: boolean
  /** Whether its ids of models have no slash; they may have one by default. */
  readonly hasPlainModelIds?: boolean
  /** The most texts that it embeds in one request. Missing when it has no embeddings. */
  readonly maxEmbedBatchSize?: number
  /** The most tokens that the texts of one request may have together; unlimited by default. */
  readonly maxEmbedBatchTokens?: number
}

/** A vendor that model strings can use. */
export interface Vendor extends Server {
  /** An example of an address, for vendors where each account has its own. */
  readonly exampleBaseUrl?: string
  /** The environment variables that may contain its key. They are optional with `isKeyless`. */
  readonly keyVariables: readonly [string, ...Array<string>]
  /** The environment variable that may contain another address. */
  readonly baseUrlVariable: string
  /** The path that the vendor's official SDK adds to the address in that variable. */
  readonly basePath?: string
  /** Whether requests without a key are allowed, as on a local server. */
  readonly isKeyless?: boolean
}

/** The key and address of a vendor. */
export interface VendorOptions extends ProviderRuntime.AccessOptions {
  /**
   * The key, an effect that returns it, or an `Auth`; optional only if the vendor, or the server at `baseUrl`, allows
   * requests without one.
   */
  readonly apiKey?: Credentials | undefined
  /** The vendor's own address by default. */
  readonly baseUrl?: string | undefined
}

/** The layers of a vendor's tag. */
export interface VendorLayers<Self> {
  /** Serves the vendor. Fails with a `ValidationError` when an option is invalid. */
  readonly layer: (options: VendorOptions) => Layer.Layer<Self, ValidationError, HttpClient.HttpClient>
  /** Serves the vendor with the key and address of the environment. */
  readonly layerConfig: Layer.Layer<Self, ConfigError.ConfigError | ValidationError, HttpClient.HttpClient>
}

const embeddings = loadModule("embeddings", () => import("./embeddings.js"))

const serve = (
  server: Server,
  baseUrl: string,
  options: VendorOptions
): Effect.Effect<Provider, ValidationError, HttpClient.HttpClient> =>
  Effect.map(
    ProviderRuntime.make({
      ...options,
      provider: server.provider,
      requiresKey: server.requiresKey,
      hasPlainModelIds: server.hasPlainModelIds,
      baseUrl,
      keyHeaders: (key) =>
        server.keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [server.keyHeader]: key }
    }),
    (runtime) => {
      const name = server.provider
      const { secrets } = runtime
      const identity = ProviderRuntime.protocolIdentity(runtime, "chat")
      const open = openStream(runtime, openAIChat.make({ maxTokensField: "max_tokens", ...server }))
      const { maxEmbedBatchSize: maxBatchSize, maxEmbedBatchTokens: maxBatchTokens } = server
      if (maxBatchSize === undefined) return Provider.make({ name, secrets, identity, open })
      const embedding = openAIEmbedding.make(name, { maxBatchSize, maxBatchTokens })
      const embed = Effect.map(embeddings, (loaded) => loaded.make(runtime, embedding))
      return Provider.make({
        name,
        secrets,
        identity,
        open,
        embeddings: lazyEmbeddings(embedding, embed)
      })
    }
  )

const withoutBaseUrl = ({ provider, baseUrlVariable, exampleBaseUrl }: Vendor): ValidationError =>
  new ValidationError({
    provider,
    model: "",
    message: `${provider} has a different address for each account; set baseUrl or ${baseUrlVariable}, for instance to ${exampleBaseUrl}`
  })

/** Makes the layers of a vendor's tag. */
export const layersOf = <Self>(tag: Context.Tag<Self, Provider>, vendor: Vendor): VendorLayers<Self> => {
  const variables = {
    provider: vendor.provider,
    key: vendor.keyVariables,
    baseUrl: vendor.baseUrlVariable,
    basePath: vendor.basePath
  }
  const configured = vendor.isKeyless === true ? environment.readKeyless(variables) : environment.read(variables)
  const make = (options: VendorOptions) => {
    const baseUrl = options.baseUrl ?? vendor.baseUrl
    if (baseUrl === undefined) return Effect.fail(withoutBaseUrl(vendor))
    // A gateway at an address of the caller's may add the key.
    const requiresKey = vendor.isKeyless !== true && options.baseUrl === undefined
    return serve({ ...vendor, requiresKey }, baseUrl, options)
  }
  return {
    layer: (options) => Layer.effect(tag, make(options)),
    layerConfig: Layer.effect(tag, Effect.flatMap(configured, make))
  }
}

/** The identifier of a provider from `make` in the types of layers. */
export interface Compatible<Name extends string> {
  /** The name given to `make`. */
  readonly provider: Name
}

/** The name, address and key of any other server that implements chat completions. */
export interface CompatibleOptions<Name extends string>
  extends ProviderRuntime.AccessOptions,
    Partial<Omit<Differences, "provider">> {
  /** The name in errors and in `providerOptions`. */
  readonly name: Name
  /** The address before `/chat/completions`, such as `https://llm.example.com/v1`. */
  readonly baseUrl: string
  /** The key, sent as a bearer token, an effect that returns it, or an `Auth`. Without it, no key is sent. */
  readonly apiKey?: Credentials | undefined
}

/**
 * Makes a tag and its layer for any other server that implements chat completions.
 *
 * ```ts
 * const acme = OpenAICompatible.make({ name: "acme", baseUrl: "https://llm.example.com/v1", apiKey: "…" })
 * LLMClient.fromProvider(acme.tag, { model: "large" }).pipe(Layer.provide(acme.layer))
 * ```
 */
export const make = <const Name extends string>(
  options: CompatibleOptions<Name>
): {
  /** The tag of the provider, for `LLMClient.fromProvider`. */
  readonly tag: Context.Tag<Compatible<Name>, Provider>
  /** Serves the provider. Fails with a `ValidationError` when an option is invalid. */
  readonly layer: Layer.Layer<Compatible<Name>, ValidationError, HttpClient.HttpClient>
} => {
  const { name } = options
  const key = `llm-connectivity/OpenAICompatible/${name}`
  const tag = Object.assign(Context.GenericTag<Compatible<Name>, Provider>(key), { providerName: name })
  const server: Server = { ...options, provider: name, maxEmbedBatchSize: 2048 }
  return { tag, layer: Layer.effect(tag, serve(server, options.baseUrl, options)) }
}
