/** What servers and gateways were reported to send, and what a reader sees; `docs/resilience.md` has it as a table. */

/** One kind of deviation. */
export interface Reported {
  readonly sent: string
  readonly seen: string
  /** The ids of its cases in test/fixtures/wire-cases.json, or the test that shows it. */
  readonly shownBy: ReadonlyArray<string>
}

/** The kinds, in the order of the page. */
export const reported: ReadonlyArray<Reported> = [
  {
    sent: "An end marker after output, but no finish reason",
    seen: "`NetworkError` (Truncated). With whole tool calls the response is complete, with `tool_calls`: gateways leave the finish reason out there.",
    shownBy: ["A21-done-without-finish-with-calls"]
  },
  {
    sent: "Two generations in one stream, because a gateway asked its upstream again",
    seen: "`NetworkError` (Truncated) where the second begins. A start that is repeated with the same id is read on.",
    shownBy: ["test/protocol/splicedResponses.test.ts"]
  },
  {
    sent: "Indexes of tool calls that collide, drift or are missing; ids that are late, repeated or missing; names that are late or repeated; one object instead of a list",
    seen: "One call each, with an id of its own. A new id with a name tells calls apart first, then a new name after complete arguments, and the index last.",
    shownBy: [
      "A01-index-collides-then-tail-at-next",
      "A03-two-whole-calls-index-0-no-id",
      "A04-two-whole-calls-no-index-no-id",
      "A05a-empty-name-then-name",
      "A06a-name-then-id",
      "A09-same-call-at-several-indexes",
      "A11-whole-answer-calls-share-an-id",
      "A13-tool_calls-is-an-object",
      "D03-tool-delta-under-next-index"
    ]
  },
  {
    sent: "A tool call without a name",
    seen: "Beside text: no call. Alone: `ProviderError`.",
    shownBy: ["A17-nameless-ghost-call", "A27-nameless-call-alone"]
  },
  {
    sent: "Another finish reason: `stop` with tool calls, `tool_use`, `sensitive`, `model_context_window_exceeded`, upper case",
    seen: "`tool_calls`, `content_filter` or `length`, by one table for all protocols.",
    shownBy: ["A18a-stop-with-calls", "A19-tool_use", "B05-sensitive", "B06-model_context_window_exceeded"]
  },
  {
    sent: "A finish reason `error` or `network_error`",
    seen: "An error, never a complete response.",
    shownBy: ["B03-finish-error-alone"]
  },
  {
    sent: "An error inside a choice, beside `choices: null`, in `base_resp`, in `x_groq`, as a flat event, as a line `error: …`, or with its status as text",
    seen: "The error of the same class as with the status of its own.",
    shownBy: [
      "B02a-error-in-choice-stream",
      "B08a-minimax-choices-null-stream",
      "B09a-flat-error-event",
      "B10-litellm-code-500",
      "B10-litellm-code-429",
      "B11a-responses-service_unavailable",
      "B22-x_groq-error",
      "test/protocol/errorLines.test.ts"
    ]
  },
  {
    sent: "A context that is too long, in the words of each vendor",
    seen: "`ContextWindowExceededError`",
    shownBy: [
      "B12-lmstudio-200-event-error",
      "F01-xai",
      "F02-llamacpp-400",
      "F04-lmstudio",
      "F06-kimi",
      "F07-together",
      "F09-bedrock-gateway",
      "F10-copilot",
      "F11-ollama",
      "F14-zai"
    ]
  },
  {
    sent: "An empty account, with status 400 or 403",
    seen: "`InsufficientCreditsError`",
    shownBy: ["G01-xai-403", "G04-dashscope-arrearage", "G06-sub2api-403"]
  },
  {
    sent: "A rate limit that reads like an empty account, with a delay",
    seen: "`RateLimitError` (RateLimit) with that delay in `retryAfter`",
    shownBy: ["G10-gemini-compat-rate-limit"]
  },
  {
    sent: "A model that loads; endpoints that cannot do what the request needs",
    seen: "`RateLimitError` (Overloaded) with the estimated time; `ValidationError`, not `ModelNotFoundError`",
    shownBy: ["H01-hf-loading", "H07-openrouter-no-endpoints"]
  },
  {
    sent: "Keep-alives as data (`{}`, `null`, an empty text), `[DONE]` with blanks or in quotes",
    seen: "Nothing",
    shownBy: ["C01a-keepalive-as-data", "C08-done-with-trailing-space", "C08b-done-in-quotes"]
  },
  {
    sent: "The whole text again in the last event, content indexes that grow",
    seen: "The text once",
    shownBy: ["C14-last-event-repeats-all", "D04-trailing-message-event", "R01-content_index-grows"]
  },
  {
    sent: "Usage `{}`, usage inside a choice, 0 input tokens after a known number",
    seen: "The usage that is known",
    shownBy: ["C16-usage-empty-object", "C18-usage-in-choice", "D06-zero-input-in-message_delta"]
  },
  {
    sent: "Other frames: `data:` twice, one line end between events, an object a line, `NaN`, several objects in an event, types only as names of events, `[DONE]` in any protocol",
    seen: "The response. Events under other names than the protocol's are left out, and text under the name of a keep-alive counts.",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: "Events where a whole response was requested, a whole response where events were requested, or either with the content type of the other",
    seen: "The response. It arrives at once where the content type says JSON.",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: "Words in place of an event, such as `Internal Server Error`",
    seen: "`NetworkError` (Server), or the class that the words name",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: "Arguments that are encoded twice, begin with `{}`, stand there twice, grow with every delta, or are `null`",
    seen: "The arguments once, as a JSON object; `{}` for `null`",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: "`function_call` of the older API; reasoning in `reasoning_text`, `thinking` or `thinking_blocks`; a text in the choice",
    seen: "Tool calls, reasoning and content",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: 'Ids as numbers, counts and indexes as text, `null` in lists, `""` or `[]` for nothing, in chat completions',
    seen: "The values. In other protocols, a known field of another type is a `ProviderError`, as their few servers do not vary.",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: "`insufficient_system_resource` (DeepSeek), `abort`, `timeout`",
    seen: "`RateLimitError` (Overloaded), and `NetworkError` (Server)",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: "`MALFORMED_FUNCTION_CALL` and `UNEXPECTED_TOOL_CALL` (Gemini)",
    seen: "A complete response with the finish reason `other`: the model failed, not the provider, and the same request may fail again",
    shownBy: ["test/protocol/GoogleGemini.test.ts"]
  },
  {
    sent: "The end of an Anthropic message without a stop reason",
    seen: "`NetworkError` (Truncated)",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: "Usage in several events, zeros at the end, the names of another protocol",
    seen: "The counts that were reported",
    shownBy: ["test/provider/wireReports.test.ts"]
  },
  {
    sent: "Reasoning only in `reasoning_details`; reasoning between `<think>` tags",
    seen: "Reasoning; for tags with `extractReasoning`, which is opt-in, as some programs print such tags.",
    shownBy: ["C19a-reasoning_details-only", "C20-think-tags"]
  }
]

/** Cases of requests, which are no faults of a response. */
export const requestCases: ReadonlyArray<string> = [
  "E01-mistral-tool-id",
  "E02-anthropic-tool-id",
  "E04-empty-content-with-calls",
  "E05-gemini-compat-signature",
  "E06-empty-parameters-anthropic",
  "E06-empty-parameters-google",
  "E06-empty-parameters-openai",
  "E07-gemini-result-order",
  "E13-anthropic-only-system"
]
