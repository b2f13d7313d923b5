import { Context } from 'effect';
import { layersOf } from './chunks/openai.js';

/** The vendors that speak OpenAI's chat completions, one entry of data each. */
const tagOf = (vendor) => {
    const tag = Context.Tag(`llm-connectivity/${vendor.provider}`)();
    return Object.assign(tag, layersOf(tag, vendor));
};
/** Azure OpenAI; models are the names of your deployments: https://learn.microsoft.com/azure/ai-foundry/openai/latest */
class AzureOpenAI extends /*@__PURE__*/ tagOf({
    provider: "azure",
    exampleBaseUrl: "https://my-resource.openai.azure.com/openai/v1",
    key: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
    baseUrlVariable: "AZURE_OPENAI_BASE_URL",
    keyHeader: "api-key",
    maxTokensField: "max_completion_tokens",
    refuses: ["fileUrls"],
    embedBatchSize: 2048
}) {
}
/** Groq: https://console.groq.com/docs/api-reference */
class Groq extends /*@__PURE__*/ tagOf({
    provider: "groq",
    baseUrl: "https://api.groq.com/openai/v1",
    key: ["GROQ_API_KEY"],
    baseUrlVariable: "GROQ_BASE_URL",
    maxTokensField: "max_completion_tokens",
    refuses: ["files"]
}) {
}
/** DeepSeek: https://api-docs.deepseek.com */
class DeepSeek extends /*@__PURE__*/ tagOf({
    provider: "deepseek",
    baseUrl: "https://api.deepseek.com",
    key: ["DEEPSEEK_API_KEY"],
    baseUrlVariable: "DEEPSEEK_BASE_URL",
    seedField: null,
    jsonSchema: false,
    reasoning: "switch",
    reasoningField: "reasoning_content",
    refuses: ["files"]
}) {
}
/** Mistral: https://docs.mistral.ai/api */
class Mistral extends /*@__PURE__*/ tagOf({
    provider: "mistral",
    baseUrl: "https://api.mistral.ai/v1",
    key: ["MISTRAL_API_KEY"],
    baseUrlVariable: "MISTRAL_BASE_URL",
    usageIsAskedFor: false,
    seedField: "random_seed",
    requiredTool: "any",
    refuses: ["files"],
    embedBatchSize: 128
}) {
}
/** xAI: https://docs.x.ai/docs/api-reference */
class XAI extends /*@__PURE__*/ tagOf({
    provider: "xai",
    baseUrl: "https://api.x.ai/v1",
    key: ["XAI_API_KEY"],
    baseUrlVariable: "XAI_BASE_URL",
    maxTokensField: "max_completion_tokens",
    refuses: ["files"]
}) {
}
/** OpenRouter: https://openrouter.ai/docs/api-reference/overview */
class OpenRouter extends /*@__PURE__*/ tagOf({
    provider: "openrouter",
    baseUrl: "https://openrouter.ai/api/v1",
    key: ["OPENROUTER_API_KEY"],
    baseUrlVariable: "OPENROUTER_BASE_URL",
    reasoning: "object",
    embedBatchSize: 2048
}) {
}
/** Together AI: https://docs.together.ai/reference/chat-completions-1 */
class Together extends /*@__PURE__*/ tagOf({
    provider: "together",
    baseUrl: "https://api.together.ai/v1",
    key: ["TOGETHER_API_KEY"],
    baseUrlVariable: "TOGETHER_BASE_URL",
    usageIsAskedFor: false,
    refuses: ["files"],
    embedBatchSize: 128
}) {
}
/** Fireworks AI: https://docs.fireworks.ai/api-reference/post-chatcompletions */
class Fireworks extends /*@__PURE__*/ tagOf({
    provider: "fireworks",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    key: ["FIREWORKS_API_KEY"],
    baseUrlVariable: "FIREWORKS_BASE_URL",
    reasoningField: "reasoning_content",
    refuses: ["files"],
    embedBatchSize: 128
}) {
}
/** Cerebras: https://inference-docs.cerebras.ai/api-reference/chat-completions */
class Cerebras extends /*@__PURE__*/ tagOf({
    provider: "cerebras",
    baseUrl: "https://api.cerebras.ai/v1",
    key: ["CEREBRAS_API_KEY"],
    baseUrlVariable: "CEREBRAS_BASE_URL",
    maxTokensField: "max_completion_tokens",
    refuses: ["imageUrls", "files"]
}) {
}
/** Perplexity: https://docs.perplexity.ai/api-reference/chat-completions-post */
class Perplexity extends /*@__PURE__*/ tagOf({
    provider: "perplexity",
    baseUrl: "https://api.perplexity.ai",
    key: ["PERPLEXITY_API_KEY"],
    baseUrlVariable: "PERPLEXITY_BASE_URL",
    usageIsAskedFor: false,
    seedField: null,
    jsonMode: false,
    refuses: ["tools", "files"]
}) {
}
/** Hugging Face's inference providers: https://huggingface.co/docs/inference-providers/tasks/chat-completion */
class HuggingFace extends /*@__PURE__*/ tagOf({
    provider: "huggingface",
    baseUrl: "https://router.huggingface.co/v1",
    key: ["HF_TOKEN", "HUGGINGFACE_API_KEY"],
    baseUrlVariable: "HUGGINGFACE_BASE_URL",
    refuses: ["files"]
}) {
}
/** Ollama, on this machine by default: https://docs.ollama.com/api/openai-compatibility */
class Ollama extends /*@__PURE__*/ tagOf({
    provider: "ollama",
    baseUrl: "http://localhost:11434/v1",
    key: ["OLLAMA_API_KEY"],
    baseUrlVariable: "OLLAMA_BASE_URL",
    isKeyless: true,
    refuses: ["toolChoice", "imageUrls", "files"],
    embedBatchSize: 512
}) {
}
/** LM Studio, on this machine by default: https://lmstudio.ai/docs/developer/openai-compat */
class LMStudio extends /*@__PURE__*/ tagOf({
    provider: "lmstudio",
    baseUrl: "http://localhost:1234/v1",
    key: ["LMSTUDIO_API_KEY"],
    baseUrlVariable: "LMSTUDIO_BASE_URL",
    isKeyless: true,
    jsonMode: false,
    refuses: ["namedTool", "files"],
    embedBatchSize: 512
}) {
}
/** A vLLM server, on this machine by default: https://docs.vllm.ai/en/latest/serving/openai_compatible_server */
class VLLM extends /*@__PURE__*/ tagOf({
    provider: "vllm",
    baseUrl: "http://localhost:8000/v1",
    key: ["VLLM_API_KEY"],
    baseUrlVariable: "VLLM_BASE_URL",
    isKeyless: true,
    refuses: ["files"],
    embedBatchSize: 512
}) {
}
/** A llama.cpp server, on this machine by default: https://github.com/ggml-org/llama.cpp/tree/master/tools/server */
class LlamaCpp extends /*@__PURE__*/ tagOf({
    provider: "llamacpp",
    baseUrl: "http://localhost:8080/v1",
    key: ["LLAMACPP_API_KEY"],
    baseUrlVariable: "LLAMACPP_BASE_URL",
    isKeyless: true,
    refuses: ["namedTool", "files"],
    embedBatchSize: 512
}) {
}

export { AzureOpenAI, Cerebras, DeepSeek, Fireworks, Groq, HuggingFace, LMStudio, LlamaCpp, Mistral, Ollama, OpenRouter, Perplexity, Together, VLLM, XAI };
//# sourceMappingURL=vendors.js.map
