/** The contract of whoever answers, and of what can be wrapped around one. */
import type { Context, Effect, Stream } from "effect"
import type { CostOf } from "../catalog/Cost.js"
import type { TokenCount } from "../catalog/countTokens.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { EmbedRequest, EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { Timeouts } from "./Timeouts.js"

/** What a single call may change. */
export interface CallOptions {
  /** Overrides the default timers one by one. */
  readonly timeouts?: Timeouts | undefined
  /** Prices the answer; its last chunk carries the cost. */
  readonly costOf?: CostOf | undefined
}

/** One that answers. The model of a request is the provider's own id. */
export interface Provider {
  /** The name in model strings and errors, such as `openai`. */
  readonly name: string
  /** Streams an answer: it ends with one chunk that has a finish reason, or fails. */
  readonly chatStream: (request: ChatRequest, options?: CallOptions) => Stream.Stream<StreamChunk, LLMError>
  /** Asks for a whole answer in one piece. */
  readonly chat: (request: ChatRequest, options?: CallOptions) => Effect.Effect<ChatResponse, LLMError>
  /** Turns texts into vectors; missing where the provider has no embeddings. */
  readonly embed?: Embed | undefined
  /** Counts the prompt's tokens without answering it; missing where the provider does not count. */
  readonly countTokens?: CountTokens | undefined
}

/** Reads the name of a provider from its tag, before there is one: `openai` of `llm-connectivity/OpenAI`. */
export const nameOf = <Id>(tag: Context.Tag<Id, Provider>): string =>
  tag.key.slice(tag.key.lastIndexOf("/") + 1).toLowerCase()

/** Counts what a request would take as a prompt. */
export type CountTokens = (request: ChatRequest, options?: CallOptions) => Effect.Effect<TokenCount, LLMError>

/** Turns the texts of one request into vectors. */
export interface Embed {
  (request: EmbedRequest, options?: CallOptions): Effect.Effect<EmbedResponse, LLMError>
  /** The most texts that one request may hold. */
  readonly batchSize: number
}

/** A way to behave around any provider. In `flow(a, b)`, `b` is the outermost. */
export type Policy = (provider: Provider) => Provider

/** Wraps the embeddings of a provider, where it has any. */
export const mapEmbed = (
  embed: Embed | undefined,
  wrap: (embed: Embed) => (request: EmbedRequest, options?: CallOptions) => ReturnType<Embed>
): Embed | undefined => embed && Object.assign(wrap(embed), { batchSize: embed.batchSize })
