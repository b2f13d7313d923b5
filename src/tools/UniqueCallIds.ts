/** Gives every tool call of a conversation an id of its own. */
import type { Message } from "../domain/Message.js"
import type { StreamChunk, ToolCallDelta } from "../domain/StreamChunk.js"
import { CallIds } from "../protocol/CallIds.js"
import { idsIn } from "../protocol/fittingCallIds.js"

/**
 * Renames the calls of a response whose ids the conversation has already: some servers number the calls of each response
 * from 0, or send no ids. Pages and resumed loops find a call and its result by the id. Mutable, as every chunk of a loop
 * goes through it.
 */
export class UniqueCallIds {
  private known: CallIds | undefined
  /** The ids of the calls of the response, by their index. */
  private readonly taken = new Map<number, string>()

  constructor(private readonly messages: ReadonlyArray<Message>) {}

  /** The next chunk of the response, with the ids of its calls replaced where they are not unique. */
  rename(chunk: StreamChunk): StreamChunk {
    if (chunk.reset === true) {
      this.known = undefined
      this.taken.clear()
    }
    if (chunk.toolCalls.length === 0) return chunk
    const toolCalls = chunk.toolCalls.map((delta) => this.renameCall(delta))
    return toolCalls.every((delta, position) => delta === chunk.toolCalls[position]) ? chunk : { ...chunk, toolCalls }
  }

  private renameCall(delta: ToolCallDelta): ToolCallDelta {
    const { index, id = "" } = delta
    if (id === "") return delta
    let unique = this.taken.get(index)
    if (unique === undefined) {
      this.known ??= new CallIds(idsIn(this.messages))
      unique = this.known.take(id, index)
      this.taken.set(index, unique)
    }
    return unique === id ? delta : { ...delta, id: unique }
  }
}
