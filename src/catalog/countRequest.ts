/** Counts a request as the prompt that it is: its texts, and what has tokens without being text. */
import { Schema } from "effect"
import type { ChatRequest, JsonSchema } from "../domain/ChatRequest.js"
import { type AssistantPart, textOf } from "../domain/ContentPart.js"
import type { Message } from "../domain/Message.js"
import { countText } from "./RunningCount.js"

// As OpenAI frames messages, with one token for the role: https://github.com/openai/openai-cookbook (examples,
// How_to_count_tokens_with_tiktoken). Others differ by a token or two a message.
const tokensPerMessage = 4
const tokensPerReply = 3

// Images take from 85 tokens to some 1,600 by size and provider, a page of a PDF from 250 to 3,000.
const tokensPerImage = 1000
const tokensPerFile = 2000

/** Counts a request with a measure of texts. */
export const countRequest = (request: ChatRequest, measure: (text: string) => number): number => {
  const parts = partsOf(request)
  const texts = [...request.messages.flatMap(textsOfMessage), ...schemasOf(request)]
  return (
    texts.reduce((sum, text) => sum + countText(text, measure), 0) +
    request.messages.length * tokensPerMessage +
    tokensPerReply +
    parts.filter((part) => part.type === "image").length * tokensPerImage +
    parts.filter((part) => part.type === "file").length * tokensPerFile
  )
}

/** Says whether a request is nothing but what people and the model said, so that its framing is documented. */
export const isPlainTalk = (request: ChatRequest): boolean =>
  schemasOf(request).length === 0 &&
  request.messages.every((message) => typeof message.content === "string" && message.role !== "tool")

const partsOf = (request: ChatRequest): ReadonlyArray<AssistantPart> =>
  request.messages.flatMap((message) => (typeof message.content === "string" ? [] : message.content))

/** Reasoning is left out: where it goes back to the provider at all, it is not counted again. */
const textsOfMessage = (message: Message): ReadonlyArray<string> => [
  textOf(message.content),
  ...(typeof message.content === "string" ? [] : message.content).flatMap((part: AssistantPart) =>
    part.type === "tool-call" ? [part.name, part.arguments] : []
  )
]

/** Tools and the schema of the answer, as JSON; providers write them in ways of their own. */
const schemasOf = ({ tools = [], responseFormat }: ChatRequest): ReadonlyArray<string> => [
  ...tools.map((tool) => `${tool.name} ${tool.description ?? ""} ${jsonOf(tool.parameters)}`),
  ...(responseFormat?.type === "json" && responseFormat.schema !== undefined ? [jsonOf(responseFormat.schema)] : [])
]

/** Of a schema from `effect/Schema` its type, so as not to make JSON Schema of it only to be counted. */
const jsonOf = (schema: JsonSchema | Schema.Schema.AnyNoContext): string =>
  Schema.isSchema(schema) ? String(schema.ast) : JSON.stringify(schema)
