/** Providers and policies as another package writes them: only `llm-connectivity` and Effect are imported. */
import { Context, Effect } from "effect"
import {
  AuthenticationError,
  type ChatRequest,
  type FinishReason,
  type LLMError,
  NetworkError,
  OpenAI,
  Policy,
  Provider,
  ProviderError,
  type Pull,
  RateLimitError,
  StreamChunk,
  type Usage
} from "llm-connectivity"

/** The tag of a provider made outside of the library. */
export class Outside extends Context.Tag("test/Outside")<Outside, Provider>() {
  static readonly providerName = "outside"
}

/** A provider that wraps the `open` of another one. */
export const wrapping: Effect.Effect<Provider, never, OpenAI> = Effect.map(OpenAI, ({ name, open }) =>
  Provider.make({ name, open: (request, options) => Effect.suspend(() => open(request, options)) })
)

/** A policy that counts the chunks that pass. */
export const counting = (counter: { chunks: number }): Policy.Policy =>
  Policy.make(({ open }) => ({
    open: (request, options) =>
      Effect.map(open(request, options), (pull) =>
        Effect.map(pull, (chunks) => {
          counter.chunks += chunks.length
          return chunks
        })
      )
  }))

/** A policy that writes the content of responses in capitals. */
export const upperCase: Policy.Policy = Policy.make(({ open }) => ({
  open: (request, options) =>
    Effect.map(open(request, options), (pull) =>
      Effect.map(pull, (chunks) => chunks.map((chunk) => ({ ...chunk, content: chunk.content.toUpperCase() })))
    )
}))

/** How to reach a server that speaks chat completions. */
export interface OutsideOptions {
  readonly baseUrl: string
  readonly apiKey: string
  readonly fetch?: typeof globalThis.fetch
}

interface CompletionEvent {
  readonly choices?: ReadonlyArray<{
    readonly delta?: { readonly content?: string | null }
    readonly finish_reason?: FinishReason | null
  }>
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null
  readonly error?: { readonly message: string }
}

/** A provider that speaks chat completions by itself: text only, and always streamed. */
export const speaking = ({ baseUrl, apiKey, fetch = globalThis.fetch }: OutsideOptions): Provider =>
  Provider.make({
    name: "outside",
    open: (request) =>
      Effect.gen(function* () {
        const origin = { provider: "outside", model: request.model ?? "" }
        const controller = yield* Effect.acquireRelease(
          Effect.sync(() => new AbortController()),
          (acquired) => Effect.sync(() => acquired.abort())
        )
        const response = yield* Effect.tryPromise({
          try: () =>
            fetch(`${baseUrl}/chat/completions`, {
              method: "POST",
              headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
              body: bodyOf(request),
              signal: controller.signal
            }),
          catch: () => new NetworkError({ ...origin, reason: "Connection", message: "outside could not be reached" })
        })
        if (!response.ok) return yield* errorOf(response.status, origin)
        const reader = (response.body ?? new ReadableStream()).getReader()
        const reading = new Reading(origin)
        const pull: Pull = Effect.async((resume) => {
          if (reading.isEnded) return resume(Effect.succeed([]))
          reader.read().then(
            ({ value }) => {
              const result = reading.take(value)
              resume(Array.isArray(result) && result.length === 0 ? pull : resultOf(result))
            },
            () => resume(Effect.fail(reading.truncated()))
          )
        })
        return pull
      })
  })

const resultOf = (result: ReadonlyArray<StreamChunk> | LLMError): Pull =>
  "provider" in result ? Effect.fail(result) : Effect.succeed(result)

const bodyOf = ({ model, messages, maxTokens }: ChatRequest): string =>
  JSON.stringify({
    model,
    messages,
    max_tokens: maxTokens,
    stream: true,
    stream_options: { include_usage: true }
  })

interface Answering {
  readonly provider: string
  readonly model: string
}

const errorOf = (status: number, origin: Answering): LLMError => {
  const fields = { ...origin, status, message: `outside responded with HTTP ${status}` }
  if (status === 429) return new RateLimitError({ ...fields, reason: "RateLimit" })
  if (status === 401) return new AuthenticationError(fields)
  return status >= 500 ? new NetworkError({ ...fields, reason: "Server" }) : new ProviderError(fields)
}

/** The state of one response. */
class Reading {
  isEnded = false
  private readonly decoder = new TextDecoder()
  private text = ""
  private finishReason: FinishReason | null = null
  private usage: Usage | null = null

  constructor(private readonly origin: Answering) {}

  /** Takes a network read, or the end of the body. */
  take(bytes: Uint8Array | undefined): ReadonlyArray<StreamChunk> | LLMError {
    if (bytes === undefined) return this.end()
    this.text += this.decoder.decode(bytes, { stream: true })
    const events = this.text.split("\n\n")
    this.text = events.pop() ?? ""
    const chunks: Array<StreamChunk> = []
    for (const event of events) {
      if (!event.startsWith("data: ")) continue
      if (event === "data: [DONE]") return [...chunks, ...this.finish()]
      const { choices = [], usage, error }: CompletionEvent = JSON.parse(event.slice(6))
      if (error !== undefined) {
        return new NetworkError({ ...this.origin, reason: "Server", message: "outside failed inside a stream" })
      }
      if (usage) this.usage = usageOf(usage)
      this.finishReason = choices[0]?.finish_reason ?? this.finishReason
      const content = choices[0]?.delta?.content ?? ""
      if (content !== "") chunks.push(StreamChunk.make({ content, rawChunk: event }))
    }
    return chunks
  }

  truncated(): LLMError {
    return new NetworkError({ ...this.origin, reason: "Truncated", message: "outside broke off" })
  }

  private end(): ReadonlyArray<StreamChunk> | LLMError {
    return this.finishReason === null ? this.truncated() : this.finish()
  }

  private finish(): ReadonlyArray<StreamChunk> {
    this.isEnded = true
    const { finishReason, usage, origin } = this
    return [StreamChunk.make({ finishReason: finishReason ?? "other", usage, origin, rawChunk: {} })]
  }
}

const usageOf = (usage: NonNullable<CompletionEvent["usage"]>): Usage => ({
  inputTokens: usage.prompt_tokens,
  outputTokens: usage.completion_tokens,
  totalTokens: usage.prompt_tokens + usage.completion_tokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
})
