/** The conversation as Anthropic takes it: user and assistant in turns, each a list of blocks. */
import { Either } from "effect"
import type { CacheMark, TextPart } from "../../domain/ContentPart.js"
import type { AssistantMessage, Message, ToolCall, ToolMessage } from "../../domain/Message.js"
import { isObject, parseJson } from "../../http/Json.js"
import type { Block } from "./parts.js"
import { blockOf, cacheControl, textBlocks } from "./parts.js"

/** One turn. */
export interface Turn {
  readonly role: "user" | "assistant"
  readonly content: ReadonlyArray<Block>
}

/** Writes the system messages, wherever they stand, as the blocks above the conversation. */
export const systemOf = (messages: ReadonlyArray<Message>): ReadonlyArray<Block> =>
  messages.flatMap((message) => (message.role === "system" ? textBlocks(partsOf(message.content)) : []))

/** Writes the others as turns, or says where one cannot be written. */
export const turnsOf = (
  messages: ReadonlyArray<Message>,
  provider: string
): Either.Either<ReadonlyArray<Turn>, string> =>
  Either.map(Either.all(messages.map((message, index) => turnOf(message, `messages[${index}]`, provider))), joined)

const turnOf = (message: Message, where: string, provider: string): Either.Either<Turn, string> => {
  switch (message.role) {
    case "system":
      return Either.right({ role: "user", content: [] })
    case "user": {
      const parts = typeof message.content === "string" ? partsOf(message.content) : message.content
      const blocks = parts.map((part, index) => blockOf(part, `${where}.content[${index}]`, provider))
      return Either.map(Either.all(blocks), (content) => ({ role: "user", content: content.flat() }))
    }
    case "assistant":
      return Either.map(callsOf(message.toolCalls ?? [], where), (calls) => ({
        role: "assistant",
        content: withReasoning(message, calls, provider)
      }))
    case "tool":
      return Either.right({ role: "user", content: [resultOf(message)] })
  }
}

/** Turns must alternate, and the results of calls stand before what the user adds. */
const joined = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> => {
  const result: Array<{ role: Turn["role"]; content: Array<Block> }> = []
  for (const { role, content } of turns) {
    // Anthropic refuses a turn without content.
    if (content.length === 0) continue
    const last = result.at(-1)
    if (last?.role === role) last.content.push(...content)
    else result.push({ role, content: [...content] })
  }
  return result.map(({ role, content }) => ({
    role,
    content: [...content.filter(isResult), ...content.filter(isOther)]
  }))
}

const isResult = (block: Block): boolean => block["type"] === "tool_result"
const isOther = (block: Block): boolean => !isResult(block)

const partsOf = (content: string | ReadonlyArray<TextPart>): ReadonlyArray<TextPart> =>
  typeof content === "string" ? [{ type: "text", text: content }] : content

const resultOf = (message: ToolMessage): Block => {
  const parts = partsOf(message.content)
  const mark = parts.reduce<CacheMark | undefined>((before, part) => part.cache ?? before, undefined)
  return {
    type: "tool_result",
    tool_use_id: message.toolCallId,
    content: parts.map((part) => part.text).join(""),
    ...cacheControl(mark)
  }
}

const callsOf = (calls: ReadonlyArray<ToolCall>, where: string): Either.Either<ReadonlyArray<Block>, string> =>
  Either.all(
    calls.map((call, index) => {
      const input = call.arguments.trim() === "" ? {} : parseJson(call.arguments)
      return isObject(input)
        ? Either.right({ type: "tool_use", id: call.id, name: call.name, input })
        : Either.left(`${where}.toolCalls[${index}].arguments must be the text of a JSON object`)
    })
  )

/**
 * The blocks of an answer as they had stood: the provider wants its signed reasoning back in place and unchanged,
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
const withReasoning = (message: AssistantMessage, calls: ReadonlyArray<Block>, provider: string): Array<Block> => {
  const parts = partsOf(message.content)
  const blocks: Array<Block> = []
  let from = { reasoning: 0, content: 0, toolCalls: 0 }
  for (const { provider: owner, data, after } of message.providerData ?? []) {
    const block =
      owner === provider ? thinkingBlock(data, message.reasoning?.slice(from.reasoning, after.reasoning)) : []
    if (block.length === 0) continue
    blocks.push(...textBlocks(parts, from.content, after.content), ...calls.slice(from.toolCalls, after.toolCalls))
    blocks.push(...block)
    from = after
  }
  blocks.push(...textBlocks(parts, from.content), ...calls.slice(from.toolCalls))
  // Reasoning that nothing follows, as of an answer that was cut, is refused.
  return blocks.slice(0, blocks.findLastIndex(isVisible) + 1)
}

const thinkingBlock = (data: unknown, thinking = ""): ReadonlyArray<Block> => {
  if (!isObject(data)) return []
  if (data["type"] === "signature") return [{ type: "thinking", thinking, signature: data["signature"] }]
  return data["type"] === "redacted_thinking" ? [{ type: "redacted_thinking", data: data["data"] }] : []
}

const isVisible = (block: Block): boolean => block["type"] === "text" || block["type"] === "tool_use"
