export { AssistantMessage, AuthenticationError, Catalogue, ChatRequest, ContextWindowExceededError, Cost, EmbedRequest, FinishReason, InsufficientCreditsError, LLMClient, LLMError, Message, ModelNotFoundError, NetworkError, ProviderError, ProviderTokens, RateLimitError, Spending, StreamChunk, TokenCounter, ToolCall, Usage, ValidationError, collect, defaultPolicy, fallback, isRetryable, isTransient, print, printing, retry, retryBudget, toolArguments } from './chunks/core.js';
export { Anthropic } from './chunks/anthropic.js';
export { Google } from './chunks/google.js';
export { OpenAI, OpenAICompatible } from './chunks/openai.js';
//# sourceMappingURL=index.js.map
