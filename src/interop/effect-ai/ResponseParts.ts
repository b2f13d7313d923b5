/** Converts responses to response parts of @effect/ai. */
import type * as Response from "@effect/ai/Response"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import {
  type AssistantPart,
  partsOf as messageParts,
  type ProviderMetadata,
  type ToolCallPart
} from "../../domain/ContentPart.js"
import { ProviderError } from "../../domain/LLMError.js"
import type { ToolCall } from "../../domain/Message.js"
import type { Source } from "../../domain/Source.js"
import type { FinishReason } from "../../domain/StreamChunk.js"
import { decodeToolArguments } from "../../domain/ToolArguments.js"
import { isGeneratedId } from "../../protocol/google-gemini/stream.js"
import { metadataKey } from "./PartOptions.js"

/** The sources of ids within one response. */
export interface Ids {
  /** The prefix of the ids of its texts. */
  readonly answer: string
  /** Makes ids of calls unique across responses when the provider sends no id, or the same one in every response. */
  readonly call: number
}

/** Returns the id of a call, or a generated one when it is missing or not unique. */
export const uniqueId = (id: string | undefined, index: number, ids: Ids): string =>
  id === undefined || id === "" || isGeneratedId(id) ? `call_${ids.call}${index}` : id

/** Replaces the ids of calls that are not unique. */
export const withUniqueIds = (response: ChatResponse, ids: Ids): ChatResponse => {
  const { content } = response.message
  if (typeof content === "string") return response
  let calls = 0
  const parts = content.map((part) =>
    part.type === "tool-call" ? { ...part, id: uniqueId(part.id, calls++, ids) } : part
  )
  const toolCalls = response.toolCalls.map((call, index) => ({ ...call, id: uniqueId(call.id, index, ids) }))
  return { ...response, toolCalls, message: { ...response.message, content: parts } }
}

/** Converts the pages that a response cites. Their ranges, which @effect/ai does not have, are metadata. */
export const sourcesOf = (
  sources: ReadonlyArray<Source>,
  ids: Ids,
  first = 0
): ReadonlyArray<Response.UrlSourcePartEncoded> =>
  sources.map(({ url, title = url, range }, index) => ({
    type: "source",
    sourceType: "url",
    id: `${ids.answer}_source_${first + index}`,
    url,
    title,
    ...(range === undefined ? {} : { metadata: { [metadataKey]: { range } } })
  }))

/** Converts a complete response. @effect/ai has no part for opaque provider parts, which are omitted. */
export const partsOf = (response: ChatResponse, ids: Ids): Either.Either<Array<Response.PartEncoded>, ProviderError> =>
  Either.map(
    Either.all(messageParts(response.message.content).map((part) => partOf(response, part))),
    (parts): Array<Response.PartEncoded> => [
      ...parts.flat(),
      ...sourcesOf(response.sources ?? [], ids),
      ...endOf(response)
    ]
  )

const partOf = (
  response: ChatResponse,
  part: AssistantPart
): Either.Either<ReadonlyArray<Response.PartEncoded>, ProviderError> => {
  switch (part.type) {
    case "text":
    case "refusal":
      return Either.right(part.text === "" ? [] : [{ type: "text", text: part.text, ...metadataOf(part) }])
    case "reasoning":
      return Either.right([{ type: "reasoning", text: part.text, ...metadataOf(part) }])
    case "tool-call":
      return Either.map(callOf(response, part), (call) => [call])
    default:
      return Either.right([])
  }
}

/** Converts the tool calls. */
export const callsOf = (
  response: ChatResponse
): Either.Either<ReadonlyArray<Response.ToolCallPartEncoded>, ProviderError> =>
  Either.all(
    messageParts(response.message.content).flatMap((part) =>
      part.type === "tool-call" ? [callOf(response, part)] : []
    )
  )

const callOf = (
  response: ChatResponse,
  call: ToolCallPart
): Either.Either<Response.ToolCallPartEncoded, ProviderError> =>
  Either.mapBoth(decodeToolArguments(call, Schema.Unknown), {
    onRight: (params) => ({ type: "tool-call" as const, id: call.id, name: call.name, params, ...metadataOf(call) }),
    onLeft: () => withoutArguments(response, call)
  })

const withoutArguments = ({ provider, model, finishReason }: ChatResponse, call: ToolCall): ProviderError =>
  new ProviderError({
    provider,
    model,
    message: `${provider}/${model} called the tool ${call.name} with arguments that are not JSON (it finished with ${finishReason})`
  })

/** The provider metadata of a part, as metadata of @effect/ai. */
export const metadataOf = ({
  providerMetadata
}: {
  readonly providerMetadata?: ProviderMetadata | undefined
}): { readonly metadata?: { readonly [metadataKey]: { readonly providerMetadata: ProviderMetadata } } } =>
  providerMetadata === undefined ? {} : { metadata: { [metadataKey]: { providerMetadata } } }

const reasons: { readonly [Reason in FinishReason]: typeof Response.FinishReason.Encoded } = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter",
  other: "other"
}

/** The last parts of every response: the model, the finish reason and the usage. */
export const endOf = (
  response: ChatResponse
): ReadonlyArray<Response.ResponseMetadataPartEncoded | Response.FinishPartEncoded> => {
  const { usage, cost, provider, model, finishReason, paused } = response
  return [
    { type: "response-metadata", modelId: model },
    {
      type: "finish",
      reason: paused === true ? "pause" : reasons[finishReason],
      usage: {
        inputTokens: usage?.inputTokens,
        outputTokens: usage?.outputTokens,
        totalTokens: usage?.totalTokens,
        reasoningTokens: usage?.reasoningTokens,
        cachedInputTokens: usage?.cacheReadTokens
      },
      metadata: {
        [metadataKey]: { provider, ...(cost === null ? {} : { cost }), ...(usage === null ? {} : { usage }) }
      }
    }
  ]
}
