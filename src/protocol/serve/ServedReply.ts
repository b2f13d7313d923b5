/** A reply in a form that every protocol can write. */
import type { FinishReason } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"

/** A tool call. `pieces` are the parts in which its arguments are streamed. */
export interface ServedToolCall {
  /** 24 letters and digits, or the id of the script. */
  readonly id: string
  /** Whether the id is the script's own, to be sent without the protocol's prefix. */
  readonly isGivenId: boolean
  readonly name: string
  /** The text of the JSON. */
  readonly arguments: string
  readonly pieces: ReadonlyArray<string>
}

/** A complete reply, split into the pieces in which it is streamed. */
export interface ServedReply {
  /** 24 letters and digits, from which the protocols make their ids. */
  readonly id: string
  readonly model: string
  readonly reasoning: ReadonlyArray<string>
  /** Whether the reasoning is sent, and not only counted. */
  readonly showsReasoning: boolean
  readonly content: ReadonlyArray<string>
  readonly toolCalls: ReadonlyArray<ServedToolCall>
  readonly finishReason: FinishReason
  /** The stop sequence that ended the answer. */
  readonly stopSequence: string | null
  readonly usage: Usage
}
