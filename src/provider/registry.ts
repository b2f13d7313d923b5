/** The providers that model strings reach, each loaded only when it is asked for. */
import type { HttpClient } from "@effect/platform"
import { Context, Effect, Layer, type Scope } from "effect"
import { type ModelId, parse } from "../domain/ModelId.js"
import type { Provider } from "./Provider.js"
import type { LoadError, ProviderModel } from "./ProviderModel.js"

/** A provider whose key and address come from the environment. */
type Configured = Effect.Effect<Provider, LoadError, HttpClient.HttpClient | Scope.Scope>

const configured = <Id>(
  tag: Context.Tag<Id, Provider>,
  layerConfig: Layer.Layer<Id, LoadError, HttpClient.HttpClient>
): Configured => Effect.map(Layer.build(layerConfig), Context.get(tag))

type Vendors = typeof import("./vendors.js")

const vendor = (pick: (vendors: Vendors) => Configured) => () => import("./vendors.js").then(pick)

const loaders: { readonly [name: string]: () => Promise<Configured> } = {
  openai: () => import("./OpenAI.js").then(({ OpenAI }) => configured(OpenAI, OpenAI.layerConfig)),
  anthropic: () => import("./Anthropic.js").then(({ Anthropic }) => configured(Anthropic, Anthropic.layerConfig)),
  google: () => import("./Google.js").then(({ Google }) => configured(Google, Google.layerConfig)),
  azure: vendor(({ AzureOpenAI }) => configured(AzureOpenAI, AzureOpenAI.layerConfig)),
  groq: vendor(({ Groq }) => configured(Groq, Groq.layerConfig)),
  deepseek: vendor(({ DeepSeek }) => configured(DeepSeek, DeepSeek.layerConfig)),
  mistral: vendor(({ Mistral }) => configured(Mistral, Mistral.layerConfig)),
  xai: vendor(({ XAI }) => configured(XAI, XAI.layerConfig)),
  openrouter: vendor(({ OpenRouter }) => configured(OpenRouter, OpenRouter.layerConfig)),
  together: vendor(({ Together }) => configured(Together, Together.layerConfig)),
  fireworks: vendor(({ Fireworks }) => configured(Fireworks, Fireworks.layerConfig)),
  cerebras: vendor(({ Cerebras }) => configured(Cerebras, Cerebras.layerConfig)),
  perplexity: vendor(({ Perplexity }) => configured(Perplexity, Perplexity.layerConfig)),
  huggingface: vendor(({ HuggingFace }) => configured(HuggingFace, HuggingFace.layerConfig)),
  ollama: vendor(({ Ollama }) => configured(Ollama, Ollama.layerConfig)),
  lmstudio: vendor(({ LMStudio }) => configured(LMStudio, LMStudio.layerConfig)),
  vllm: vendor(({ VLLM }) => configured(VLLM, VLLM.layerConfig)),
  llamacpp: vendor(({ LlamaCpp }) => configured(LlamaCpp, LlamaCpp.layerConfig))
}

/** The providers that model strings reach. */
export const providerNames: ReadonlyArray<string> = Object.keys(loaders)

/** Those of them that have embeddings, for an error to name; they are loaded no sooner than they are used. */
export const embeddingProviderNames: ReadonlyArray<string> = [
  "openai",
  "google",
  "azure",
  "mistral",
  "openrouter",
  "together",
  "fireworks",
  "ollama",
  "lmstudio",
  "vllm",
  "llamacpp"
]

/** Loads the provider that a model string names. */
export const load = (id: ModelId): Effect.Effect<ProviderModel, LoadError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const { provider: name, model } = yield* parse(id, providerNames)
    const provider = yield* yield* Effect.promise(() => loaders[name]?.() ?? Promise.reject(new Error(name)))
    return { provider, model }
  })
