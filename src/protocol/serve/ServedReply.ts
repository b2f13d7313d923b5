/** A reply in the form shared by all protocols. */
import type { Source } from "../../domain/Source.js"
import type { FinishReason } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"

/** A tool call. `pieces` are the parts in which its arguments are streamed. */
export interface ServedToolCall {
  /** 24 letters and digits, or the id that the script gives. */
  readonly id: string
  /** Whether the script gave the id; it is then sent without the protocol's prefix. */
  readonly isGivenId: boolean
  readonly name: string
  /** The JSON text. */
  readonly arguments: string
  readonly pieces: ReadonlyArray<string>
}

/** A complete reply, split into the pieces in which it is streamed. */
export interface ServedReply {
  /** 24 letters and digits, from which the protocols make their ids. */
  readonly id: string
  readonly model: string
  readonly reasoning: ReadonlyArray<string>
  /** Whether the reasoning is sent; otherwise it is only counted. */
  readonly showsReasoning: boolean
  /** Whether the provider encrypts the reasoning instead of showing it (Anthropic's redacted thinking). */
  readonly isReasoningRedacted: boolean
  readonly content: ReadonlyArray<string>
  /** The pages that the content cites. Without a range, all of it does. */
  readonly sources: ReadonlyArray<Source>
  readonly toolCalls: ReadonlyArray<ServedToolCall>
  /** Whether the arguments of the calls stream in turns, as from some gateways, instead of one call after the other. */
  readonly interleavesCalls: boolean
  readonly finishReason: FinishReason
  /** The stop sequence that ended the answer. */
  readonly stopSequence: string | null
  readonly usage: Usage
}
