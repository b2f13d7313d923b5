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
  // Bedrock limits tokens per minute in words that Cohere uses for a long context.
  [/\bplease wait before trying again\b/i, "RateLimit"],
  // OpenAI: one request above the tokens per minute can never pass.
  [/^request too large for /i, "ContextWindowExceeded"],
  // OpenAI, vLLM, DeepSeek, Mistral, Fireworks
  [/\bmaximum context length\b|\bcontext[_ ]length[_ ]exceeded\b/i, "ContextWindowExceeded"],
  // MiniMax, OpenAI Responses
  [
    /\b(?:exceeds?|exceeded|exceeding|beyond) (?:the |this |its )?(?:model's )?context (?:window|limit|size|length)\b|\bcontext window (?:exceeds|of this model|limit)\b|\binput exceeds the context window\b/i,
    "ContextWindowExceeded"
  ],
  // LiteLLM's class and its relatives, which gateways write into the message
  [
    /\bContextWindowExceeded(?:Error)?\b|\bcontext[_ ](?:length |window |size )?overflow\b|\bcontext size has been exceeded\b/i,
    "ContextWindowExceeded"
  ],
  // llama.cpp, when it may not drop the beginning of the context
  [/\bcontext shift is disabled\b/i, "ContextWindowExceeded"],
  // llama-cpp-python; resellers
  [/\btokens? \(?\d{0,12}\)? ?exceeds? (?:the )?(?:model's )?(?:context|maximum)\b/i, "ContextWindowExceeded"],
  // Anthropic, Bedrock, Cohere, Ollama; vLLM and AI21 say how long first
  [
    /\b(?:prompt|input)(?: \([^()]{1,60}\))? (?:is |are |was |has \d{1,12} tokens,? which is )?too long\b/i,
    "ContextWindowExceeded"
  ],
  // Poolside; NVIDIA NIM
  [/\b(?:input|prompt) length\b.{0,40}\bexceeds (?:the )?maximum allowed\b/i, "ContextWindowExceeded"],
  // Amazon's Nova
  [/\bnumber of input tokens exceeds\b|\binput tokens exceeded\b/i, "ContextWindowExceeded"],
  // Mistral's models behind their own API and others'; SiliconFlow
  [/\bprompt tokens? limit exceeded\b|^token limit exceeded\b|\blength of prompt_tokens\b/i, "ContextWindowExceeded"],
  // Snowflake
  [/\bmax tokens of \d{1,12} exceeded\b/i, "ContextWindowExceeded"],
  // LM Studio
  [/\bmid-generation context overflow\b|\bcontext the overflows\b/i, "ContextWindowExceeded"],
  // OpenAI, for a text of more than ten million characters
  [/\bstring too long\. Expected a string with maximum length \d{7,}/i, "ContextWindowExceeded"],
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
  [
    /\b(?:run )?out of credits\b|\bused all available credits\b|\bmonthly spending limit\b|\bdoesn't have any credits\b/i,
    "InsufficientCredits"
  ],
  // Moonshot, Volcengine, DeepSeek, SiliconFlow, resellers
  [/\bexceeded your current token quota\b|\boverdue balance\b|\bcheck your account balance\b/i, "InsufficientCredits"],
  // Cloudflare's Workers AI, DashScope: a free allocation is used up
  [/\bused up your daily free allocation\b|\bfree tier of the model has been exhausted\b/i, "InsufficientCredits"],
  // LiteLLM's and OpenRouter's limits of one key
  [
    /\bbudget has been exceeded\b|\bkey limit exceeded\b|\busage limit exceeded for this API key\b/i,
    "InsufficientCredits"
  ],
  // one-api, new-api and Z.ai in Chinese
  [/额度不足|额度失败|额度已用尽|余额不足|欠费/, "InsufficientCredits"],
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
  // Anthropic and gateways before it, beside a general code
  [
    /^(?:\S{1,60} - )?(?:model )?overloaded\.?$|\bservice (?:is )?(?:too busy|overloaded)\b|\bserver is (?:overloaded|busy)\b|^server busy\b/i,
    "Overloaded"
  ],
  // llama.cpp; Cloudflare's Workers AI; one-api
  [/^loading model$|\bcapacity temporarily exceeded\b|\bservice tier capacity exceeded\b|负载已饱和/i, "Overloaded"],
  // Azure
  [/\bserver is currently processing too many requests\b/i, "Overloaded"],
  // LM Studio: the model's process ended, and loads again with the next request
  [/^the model has crashed\b|^model unloaded\b/i, "Server"],
  // Azure's gateway, with another status in the body
  [/\bout of call volume quota\b/i, "RateLimit"],
  // Baidu
  [/\bqps request limit reached\b/i, "RateLimit"],
  // OpenAI: the model exists and is used otherwise.
  [/\bnot a chat model\b|\bonly supported in v1\/responses\b/i, "Validation"],
  // OpenRouter: a moderated input
  [/\byour input was flagged\b/i, "Validation"],
  // OpenRouter: the model exists, but none of its endpoints does what the request needs.
  [/\bno endpoints found (?:that support|matching)\b/i, "Validation"],
  // OpenAI, Google
  [
    /\b(?:incorrect|invalid) API[- ]key\b|\bAPI key (?:not valid|not found|expired)\b|\bpass a valid API key\b/i,
    "Authentication"
  ],
  // Baidu; Anthropic
  [/\baccess token (?:is )?(?:invalid|expired)\b|\borganization has been disabled\b/i, "Authentication"],
  [/\blocation is not supported\b/i, "Authentication"],
  // Google deletes files after two days, and answers as if a right were missing.
  [/\bpermission to access the File\b/, "Validation"],
  [/\bis not found for API version\b/i, "ModelNotFound"],
  // OpenAI, Groq, Ollama
  [/\bmodel\b.{0,120}\b(?:does not exist|not found|is not supported)\b/i, "ModelNotFound"],
  // DeepSeek, DashScope; Mistral, LiteLLM; OpenRouter; Bedrock; Cloudflare; GitHub Models
  [
    /\bmodel not exist\b|\binvalid model(?::| name)|\bis not a valid model ID\b|\bmodel identifier is invalid\b|\bno such model\b|^unknown model\b/i,
    "ModelNotFound"
  ],
  // one-api and new-api; Z.ai
  [/无可用渠道|\bno available channel for model\b|模型不存在/i, "ModelNotFound"]
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
  engine_overloaded_error: "Overloaded",
  unavailable_error: "Overloaded",
  service_tier_capacity_exceeded: "Overloaded",
  NoCapacity: "Overloaded",
  usage_limit_reached: "RateLimit",
  usage_not_included: "InsufficientCredits",
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
  "1211": "ModelNotFound",
  "1301": "Validation",
  "1302": "RateLimit",
  "1303": "RateLimit",
  "1305": "Overloaded",
  "1308": "RateLimit",
  // MiniMax's `base_resp.status_code`: https://platform.minimax.io/docs/api-reference/errorcode
  "base_resp 1000": "Server",
  "base_resp 1001": "Server",
  "base_resp 1002": "RateLimit",
  "base_resp 1004": "Authentication",
  "base_resp 1008": "InsufficientCredits",
  "base_resp 1013": "Server",
  "base_resp 1024": "Server",
  "base_resp 1026": "Validation",
  "base_resp 1033": "Server",
  "base_resp 1039": "RateLimit",
  "base_resp 1041": "RateLimit",
  "base_resp 2013": "Validation",
  "base_resp 2045": "RateLimit",
  "base_resp 2049": "Authentication",
  "base_resp 2056": "RateLimit",
  // DashScope: https://help.aliyun.com/zh/model-studio/error-code
  Arrearage: "InsufficientCredits",
  Throttling: "RateLimit",
  "AllocationQuota.FreeTierOnly": "InsufficientCredits",
  limit_requests: "RateLimit",
  InvalidApiKey: "Authentication",
  data_inspection_failed: "Validation",
  DataInspectionFailed: "Validation",
  // Tencent: https://cloud.tencent.com/document/api/1729/101843
  AuthFailure: "Authentication",
  RequestLimitExceeded: "RateLimit",
  // Volcengine: https://www.volcengine.com/docs/82379/1299023
  AccountOverdueError: "InsufficientCredits",
  InvalidEndpointOrModel: "ModelNotFound",
  ServerOverloaded: "Overloaded",
  // Resellers; new-api; Moonshot; LiteLLM; GitHub Copilot
  insufficient_balance: "InsufficientCredits",
  insufficient_balance_error: "InsufficientCredits",
  insufficient_user_quota: "InsufficientCredits",
  pre_consume_token_quota_failed: "InsufficientCredits",
  exceeded_current_quota_error: "InsufficientCredits",
  budget_exceeded: "InsufficientCredits",
  quota_exceeded: "InsufficientCredits",
  // Fireworks
  ACCOUNT_SUSPENDED: "InsufficientCredits",
  // GitHub Models
  tokens_limit_reached: "ContextWindowExceeded",
  unknown_model: "ModelNotFound",
  // Text Generation Inference
  generation: "Server",
  insufficient_credits: "InsufficientCredits",
  // Amazon Bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
  throttlingException: "RateLimit",
  tooManyRequestsException: "RateLimit",
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
  InvalidParameter: "Validation",
  BadRequestError: "Validation",
  bad_request_error: "Validation",
  invalid_request_error: "Validation",
  api_error: "Server",
  server_error: "Server",
  InternalError: "Server",
  InternalServerError: "Server",
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
