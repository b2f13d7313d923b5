/** The turns of a conversation, as the caller writes them and as answers come back. */
import { Schema } from "effect"
import { type ContentPart, parts, type TextPart, text } from "./ContentPart.js"
import { lazySchema, nullish } from "./Field.js"

/** A call that the model asks the application to make. */
export interface ToolCall {
  /** The provider's id of the call, which its answer names. */
  readonly id: string
  /** The tool to call. */
  readonly name: string
  /** The arguments as the model wrote them: the text of a JSON object, `""` when there are none. */
  readonly arguments: string
}

/**
 * Opaque data that a provider wants back with the message (signatures of reasoning, for instance), and where in the
 * message it stood: after so many characters of reasoning and content, and after so many tool calls.
 */
export interface ProviderData {
  /** Whose data it is; no other provider is sent it. */
  readonly provider: string
  /** The data, as that provider wants it back. */
  readonly data: unknown
  /** Where it stood. */
  readonly after: {
    /** After so many UTF-16 code units of the reasoning. */
    readonly reasoning: number
    /** After so many UTF-16 code units of the content. */
    readonly content: number
    /** After so many tool calls. */
    readonly toolCalls: number
  }
}

/** Instructions that stand above the conversation. */
export interface SystemMessage {
  readonly role: "system"
  /** The instructions. */
  readonly content: string | ReadonlyArray<TextPart>
}

/** What the person (or the program) says. */
export interface UserMessage {
  readonly role: "user"
  /** Text, or pieces of text, images and files. */
  readonly content: string | ReadonlyArray<ContentPart>
}

/** What the model said; `ChatResponse.message` is one, ready to append. */
export interface AssistantMessage {
  readonly role: "assistant"
  /** The text of the answer; `""` when it only called tools. */
  readonly content: string | ReadonlyArray<TextPart>
  /** What the model thought; it is sent back only where the provider wants it. */
  readonly reasoning?: string | undefined
  /** The calls that it asked for; each wants a tool message after this one. */
  readonly toolCalls?: ReadonlyArray<ToolCall> | undefined
  /** What the provider wants back with the message; carry it, and leave it as it is. */
  readonly providerData?: ReadonlyArray<ProviderData> | undefined
}

/** What a tool answered to one call. */
export interface ToolMessage {
  readonly role: "tool"
  /** The `id` of the call that it answers. */
  readonly toolCallId: string
  /** What the tool says, as text; JSON is text too. */
  readonly content: string | ReadonlyArray<TextPart>
}

/** One turn of a conversation. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage

/** The roles a message can have. */
export const roles = ["system", "user", "assistant", "tool"] as const

/** The schema of a call that the model asks for. */
export const ToolCall: Schema.Schema<ToolCall> = lazySchema(() =>
  Schema.Struct({ id: Schema.String, name: Schema.String, arguments: Schema.String })
)

/** The schema of opaque data. */
export const ProviderData: Schema.Schema<ProviderData> = lazySchema(() =>
  Schema.Struct({
    provider: Schema.String,
    data: Schema.Unknown,
    after: Schema.Struct({ reasoning: Schema.Number, content: Schema.Number, toolCalls: Schema.Number })
  })
)

/** The schema of the model's own turn. */
export const AssistantMessage: Schema.Schema<AssistantMessage> = lazySchema(() =>
  Schema.Struct({
    role: Schema.Literal("assistant"),
    content: text(),
    reasoning: nullish(Schema.String),
    toolCalls: nullish(Schema.Array(ToolCall)),
    providerData: nullish(Schema.Array(ProviderData))
  })
)

/** The schema of any turn. */
export const Message: Schema.Schema<Message> = lazySchema(() =>
  Schema.Union(
    Schema.Struct({ role: Schema.Literal("system"), content: text() }),
    Schema.Struct({ role: Schema.Literal("user"), content: parts() }),
    AssistantMessage,
    Schema.Struct({ role: Schema.Literal("tool"), toolCallId: Schema.String, content: text() })
  )
)
