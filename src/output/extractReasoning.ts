/** Separates reasoning that a model writes into its text between tags, as a transform of a stream. */
import type * as Stream from "effect/Stream"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { transformChunks } from "../provider/engine/transformChunks.js"
import { type ReasoningTagOptions, reasoningTags } from "../provider/ReasoningTags.js"

/**
 * Moves the text between `<think>` tags from `content` to `reasoning`. `Policy.extractReasoning` does the same for every
 * call of a client.
 *
 * ```ts
 * LLMClient.chatStream({ messages: [Message.user("Hi")] }).pipe(extractReasoning())
 * ```
 */
export const extractReasoning = (
  options: ReasoningTagOptions = {}
): (<E, R>(stream: Stream.Stream<StreamChunk, E, R>) => Stream.Stream<StreamChunk, E, R>) =>
  transformChunks(() => reasoningTags(options))
