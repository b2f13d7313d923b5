/** Writes our answers as the parts of @effect/ai's. */
import type * as Response from "@effect/ai/Response"
import { Either, Schema } from "effect"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { ProviderError } from "../../domain/LLMError.js"
import type { AssistantMessage, ToolCall } from "../../domain/Message.js"
import type { FinishReason } from "../../domain/StreamChunk.js"
import { decodeToolArguments } from "../../domain/ToolArguments.js"
import { isMadeId } from "../../protocol/google-gemini/calls.js"
import { ours } from "./PartOptions.js"

/** What makes the ids of one answer. */
export interface Ids {
  /** Begins the ids of its texts. */
  readonly answer: string
  /** Tells calls to which the provider gave no id, or one that it gives in every answer, from those of other answers. */
  readonly call: number
}

/** Gives a call an id of its own. */
export const uniqueId = (id: string | undefined, index: number, ids: Ids): string =>
  id === undefined || id === "" || isMadeId(id) ? `call_${ids.call}${index}` : id

/** The answer with calls that have ids of their own. */
export const withUniqueIds = (response: ChatResponse, ids: Ids): ChatResponse => {
  const toolCalls = response.toolCalls.map((call, index) => ({ ...call, id: uniqueId(call.id, index, ids) }))
  return toolCalls.length === 0 ? response : { ...response, toolCalls, message: { ...response.message, toolCalls } }
}

/** Writes a whole answer. */
export const partsOf = (response: ChatResponse): Either.Either<Array<Response.PartEncoded>, ProviderError> => {
  const { content, reasoning, toolCalls } = response
  const back = toolCalls.length === 0 ? metadataOf(response.message) : {}
  return Either.map(callsOf(response), (calls) => [
    ...(reasoning === "" ? [] : [{ type: "reasoning" as const, text: reasoning, ...(content === "" ? back : {}) }]),
    ...(content === "" ? [] : [{ type: "text" as const, text: content, ...back }]),
    ...calls,
    ...endOf(response)
  ])
}

/** Writes the calls, the last of which carries what the provider wants back. */
export const callsOf = (
  response: ChatResponse
): Either.Either<ReadonlyArray<Response.ToolCallPartEncoded>, ProviderError> =>
  Either.all(
    response.toolCalls.map((call, index) => {
      const back = index === response.toolCalls.length - 1 ? metadataOf(response.message) : {}
      return Either.mapBoth(decodeToolArguments(call, Schema.Unknown), {
        onRight: (params) => ({ type: "tool-call" as const, id: call.id, name: call.name, params, ...back }),
        onLeft: () => withoutArguments(response, call)
      })
    })
  )

const withoutArguments = ({ provider, model, finishReason }: ChatResponse, call: ToolCall): ProviderError =>
  new ProviderError({
    provider,
    model,
    message: `${provider}/${model} called the tool ${call.name} with arguments that are no JSON (it finished with ${finishReason})`
  })

/** What the provider wants back with a turn, as metadata. */
export const metadataOf = ({
  providerData
}: AssistantMessage): { readonly metadata?: { readonly [ours]: { readonly providerData: unknown } } } =>
  providerData === undefined ? {} : { metadata: { [ours]: { providerData } } }

const reasons: { readonly [Reason in FinishReason]: typeof Response.FinishReason.Encoded } = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter",
  other: "other"
}

/** Writes what ends every answer: who gave it, why it ended and what it took. */
export const endOf = (
  response: ChatResponse
): ReadonlyArray<Response.ResponseMetadataPartEncoded | Response.FinishPartEncoded> => {
  const { usage, cost, provider, model, finishReason } = response
  return [
    { type: "response-metadata", modelId: model },
    {
      type: "finish",
      reason: reasons[finishReason],
      usage: {
        inputTokens: usage?.inputTokens,
        outputTokens: usage?.outputTokens,
        totalTokens: usage?.totalTokens,
        reasoningTokens: usage?.reasoningTokens,
        cachedInputTokens: usage?.cacheReadTokens
      },
      metadata: { [ours]: { provider, ...(cost === null ? {} : { cost }), ...(usage === null ? {} : { usage }) } }
    }
  ]
}
