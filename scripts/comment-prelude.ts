/** What the examples in doc comments take for granted: an answer under way, and a program around them. */
import { type Effect, type ManagedRuntime, Metric, Schema } from "effect"
import { type ChatRequest, type ChatResponse, LLMClient, type Message, StreamChunk, type Usage } from "llm-connectivity"

/** A conversation so far. */
export const messages: ReadonlyArray<Message> = [{ role: "user", content: "Hi" }]

export const request: ChatRequest = { messages }

/** Its answer. */
export const stream = LLMClient.chatStream(request)

export declare const response: ChatResponse

export declare const usage: Usage

export const chunk = StreamChunk.make({ content: "Hi" })

/** What a model may be asked for. */
export const Weather = Schema.Struct({ city: Schema.String })

export const Recipe = Schema.Struct({ title: Schema.String, steps: Schema.Array(Schema.String) })

/** Where it goes. */
export declare const show: (...values: ReadonlyArray<unknown>) => Effect.Effect<void>

export declare const speak: (text: string) => Effect.Effect<void>

export declare const save: (response: ChatResponse) => Effect.Effect<void>

export const log: Array<string> = []

export declare const socket: WebSocket

export const tokens = Metric.counter("tokens").pipe(
  Metric.mapInput((counted: Usage | null) => counted?.totalTokens ?? 0)
)

/** Others that the program knows. */
export declare const managed: ManagedRuntime.ManagedRuntime<LLMClient, never>

export declare const session: {
  readonly promptStreaming: (text: string, options: { readonly signal: AbortSignal }) => ReadableStream<string>
}
