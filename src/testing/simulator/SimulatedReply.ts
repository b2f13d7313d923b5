/** A scripted reply of the Simulator: plain data, the same for every API protocol. */
import type * as Duration from "effect/Duration"
import type { Source } from "../../domain/Source.js"
import type { FinishReason } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"
import type { ErrorKind, ServedError } from "../../protocol/serve/ServedError.js"
import type { Fault } from "./faults/Fault.js"

/** The API protocols that the Simulator speaks. */
export type ProtocolName = "openai-chat" | "openai-responses" | "anthropic-messages" | "google-gemini"

/** A call that the model asks for. */
export interface SimulatedToolCall {
  /** The tool to call. */
  readonly name: string
  /** JSON, as a value or as the text to send as it is. */
  readonly arguments?: string | { readonly [name: string]: unknown } | undefined
  /** Its id; made up when left out. */
  readonly id?: string | undefined
}

/**
 * What to reply to one request. What is left out is made up as without a script: `{}` is the default answer, and
 * `{ fault: { type: "stall", afterChunks: 3 } }` the default answer that stalls.
 */
export interface SimulatedReply {
  /** The text of the answer, sent as it is: neither `maxTokens` nor `stop` cuts it. */
  readonly content?: string | undefined
  /** The text of the answer as the pieces to stream, one event each. */
  readonly chunks?: ReadonlyArray<string> | undefined
  /** The reasoning before the content. */
  readonly reasoning?: string | undefined
  /**
   * Encrypts the reasoning: Anthropic sends it as a redacted thinking block, the others send none of it. Without a
   * `reasoning` it is that of the default answer.
   */
  readonly redactedReasoning?: boolean | undefined
  /** The calls that the answer asks for. */
  readonly toolCalls?: ReadonlyArray<SimulatedToolCall> | undefined
  /** Streams the arguments of several calls in turns instead of one call after the other. Gemini sends each call whole. */
  readonly interleavedToolCalls?: boolean | undefined
  /** The pages that the content cites, as the library gives them: in ranges of the content, or in all of it. */
  readonly sources?: ReadonlyArray<Source> | undefined
  /** The library's finish reason; each protocol sends its own name for it. Anthropic's `other` is a pause. */
  readonly finishReason?: FinishReason | undefined
  /** Counts to report instead of those of the text; `totalTokens` is always their sum. */
  readonly usage?: Partial<Usage> | undefined
  /** The pause between two pieces. */
  readonly pace?: Duration.DurationInput | undefined
  /** Sends a keep-alive (a comment, or the protocol's ping) this often while nothing else is sent. */
  readonly keepAlive?: Duration.DurationInput | undefined
  /** Any status; from 400 on, and without a `body`, with the protocol's error for it. */
  readonly status?: number | undefined
  /** Headers to add or to replace. */
  readonly headers?: { readonly [name: string]: string } | undefined
  /** A body instead of an answer: a string as it is, anything else as JSON. */
  readonly body?: unknown
  /** Refuses the request the way the protocol does. */
  readonly error?: ErrorKind | ServedError | undefined
  /** What goes wrong on the way; several are applied in their order. */
  readonly fault?: Fault | ReadonlyArray<Fault> | undefined
}
