/** The public names of llm-connectivity. */

export * as Cost from "./catalog/Cost.js"
export type { RunningCount, TokenCount } from "./catalog/countTokens.js"
export { ModelCatalog, type ModelCatalogService } from "./catalog/ModelCatalog.js"
export type { Capability, Modality, ModelInfo, Prices, Tier } from "./catalog/ModelInfo.js"
export { type CountedChunk, TokenCounter, type TokenCounterService } from "./catalog/TokenCounter.js"
export type {
  ChatOptions,
  EmbedOptions,
  FromProviderOptions,
  LLMClientOptions,
  ObjectOptions
} from "./client/ClientOptions.js"
export { LLMClient } from "./client/LLMClient.js"
export type { LLMClientService } from "./client/serve.js"
export {
  ChatRequest,
  type JsonSchema,
  type Reasoning,
  type ResponseFormat,
  type ToolChoice,
  type ToolDefinition
} from "./domain/ChatRequest.js"
export { type ChatResponse, chunksOf, type PartialResponse } from "./domain/ChatResponse.js"
export { ChatStream, type Opening, type Pull } from "./domain/ChatStream.js"
export type {
  AssistantPart,
  ContentPart,
  FilePart,
  ImagePart,
  ProviderMetadata,
  ProviderPart,
  ReasoningPart,
  RefusalPart,
  TextPart,
  ToolCallPart
} from "./domain/ContentPart.js"
export { EmbedRequest, type EmbedResponse } from "./domain/Embedding.js"
export {
  type CodeExecutionTool,
  type FileSearchTool,
  HostedTool,
  type HostedToolBase,
  type HostedTools,
  type UserLocation,
  type WebSearchTool
} from "./domain/HostedTool.js"
export {
  AuthenticationError,
  ContextWindowExceededError,
  InsufficientCreditsError,
  isRetryable,
  isTransient,
  LLMError,
  ModelNotFoundError,
  NetworkError,
  ProviderError,
  RateLimitError,
  type RejectedError,
  type TransientError,
  ValidationError
} from "./domain/LLMError.js"
export {
  AssistantMessage,
  Message,
  type MessageSchema,
  type SystemMessage,
  ToolCall,
  type ToolMessage,
  type UserMessage
} from "./domain/Message.js"
export type { CheckedModelId, KnownModel, ModelId } from "./domain/ModelId.js"
export type { Source, SourceRange } from "./domain/Source.js"
export { type ChunkPart, FinishReason, type Origin, StreamChunk, type ToolCallDelta } from "./domain/StreamChunk.js"
export { decodeToolArguments } from "./domain/ToolArguments.js"
export { Usage } from "./domain/Usage.js"
export { Secrets } from "./http/secrets/Secrets.js"
export { CallbackError } from "./output/Callback.js"
export { collect } from "./output/Collect.js"
export { extractReasoning } from "./output/extractReasoning.js"
export { type ForeignOptions, fromAsyncIterable, fromReadableStream } from "./output/foreign/fromAsyncIterable.js"
export { toAsyncIterable, toAsyncIterableEffect } from "./output/foreign/toAsyncIterable.js"
export { toReadableStream, toReadableStreamEffect } from "./output/foreign/toReadableStream.js"
export { compareLatency, type LatencyComparison } from "./output/latency/compareLatency.js"
export type { DurationSummary } from "./output/latency/DurationHistogram.js"
export { type Latency, latencyOf, withLatency } from "./output/latency/Latency.js"
export { print, tapPrint } from "./output/Print.js"
export { type Callbacks, onToken, tap } from "./output/Tap.js"
export { type TeeOptions, tee } from "./output/Tee.js"
export * as TextStream from "./output/text/TextStream.js"
export type { Writable } from "./output/Writable.js"
export { Breakers, type BreakersService } from "./policy/breaker/Breakers.js"
export {
  type KeyValueCacheOptions,
  type MemoryCacheOptions,
  ResponseCache,
  type ResponseCacheService
} from "./policy/cache/ResponseCache.js"
export { RateLimits, type RateLimitsService } from "./policy/limits/RateLimits.js"
export * as Policy from "./policy/Policy.js"
export { PolicyState } from "./policy/PolicyState.js"
export type { SpendingOptions } from "./policy/spending/BudgetGuard.js"
export { type SharedSpendingOptions, Spending, type SpendingService } from "./policy/spending/Spending.js"
export type { Budget, SpendSummary, Spent } from "./policy/spending/SpendLedger.js"
export { SpendLedgers, type SpendLedgersService } from "./policy/spending/SpendLedgers.js"
export { Anthropic, type AnthropicOptions } from "./provider/Anthropic.js"
export type { ApiKey, Auth, Credentials, SignableRequest, Signature } from "./provider/Auth.js"
export { Google, type GoogleOptions } from "./provider/Google.js"
export { OpenAI, type OpenAIOptions } from "./provider/OpenAI.js"
export * as OpenAICompatible from "./provider/OpenAICompatible.js"
export {
  type CallOptions,
  type CountTokens,
  type Embed,
  type Embeddings,
  type Open,
  type OpenOptions,
  Provider,
  type ProviderDefinition
} from "./provider/Provider.js"
export { ProviderTokens } from "./provider/ProviderTokens.js"
export type { ReasoningTagOptions } from "./provider/ReasoningTags.js"
export type { LoadError } from "./provider/registry.js"
export type { Timeouts } from "./provider/Timeouts.js"
export type { RepairOptions } from "./structured/chatObject.js"
export { type ElementOf, elements } from "./structured/elements.js"
export type { ObjectSchema } from "./structured/ObjectSchema.js"
export {
  type CompleteObject,
  type ObjectResponse,
  type ObjectStream,
  type PartialObject,
  partialObjects
} from "./structured/objects.js"
export type { DeepPartial } from "./structured/PartialJson.js"
export type {
  ForeignSchema,
  StandardJsonSchema,
  StandardSchema,
  StandardSchemaWithJson
} from "./structured/StandardSchema.js"
export {
  type CompleteToolArguments,
  type PartialToolArguments,
  streamToolArguments
} from "./structured/streamToolArguments.js"
export type { UsageReport } from "./telemetry/usageReport.js"
