/**
 * What providers' words and codes for an error mean, for all protocols in one place: gateways answer with the words of
 * the provider behind them. The more certain entries come first, and a comment names the provider that sends each.
 */

/** The kinds of errors; each becomes one class or reason of `LLMError`. */
export type ErrorKind =
  | "RateLimit"
  | "Overloaded"
  | "Server"
  | "Authentication"
  | "InsufficientCredits"
  | "ModelNotFound"
  | "ContextWindowExceeded"
  | "Validation"
  | "Provider"

/** A whole phrase of an error message. Every expression is linear: bounded gaps and no nested repetition. */
export type Phrase = readonly [pattern: RegExp, kind: ErrorKind]

/** Phrases that are certain, whatever code or status comes with them. */
export const certainPhrases: ReadonlyArray<Phrase> = [
  // Google: a model that the free tier does not have answers as a rate limit of 0, which no wait ends.
  [/free_tier_\w{1,80}, limit: 0\b|\bdoesn't have a free quota tier\b/i, "InsufficientCredits"],
  // Google's words for every rate limit are those of OpenAI for an empty account, followed by the wait.
  [/\bplease retry in [\d.]{1,20} ?m?s\b|\bquota exceeded for (?:quota )?metric\b/i, "RateLimit"],
  // OpenAI: one request above the tokens per minute can never pass.
  [/^request too large for /i, "ContextWindowExceeded"],
  // OpenAI, vLLM, DeepSeek, Mistral, Fireworks
  [/\bmaximum context length\b|\bcontext[_ ]length[_ ]exceeded\b/i, "ContextWindowExceeded"],
  // MiniMax, OpenAI Responses
  [
    /\b(?:exceeds?|exceeded|exceeding|beyond) (?:the |this |its )?(?:model's )?context (?:window|limit|size|length)\b|\bcontext window (?:exceeds|of this model|limit)\b|\binput exceeds the context window\b/i,
    "ContextWindowExceeded"
  ],
  // Anthropic, Bedrock, Cohere, Ollama
  [/\b(?:prompt|input) (?:is )?too long\b/i, "ContextWindowExceeded"],
  [/\binput length and `?max_tokens`? exceed context limit\b/i, "ContextWindowExceeded"],
  // xAI
  [/\bmaximum prompt length is \d/i, "ContextWindowExceeded"],
  // llama.cpp
  [/\bexceeds the available context size\b/i, "ContextWindowExceeded"],
  // LM Studio; Together; vLLM
  [/\b(?:greater|longer) than the (?:model's )?(?:maximum )?(?:context|model) length\b/i, "ContextWindowExceeded"],
  // Kimi
  [/\bexceeded model token limit\b/i, "ContextWindowExceeded"],
  // GitHub Copilot; Google; Bedrock gateways
  [/\b(?:prompt|input) token count\b.{0,80}\b(?:exceeds|only supports)\b/i, "ContextWindowExceeded"],
  // Ollama
  [/\bexceeded max context length\b/i, "ContextWindowExceeded"],
  // Z.ai
  [/\bprompt exceeds max(?:imum)? length\b/i, "ContextWindowExceeded"],
  // Perplexity
  [/\btotal length of all messages is too long\b/i, "ContextWindowExceeded"],
  // Groq
  [/\breduce the length of the messages\b/i, "ContextWindowExceeded"],
  // DashScope
  [/\brange of input length should be\b/i, "ContextWindowExceeded"],
  // Text Generation Inference of Hugging Face
  [/\binputs` tokens \+ `max_new_tokens` must be\b/i, "ContextWindowExceeded"],
  // Cohere
  [/\btoo many tokens\b.{0,40}\bcannot exceed\b/i, "ContextWindowExceeded"],
  // Google
  [/\brequest payload size exceeds\b/i, "ContextWindowExceeded"],
  // Anthropic: an empty account shares its code with wrong requests.
  [/\bcredit balance is too low\b/i, "InsufficientCredits"],
  [/\breached your specified (?:\w+ )?API usage limits\b/i, "InsufficientCredits"],
  [/\bmax_tokens: \d+ > \d+, which is the maximum allowed number of output tokens\b/i, "Validation"],
  // DeepSeek, MiniMax, sub2api and other resellers
  [
    /\binsufficient (?:account )?(?:quota|balance|credits?|funds)\b|\bbalance is (?:insufficient|not enough|too low)\b/i,
    "InsufficientCredits"
  ],
  // xAI
  [/\b(?:run )?out of credits\b/i, "InsufficientCredits"],
  // OpenRouter
  [/\brequires more credits\b/i, "InsufficientCredits"],
  // DashScope
  [/\byour account is in good standing\b/i, "InsufficientCredits"],
  // Google
  [/\bcredits? (?:is|are|has been|have been) (?:depleted|exhausted)\b/i, "InsufficientCredits"],
  [/\benable billing\b|\bbilling to be enabled\b|\bwithout a billing account\b/i, "InsufficientCredits"],
  // Hugging Face, which says in `estimated_time` for how long
  [/\bis currently loading\b/i, "Overloaded"],
  // OpenAI, Google, Groq
  [
    /\b(?:currently|temporarily) (?:overloaded|over capacity)\b|\bmodel is (?:currently )?(?:overloaded|over capacity)\b|\bat capacity\b/i,
    "Overloaded"
  ],
  // OpenRouter: the model exists, but none of its endpoints does what the request needs.
  [/\bno endpoints found (?:that support|matching)\b/i, "Validation"],
  // OpenAI, Google
  [/\b(?:incorrect|invalid) API key\b|\bAPI key (?:not valid|not found|expired)\b/i, "Authentication"],
  [/\blocation is not supported\b/i, "Authentication"],
  // Google deletes files after two days, and answers as if a right were missing.
  [/\bpermission to access the File\b/, "Validation"],
  [/\bis not found for API version\b/i, "ModelNotFound"],
  // OpenAI, Groq, Ollama
  [/\bmodel\b.{0,120}\b(?:does not exist|not found|is not supported)\b/i, "ModelNotFound"]
]

/** Codes that name one kind of error, whatever the status. */
export const certainCodes: { readonly [code: string]: ErrorKind } = {
  // OpenAI's Responses: what a failed response says of its request, without a status
  invalid_prompt: "Validation",
  bio_policy: "Validation",
  misalignment_policy_violation: "Validation",
  invalid_image: "Validation",
  invalid_image_format: "Validation",
  invalid_base64_image: "Validation",
  invalid_image_url: "Validation",
  invalid_image_mode: "Validation",
  image_too_large: "Validation",
  image_too_small: "Validation",
  image_parse_error: "Validation",
  image_content_policy_violation: "Validation",
  image_file_too_large: "Validation",
  image_file_not_found: "Validation",
  empty_image_file: "Validation",
  unsupported_image_media_type: "Validation",
  failed_to_download_image: "Validation",
  vector_store_timeout: "Server",
  // OpenAI and vendors of its protocol
  insufficient_quota: "InsufficientCredits",
  billing_hard_limit_reached: "InsufficientCredits",
  billing_not_active: "InsufficientCredits",
  rate_limit_exceeded: "RateLimit",
  rate_limit_error: "RateLimit",
  slow_down: "RateLimit",
  overloaded: "Overloaded",
  overloaded_error: "Overloaded",
  service_unavailable: "Overloaded",
  service_unavailable_error: "Overloaded",
  capacity_exceeded: "Overloaded",
  invalid_api_key: "Authentication",
  authentication_error: "Authentication",
  permission_error: "Authentication",
  unsupported_country_region_territory: "Authentication",
  model_not_found: "ModelNotFound",
  DeploymentNotFound: "ModelNotFound",
  context_length_exceeded: "ContextWindowExceeded",
  // GitHub Copilot
  model_max_prompt_tokens_exceeded: "ContextWindowExceeded",
  // llama.cpp
  exceed_context_size_error: "ContextWindowExceeded",
  // Z.ai: https://docs.z.ai/api-reference/api-code
  "1113": "InsufficientCredits",
  "1261": "ContextWindowExceeded",
  "1302": "RateLimit",
  // MiniMax's `base_resp.status_code`: https://www.minimax.io/platform/document/error_codes
  "1002": "RateLimit",
  "1004": "Authentication",
  "1008": "InsufficientCredits",
  "1039": "RateLimit",
  // DashScope: https://help.aliyun.com/zh/model-studio/error-code
  Arrearage: "InsufficientCredits",
  Throttling: "RateLimit",
  "Throttling.RateQuota": "RateLimit",
  "Throttling.AllocationQuota": "RateLimit",
  // Resellers
  INSUFFICIENT_BALANCE: "InsufficientCredits",
  insufficient_balance: "InsufficientCredits",
  insufficient_credits: "InsufficientCredits",
  // Amazon Bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
  throttlingException: "RateLimit",
  serviceQuotaExceededException: "RateLimit",
  serviceUnavailableException: "Overloaded",
  modelNotReadyException: "Overloaded",
  internalServerException: "Server",
  modelStreamErrorException: "Server",
  modelTimeoutException: "Server",
  accessDeniedException: "Authentication",
  resourceNotFoundException: "ModelNotFound",
  // xAI
  "personal-team-blocked:spending-limit": "InsufficientCredits",
  // Anthropic: https://platform.claude.com/docs/en/api/errors
  timeout_error: "Server",
  not_found_error: "ModelNotFound",
  billing_error: "InsufficientCredits",
  request_too_large: "ContextWindowExceeded",
  // Google: https://google.aip.dev/193, and `reason`s of its error details
  API_KEY_INVALID: "Authentication",
  BILLING_DISABLED: "InsufficientCredits",
  RATE_LIMIT_EXCEEDED: "RateLimit",
  MODEL_CAPACITY_EXHAUSTED: "Overloaded",
  UNAUTHENTICATED: "Authentication",
  PERMISSION_DENIED: "Authentication",
  NOT_FOUND: "ModelNotFound",
  RESOURCE_EXHAUSTED: "RateLimit",
  UNAVAILABLE: "Overloaded"
}

/** Phrases that other providers use for something else, so that codes decide first. */
export const ambiguousPhrases: ReadonlyArray<Phrase> = [
  // OpenAI means an empty account, Google a rate limit.
  [/\bexceeded your current quota\b/i, "InsufficientCredits"]
]

/** Codes so general that a certain status says more. */
export const generalCodes: { readonly [code: string]: ErrorKind } = {
  // Amazon Bedrock
  validationException: "Validation",
  invalid_request_error: "Validation",
  api_error: "Server",
  server_error: "Server",
  internal_error: "Server",
  internal_server_error: "Server",
  INTERNAL: "Server",
  DEADLINE_EXCEEDED: "Server",
  ABORTED: "Server",
  CANCELLED: "Server",
  UNKNOWN: "Server",
  DATA_LOSS: "Server",
  INVALID_ARGUMENT: "Validation",
  OUT_OF_RANGE: "Validation",
  FAILED_PRECONDITION: "Validation",
  UNIMPLEMENTED: "Validation"
}
