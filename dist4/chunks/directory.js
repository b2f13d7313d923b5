import { Effect, Layer, Context } from 'effect';
import { parse } from './core.js';

const configured = (tag, layerConfig) => Effect.map(Layer.build(layerConfig), Context.get(tag));
const vendor = (pick) => () => import('../provider/vendors.js').then(pick);
const loaders = {
    openai: () => import('./openai.js').then(function (n) { return n.OpenAI$1; }).then(({ OpenAI }) => configured(OpenAI, OpenAI.layerConfig)),
    anthropic: () => import('./anthropic.js').then(({ Anthropic }) => configured(Anthropic, Anthropic.layerConfig)),
    google: () => import('./google.js').then(({ Google }) => configured(Google, Google.layerConfig)),
    azure: /*@__PURE__*/ vendor(({ AzureOpenAI }) => configured(AzureOpenAI, AzureOpenAI.layerConfig)),
    groq: /*@__PURE__*/ vendor(({ Groq }) => configured(Groq, Groq.layerConfig)),
    deepseek: /*@__PURE__*/ vendor(({ DeepSeek }) => configured(DeepSeek, DeepSeek.layerConfig)),
    mistral: /*@__PURE__*/ vendor(({ Mistral }) => configured(Mistral, Mistral.layerConfig)),
    xai: /*@__PURE__*/ vendor(({ XAI }) => configured(XAI, XAI.layerConfig)),
    openrouter: /*@__PURE__*/ vendor(({ OpenRouter }) => configured(OpenRouter, OpenRouter.layerConfig)),
    together: /*@__PURE__*/ vendor(({ Together }) => configured(Together, Together.layerConfig)),
    fireworks: /*@__PURE__*/ vendor(({ Fireworks }) => configured(Fireworks, Fireworks.layerConfig)),
    cerebras: /*@__PURE__*/ vendor(({ Cerebras }) => configured(Cerebras, Cerebras.layerConfig)),
    perplexity: /*@__PURE__*/ vendor(({ Perplexity }) => configured(Perplexity, Perplexity.layerConfig)),
    huggingface: /*@__PURE__*/ vendor(({ HuggingFace }) => configured(HuggingFace, HuggingFace.layerConfig)),
    ollama: /*@__PURE__*/ vendor(({ Ollama }) => configured(Ollama, Ollama.layerConfig)),
    lmstudio: /*@__PURE__*/ vendor(({ LMStudio }) => configured(LMStudio, LMStudio.layerConfig)),
    vllm: /*@__PURE__*/ vendor(({ VLLM }) => configured(VLLM, VLLM.layerConfig)),
    llamacpp: /*@__PURE__*/ vendor(({ LlamaCpp }) => configured(LlamaCpp, LlamaCpp.layerConfig))
};
/** The providers that model strings reach. */
const providerNames = /*@__PURE__*/ Object.keys(loaders);
/** Those of them that have embeddings, for an error to name; they are loaded no sooner than they are used. */
const embeddingProviderNames = [
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
];
/** Loads the provider that a model string names. */
const load = (id) => Effect.gen(function* () {
    const { provider: name, model } = yield* parse(id, providerNames);
    const provider = yield* yield* Effect.promise(() => loaders[name]?.() ?? Promise.reject(new Error(name)));
    return { provider, model };
});

export { embeddingProviderNames, load, providerNames };
//# sourceMappingURL=directory.js.map
