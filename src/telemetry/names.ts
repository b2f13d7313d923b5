/**
 * The names of OpenTelemetry's GenAI conventions v1.41, and ours in its style:
 * https://github.com/open-telemetry/semantic-conventions/tree/v1.41.0/docs/gen-ai
 */

/** The names of attributes. */
export const attribute = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  outputType: "gen_ai.output.type",
  requestModel: "gen_ai.request.model",
  maxTokens: "gen_ai.request.max_tokens",
  temperature: "gen_ai.request.temperature",
  topP: "gen_ai.request.top_p",
  seed: "gen_ai.request.seed",
  stopSequences: "gen_ai.request.stop_sequences",
  stream: "gen_ai.request.stream",
  dimensions: "gen_ai.embeddings.dimension.count",
  responseId: "gen_ai.response.id",
  responseModel: "gen_ai.response.model",
  finishReasons: "gen_ai.response.finish_reasons",
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cacheReadTokens: "gen_ai.usage.cache_read.input_tokens",
  cacheWriteTokens: "gen_ai.usage.cache_creation.input_tokens",
  reasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  toolDefinitions: "gen_ai.tool.definitions",
  toolName: "gen_ai.tool.name",
  toolType: "gen_ai.tool.type",
  toolDescription: "gen_ai.tool.description",
  toolCallId: "gen_ai.tool.call.id",
  toolCallArguments: "gen_ai.tool.call.arguments",
  toolCallResult: "gen_ai.tool.call.result",
  agentName: "gen_ai.agent.name",
  tokenType: "gen_ai.token.type",
  serverAddress: "server.address",
  serverPort: "server.port",
  errorType: "error.type",
  attempts: "llm_connectivity.attempts",
  cost: "llm_connectivity.cost",
  wait: "llm_connectivity.wait",
  cacheResult: "llm_connectivity.cache.result",
  limiter: "llm_connectivity.limiter",
  target: "llm_connectivity.target",
  breaker: "llm_connectivity.breaker.name",
  breakerState: "llm_connectivity.breaker.state",
  toProvider: "llm_connectivity.to.provider",
  toModel: "llm_connectivity.to.model",
  steps: "llm_connectivity.steps",
  endReason: "llm_connectivity.end_reason"
} as const

// Providers whose well-known name differs from ours.
const wellKnown: { readonly [name: string]: string } = {
  google: "gcp.gemini",
  vertex: "gcp.vertex_ai",
  azure: "azure.ai.openai",
  bedrock: "aws.bedrock",
  xai: "x_ai",
  mistral: "mistral_ai"
}

/** The name that the conventions give to a provider; its own name where they have none. */
export const providerName = (name: string): string =>
  Object.hasOwn(wellKnown, name) ? (wellKnown[name] ?? name) : name
