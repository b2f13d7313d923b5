/** The conversation as Anthropic takes it: user and assistant in turns, each a list of blocks. */
import { Either } from "effect"
import { type AssistantPart, type CacheMark, partsOf } from "../../domain/ContentPart.js"
import type { AssistantMessage, Message, ToolMessage } from "../../domain/Message.js"
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
      const blocks = partsOf(message.content).map((part, index) =>
        blockOf(part, `${where}.content[${index}]`, provider)
      )
      return Either.map(Either.all(blocks), (content) => ({ role: "user", content: content.flat() }))
    }
    case "assistant":
      return Either.map(assistantBlocks(message, where, provider), (content) => ({ role: "assistant", content }))
    case "tool":
      return Either.map(resultOf(message, where, provider), (result) => ({ role: "user", content: [result] }))
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

/** A tool result takes text, images and documents: https://platform.claude.com/docs/en/api/messages/create */
const resultOf = (message: ToolMessage, where: string, provider: string): Either.Either<Block, string> => {
  const parts = partsOf(message.content)
  const mark = parts.reduce<CacheMark | undefined>((before, part) => part.cache ?? before, undefined)
  const content: Either.Either<string | ReadonlyArray<Block>, string> = parts.every((part) => part.type === "text")
    ? Either.right(parts.map((part) => part.text).join(""))
    : Either.map(
        Either.all(
          parts.map((part, index) => blockOf({ ...part, cache: undefined }, `${where}.content[${index}]`, provider))
        ),
        (blocks) => blocks.flat()
      )
  return Either.map(content, (written) => ({
    type: "tool_result",
    tool_use_id: message.toolCallId,
    content: written,
    ...cacheControl(mark)
  }))
}

/**
 * Writes the parts of an answer in their order: the provider wants its signed reasoning back in place and unchanged,
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
const assistantBlocks = (
  message: AssistantMessage,
  where: string,
  provider: string
): Either.Either<ReadonlyArray<Block>, string> =>
  Either.map(
    Either.all(
      partsOf(message.content).map((part, index) => assistantBlock(part, `${where}.content[${index}]`, provider))
    ),
    (written) => {
      const blocks = written.flat()
      // Reasoning without a following block, as in a truncated answer, is refused.
      return blocks.slice(0, blocks.findLastIndex(isVisible) + 1)
    }
  )

const assistantBlock = (
  part: AssistantPart,
  where: string,
  provider: string
): Either.Either<ReadonlyArray<Block>, string> => {
  switch (part.type) {
    case "text":
      return Either.right(textBlocks([part]))
    case "refusal":
      return Either.right(textBlocks([{ type: "text", text: part.text }]))
    case "reasoning": {
      const signature = part.providerMetadata?.[provider]?.["signature"]
      return Either.right(signature === undefined ? [] : [{ type: "thinking", thinking: part.text, signature }])
    }
    case "tool-call": {
      const input = part.arguments.trim() === "" ? {} : parseJson(part.arguments)
      return isObject(input)
        ? Either.right([{ type: "tool_use", id: part.id, name: part.name, input }])
        : Either.left(`${where}.arguments must be the text of a JSON object`)
    }
    case "provider":
      return Either.right(part.provider === provider && isObject(part.data) ? [part.data] : [])
    default:
      return Either.left(
        `${where}: ${provider} takes no ${part.type} parts in an assistant message; move it into a user message`
      )
  }
}

const isVisible = (block: Block): boolean => block["type"] === "text" || block["type"] === "tool_use"
