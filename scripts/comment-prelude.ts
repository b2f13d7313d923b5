/** Names that the examples in doc comments use without declaring them. */
import { Tool as AiTool, Toolkit } from "@effect/ai"
import { type Effect, type ManagedRuntime, Metric, Schema } from "effect"
import { type ChatRequest, type ChatResponse, LLMClient, type Message, StreamChunk, type Usage } from "llm-connectivity"
import { Tool } from "llm-connectivity/tools"

/** A conversation. */
export const messages: ReadonlyArray<Message> = [{ role: "user", content: "Hi" }]

export const request: ChatRequest = { messages }

/** A streaming response. */
export const stream = LLMClient.chatStream(request)

export declare const response: ChatResponse

export declare const usage: Usage

export const chunk = StreamChunk.make({ content: "Hi" })

/** Schemas of structured output. */
export const Weather = Schema.Struct({ city: Schema.String })

export const Recipe = Schema.Struct({ title: Schema.String, steps: Schema.Array(Schema.String) })

/** Tools. */
export const weather = Tool.make("weather", { parameters: { city: Schema.String } })

export const search = Tool.make("search", { parameters: { query: Schema.String } })

export const toolkit = Toolkit.make(AiTool.make("time"))

/** Consumers of output. */
export declare const show: (...values: ReadonlyArray<unknown>) => Effect.Effect<void>

export declare const speak: (text: string) => Effect.Effect<void>

export declare const save: (response: ChatResponse) => Effect.Effect<void>

export const log: Array<string> = []

export declare const socket: WebSocket

export const tokens = Metric.counter("tokens").pipe(
  Metric.mapInput((counted: Usage | null) => counted?.totalTokens ?? 0)
)

/** Values of a surrounding program. */
export declare const managed: ManagedRuntime.ManagedRuntime<LLMClient, never>

export declare const session: {
  readonly promptStreaming: (text: string, options: { readonly signal: AbortSignal }) => ReadableStream<string>
}

export declare const secret: string

export declare const prompts: ReadonlyArray<string>
