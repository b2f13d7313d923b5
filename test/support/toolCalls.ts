/** Scripted responses that call tools. */
import { Chunk, Effect, Stream } from "effect"
import type { StreamChunk } from "llm-connectivity"
import type { ToolLoopEvent } from "llm-connectivity/tools"

/** A chunk that calls a tool; arguments that are a string are sent as they are. */
export const call = (name: string, args: unknown = {}, index = 0): Partial<StreamChunk> => ({
  toolCalls: [{ index, id: `call-${index}`, name, arguments: typeof args === "string" ? args : JSON.stringify(args) }]
})

/** The last chunk of a response that calls tools, with its usage and cost. */
export const finish = (tokens: number, cost?: number): Partial<StreamChunk> => ({
  finishReason: "tool_calls",
  usage: {
    inputTokens: tokens,
    outputTokens: 1,
    totalTokens: tokens + 1,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0
  },
  ...(cost === undefined ? {} : { cost })
})

/** The events of a loop, as they come out of JSON. */
export const eventsOf = <E, R>(events: Stream.Stream<ToolLoopEvent, E, R>) =>
  Effect.map(
    Stream.runCollect(events),
    (all): ReadonlyArray<ToolLoopEvent> => JSON.parse(JSON.stringify(Chunk.toReadonlyArray(all)))
  )
