/** Separates reasoning that a model writes into its text between tags. */
import * as Effect from "effect/Effect"
import { transformPull } from "../provider/engine/transformChunks.js"
import { type Policy, Provider } from "../provider/Provider.js"
import { type ReasoningTagOptions, reasoningTags } from "../provider/ReasoningTags.js"

/**
 * Moves the text between `<think>` tags from `content` to `reasoning`, in streams and non-streaming responses, for
 * models and servers that do not separate them. Tags may be cut anywhere and nested; one that is never closed lasts to
 * the end.
 *
 * ```ts
 * LLMClient.layer({ model: "ollama/qwen3", policies: [Policy.retry(), Policy.extractReasoning()] })
 * ```
 */
export const extractReasoning =
  (options: ReasoningTagOptions = {}): Policy =>
  (provider) =>
    Provider.make({
      ...provider,
      open: (request, callOptions) =>
        Effect.map(provider.open(request, callOptions), (pull) => transformPull(pull, reasoningTags(options)))
    })
