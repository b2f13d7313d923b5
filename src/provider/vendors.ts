/** The vendors that speak OpenAI's chat completions, one entry of data each. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layersOf, type Vendor } from "./OpenAICompatible.js"
import type { Provider } from "./Provider.js"

const tagOf = <Self>(vendor: Vendor) => {
  const tag = Context.Tag(`llm-connectivity/${vendor.provider}`)<Self, Provider>()
  const layers = layersOf<Self>(tag, vendor)
  // The provider alone, for model strings, which do not know the tag.
  const configured = Effect.map(Layer.build(layers.layerConfig), Context.get(tag))
  return Object.assign(tag, layers, { vendor, configured, providerName: vendor.provider })
}

/** Azure OpenAI; models are the names of your deployments: https://learn.microsoft.com/azure/ai-foundry/openai/latest */
export class AzureOpenAI extends tagOf<AzureOpenAI>({
  provider: "azure",
  hasPlainModelIds: true,
  exampleBaseUrl: "https://my-resource.openai.azure.com/openai/v1",
  keyVariables: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
  baseUrlVariable: "AZURE_OPENAI_BASE_URL",
  keyHeader: "api-key",
  maxTokensField: "max_completion_tokens",
  callIds: "40 characters",
  unsupported: ["fileUrls"],
  maxEmbedBatchSize: 2048,
  maxEmbedBatchTokens: 300_000 // as at OpenAI
}) {}

/** Groq: https://console.groq.com/docs/api-reference */
export class Groq extends tagOf<Groq>({
  provider: "groq",
  baseUrl: "https://api.groq.com/openai/v1",
  keyVariables: ["GROQ_API_KEY"],
  baseUrlVariable: "GROQ_BASE_URL",
  basePath: "/openai/v1", // groq-sdk
  maxTokensField: "max_completion_tokens",
  unsupported: ["files"]
}) {}

/** DeepSeek: https://api-docs.deepseek.com */
export class DeepSeek extends tagOf<DeepSeek>({
  provider: "deepseek",
  hasPlainModelIds: true,
  baseUrl: "https://api.deepseek.com",
  keyVariables: ["DEEPSEEK_API_KEY"],
  baseUrlVariable: "DEEPSEEK_BASE_URL",
  seedField: null,
  jsonSchema: false,
  reasoning: "switch",
  reasoningField: "reasoning_content",
  unsupported: ["files"]
}) {}

/** Mistral: https://docs.mistral.ai/api */
export class Mistral extends tagOf<Mistral>({
  provider: "mistral",
  hasPlainModelIds: true,
  baseUrl: "https://api.mistral.ai/v1",
  keyVariables: ["MISTRAL_API_KEY"],
  baseUrlVariable: "MISTRAL_BASE_URL",
  basePath: "/v1", // @mistralai/mistralai
  requestsUsage: false,
  seedField: "random_seed",
  requiredTool: "any",
  callIds: "9 letters and digits",
  unsupported: ["files"],
  maxEmbedBatchSize: 128,
  // "Max is 16384", with tokens beside those of the texts: https://github.com/aurelio-labs/semantic-router/issues/297
  maxEmbedBatchTokens: 16_000
}) {}

/** xAI: https://docs.x.ai/docs/api-reference */
export class XAI extends tagOf<XAI>({
  provider: "xai",
  hasPlainModelIds: true,
  baseUrl: "https://api.x.ai/v1",
  keyVariables: ["XAI_API_KEY"],
  baseUrlVariable: "XAI_BASE_URL",
  maxTokensField: "max_completion_tokens",
  unsupported: ["files"]
}) {}

/** OpenRouter: https://openrouter.ai/docs/api-reference/overview */
export class OpenRouter extends tagOf<OpenRouter>({
  provider: "openrouter",
  baseUrl: "https://openrouter.ai/api/v1",
  keyVariables: ["OPENROUTER_API_KEY"],
  baseUrlVariable: "OPENROUTER_BASE_URL",
  reasoning: "object",
  insteadOfHostedTools:
    'use its plugins, such as providerOptions: { openrouter: { plugins: [{ id: "web" }] } } of the request',
  maxEmbedBatchSize: 2048
}) {}

/** Together AI: https://docs.together.ai/reference/chat-completions-1 */
export class Together extends tagOf<Together>({
  provider: "together",
  baseUrl: "https://api.together.ai/v1",
  keyVariables: ["TOGETHER_API_KEY"],
  baseUrlVariable: "TOGETHER_BASE_URL",
  requestsUsage: false,
  unsupported: ["files"],
  maxEmbedBatchSize: 128
}) {}

/** Fireworks AI: https://docs.fireworks.ai/api-reference/post-chatcompletions */
export class Fireworks extends tagOf<Fireworks>({
  provider: "fireworks",
  baseUrl: "https://api.fireworks.ai/inference/v1",
  keyVariables: ["FIREWORKS_API_KEY"],
  baseUrlVariable: "FIREWORKS_BASE_URL",
  reasoningField: "reasoning_content",
  unsupported: ["files"],
  maxEmbedBatchSize: 128
}) {}

/** Cerebras: https://inference-docs.cerebras.ai/api-reference/chat-completions */
export class Cerebras extends tagOf<Cerebras>({
  provider: "cerebras",
  hasPlainModelIds: true,
  baseUrl: "https://api.cerebras.ai/v1",
  keyVariables: ["CEREBRAS_API_KEY"],
  baseUrlVariable: "CEREBRAS_BASE_URL",
  basePath: "/v1", // @cerebras/cerebras_cloud_sdk
  maxTokensField: "max_completion_tokens",
  unsupported: ["imageUrls", "files"]
}) {}

/** Perplexity: https://docs.perplexity.ai/api-reference/chat-completions-post */
export class Perplexity extends tagOf<Perplexity>({
  provider: "perplexity",
  hasPlainModelIds: true,
  baseUrl: "https://api.perplexity.ai",
  keyVariables: ["PERPLEXITY_API_KEY"],
  baseUrlVariable: "PERPLEXITY_BASE_URL",
  basePath: "", // @perplexity-ai/perplexity_ai
  requestsUsage: false,
  seedField: null,
  jsonMode: false,
  insteadOfHostedTools: "leave it out, as its models search the web by themselves",
  unsupported: ["tools", "files"]
}) {}

/** Hugging Face's inference providers: https://huggingface.co/docs/inference-providers/tasks/chat-completion */
export class HuggingFace extends tagOf<HuggingFace>({
  provider: "huggingface",
  baseUrl: "https://router.huggingface.co/v1",
  keyVariables: ["HF_TOKEN", "HUGGINGFACE_API_KEY"],
  baseUrlVariable: "HUGGINGFACE_BASE_URL",
  unsupported: ["files"]
}) {}

/** Ollama, on this machine by default: https://docs.ollama.com/api/openai-compatibility */
export class Ollama extends tagOf<Ollama>({
  provider: "ollama",
  baseUrl: "http://localhost:11434/v1",
  keyVariables: ["OLLAMA_API_KEY"],
  baseUrlVariable: "OLLAMA_BASE_URL",
  isKeyless: true,
  unsupported: ["toolChoice", "imageUrls", "files"],
  maxEmbedBatchSize: 512
}) {}

/** LM Studio, on this machine by default: https://lmstudio.ai/docs/developer/openai-compat */
export class LMStudio extends tagOf<LMStudio>({
  provider: "lmstudio",
  baseUrl: "http://localhost:1234/v1",
  keyVariables: ["LMSTUDIO_API_KEY"],
  baseUrlVariable: "LMSTUDIO_BASE_URL",
  isKeyless: true,
  jsonMode: false,
  unsupported: ["namedTool", "files"],
  maxEmbedBatchSize: 512
}) {}

/** A vLLM server, on this machine by default: https://docs.vllm.ai/en/latest/serving/openai_compatible_server */
export class VLLM extends tagOf<VLLM>({
  provider: "vllm",
  baseUrl: "http://localhost:8000/v1",
  keyVariables: ["VLLM_API_KEY"],
  baseUrlVariable: "VLLM_BASE_URL",
  isKeyless: true,
  unsupported: ["files"],
  maxEmbedBatchSize: 512
}) {}

/** A llama.cpp server, on this machine by default: https://github.com/ggml-org/llama.cpp/tree/master/tools/server */
export class LlamaCpp extends tagOf<LlamaCpp>({
  provider: "llamacpp",
  baseUrl: "http://localhost:8080/v1",
  keyVariables: ["LLAMACPP_API_KEY"],
  baseUrlVariable: "LLAMACPP_BASE_URL",
  isKeyless: true,
  unsupported: ["namedTool", "files"],
  maxEmbedBatchSize: 512
}) {}
