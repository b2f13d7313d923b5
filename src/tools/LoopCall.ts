/** A tool call of a loop, as tools, events and approvals see it. */
import type * as Effect from "effect/Effect"
import type { Message } from "../domain/Message.js"

/** A tool call of a loop: plain data. */
export interface LoopCall {
  /**
   * The id of the call: loop id, step and position. It stays the same when a step is retried or the loop is resumed, so
   * it serves as an idempotency key for what the tool does.
   */
  readonly id: string
  /** The provider's id of the call, which its result repeats; another one if the conversation has it already. */
  readonly toolCallId: string
  /** The name of the tool. */
  readonly name: string
  /** The arguments as JSON, before they are decoded; the text that the model wrote where that is not a JSON object. */
  readonly arguments: unknown
  /** The step of the loop, from 0. */
  readonly step: number
  /** The position among the calls of the step, from 0. */
  readonly position: number
}

/** What a tool knows of its call, besides the arguments. */
export interface CallContext extends LoopCall {
  /** The conversation that the model saw when it made the call. */
  readonly messages: ReadonlyArray<Message>
  /** Reports progress, as any JSON value; it becomes an event of the loop. */
  readonly progress: (progress: unknown) => Effect.Effect<void>
}

/** Makes the id of a call. */
export const callIdOf = (loopId: string, step: number, position: number): string => `${loopId}/${step}/${position}`
