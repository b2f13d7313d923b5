/** Counts the tokens of texts and requests with any measure of a text, in linear time. */
import * as Schema from "effect/Schema"
import type { ChatRequest, JsonSchema } from "../domain/ChatRequest.js"
import { type AssistantPart, textOf } from "../domain/ContentPart.js"
import { isHosted } from "../domain/HostedTool.js"
import { toJsonText } from "../domain/JsonText.js"
import type { Message } from "../domain/Message.js"

/** A count of tokens. */
export interface TokenCount {
  /** How many. */
  readonly tokens: number
  /**
   * Whether the count is certain. A text: the count of the model's own encoding. A request: the count that the provider
   * will report. Otherwise it is an estimate, as accurate as its counter documents.
   */
  readonly isExact: boolean
}

// A text with no word boundary for this many characters is one run of letters, signs or blanks. Encoders take quadratic
// time for such a run, so it is split anyway, and the count may be a few tokens off.
const longestRun = 300

/** A count that grows with its text. Each character is measured at most twice. */
export class RunningCount {
  private measured = 0
  private tail = ""
  private wasSplit = false

  /** `measure` counts a whole text: exactly, or by an estimate that may have fractions. */
  constructor(
    private readonly measure: (text: string) => number,
    private readonly isExact: boolean
  ) {}

  /** Appends text and returns the count of everything appended so far. */
  add(text: string): TokenCount {
    for (let at = 0; at < text.length; at += longestRun) this.append(text.slice(at, at + longestRun))
    return {
      tokens: Math.ceil(this.measured + this.measure(this.tail)),
      isExact: this.isExact && !this.wasSplit
    }
  }

  private append(text: string): void {
    this.tail += text
    const end = endOfWords(this.tail)
    if (end > 0) this.measureUpTo(end)
    if (this.tail.length <= longestRun) return
    this.wasSplit = true
    this.measureUpTo(isPairSplitAt(this.tail, longestRun) ? longestRun - 1 : longestRun)
  }

  private measureUpTo(end: number): void {
    this.measured += this.measure(this.tail.slice(0, end))
    this.tail = this.tail.slice(end)
  }
}

/** Counts a complete text in linear time. */
export const countText = (text: string, measure: (text: string) => number): number =>
  new RunningCount(measure, false).add(text).tokens

/**
 * Finds the last position where the text can be split without changing its tokens, whatever follows: between a letter or
 * digit and a character that is neither. Encodings first split a text into words. A word may begin with a blank or a sign
 * and continues as long as letters (up to an apostrophe, as in "it's") or digits follow; it does not depend on what
 * precedes it.
 */
const endOfWords = (text: string): number => {
  for (let at = text.length - 1; at > 0; at--) if (isEndOfWord(text, at)) return at
  return 0
}

const isEndOfWord = (text: string, at: number): boolean => {
  const next = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return /[\p{L}\p{N}]/u.test(text.charAt(at - 1)) && /[^\p{L}\p{N}\p{M}'’\uDC00-\uDFFF]/u.test(next)
}

const isPairSplitAt = (text: string, at: number): boolean => /[\uD800-\uDBFF]/.test(text.charAt(at - 1))

// OpenAI's framing of messages, with one token for the role: https://github.com/openai/openai-cookbook (examples,
// How_to_count_tokens_with_tiktoken). Other providers differ by a token or two per message.
const tokensPerMessage = 4
const tokensPerReply = 3

// An image takes 85 to about 1,600 tokens, depending on its size and the provider; a page of a PDF takes 250 to 3,000.
const tokensPerImage = 1000
const tokensPerFile = 2000

/** Counts a request as a prompt: its texts, tools and schemas, its images and files, and the framing of messages. */
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

/** Checks whether a request has only text messages, for which providers document the framing. */
export const isTextOnly = (request: ChatRequest): boolean =>
  schemasOf(request).length === 0 &&
  request.messages.every((message) => typeof message.content === "string" && message.role !== "tool")

const partsOf = (request: ChatRequest): ReadonlyArray<AssistantPart> =>
  request.messages.flatMap((message) => (typeof message.content === "string" ? [] : message.content))

/** Reasoning is excluded: providers that take it back do not count it again. */
const textsOfMessage = (message: Message): ReadonlyArray<string> => [
  textOf(message.content),
  ...(typeof message.content === "string" ? [] : message.content).flatMap((part: AssistantPart) =>
    part.type === "tool-call" ? [part.name, part.arguments] : []
  )
]

/** Tools and the response schema as JSON; each provider renders them in its own format. */
const schemasOf = ({ tools = [], responseFormat }: ChatRequest): ReadonlyArray<string> => [
  // Providers add instructions to a hosted tool, of unknown length.
  ...tools.map((tool) =>
    isHosted(tool) ? tool.name : `${tool.name} ${tool.description ?? ""} ${jsonOf(tool.parameters)}`
  ),
  ...(responseFormat?.type === "json" && responseFormat.schema !== undefined ? [jsonOf(responseFormat.schema)] : [])
]

/**
 * Uses the type of an Effect schema, because generating its JSON Schema only to count it would be expensive. A schema that
 * is not JSON counts nothing: its request is rejected before it is sent.
 */
const jsonOf = (schema: JsonSchema | Schema.Schema.AnyNoContext): string =>
  Schema.isSchema(schema) ? String(schema.ast) : (toJsonText(schema) ?? "")
