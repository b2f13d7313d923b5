/** The messages of a conversation, as callers write them and as responses return them. */
import * as Schema from "effect/Schema"
import { type AssistantPart, assistantParts, type ContentPart, parts, type TextPart, text } from "./ContentPart.js"
import { lazySchema } from "./lazy.js"

/** A tool call that the model requests, as `response.toolCalls` lists it. */
export interface ToolCall {
  /** The provider's id of the call, which the tool message repeats as `toolCallId`. */
  readonly id: string
  /** The tool to call. */
  readonly name: string
  /** The arguments as the model wrote them: the text of a JSON object, `""` when there are none. */
  readonly arguments: string
}

/** Instructions that apply to the whole conversation. */
export interface SystemMessage {
  readonly role: "system"
  /** The instructions. */
  readonly content: string | ReadonlyArray<TextPart>
}

/** A message of the user or the program. */
export interface UserMessage {
  readonly role: "user"
  /** Text, or a list of text, images and files. */
  readonly content: string | ReadonlyArray<ContentPart>
}

/** A response of the model. `ChatResponse.message` is one, ready to append to the conversation. */
export interface AssistantMessage {
  readonly role: "assistant"
  /**
   * Text, or the parts in the order in which the model wrote them: text, reasoning, tool calls, refusals and opaque
   * parts of the provider. Each tool call needs a tool message after this one.
   */
  readonly content: string | ReadonlyArray<AssistantPart>
}

/** The result of one tool call. */
export interface ToolMessage {
  readonly role: "tool"
  /** The `id` of the tool call. */
  readonly toolCallId: string
  /** The result as text (JSON is text too), or a list of text, images and files with providers that accept them. */
  readonly content: string | ReadonlyArray<ContentPart>
}

// TypeScript explains a wrong message by the last type of this union.
/** One message of a conversation. */
export type Message = ToolMessage | SystemMessage | AssistantMessage | UserMessage

/** The roles that a message can have. */
export const roles = ["system", "user", "assistant", "tool"] as const

/** The schema of a tool call. */
export const ToolCall: Schema.Schema<ToolCall> = lazySchema(() =>
  Schema.Struct({ id: Schema.String, name: Schema.String, arguments: Schema.String })
)

/** The schema of an assistant message. */
export const AssistantMessage: Schema.Schema<AssistantMessage> = lazySchema(() =>
  Schema.Struct({ role: Schema.Literal("assistant"), content: assistantParts() })
)

/** The schema of a message, with a constructor for each role. */
export interface MessageSchema extends Schema.Schema<Message> {
  /** Makes a system message. */
  readonly system: (content: SystemMessage["content"]) => SystemMessage
  /** Makes a user message. */
  readonly user: (content: UserMessage["content"]) => UserMessage
  /** Makes an assistant message. */
  readonly assistant: (content: AssistantMessage["content"]) => AssistantMessage
  /** Makes the message with the result of a tool call. */
  readonly tool: (toolCallId: string, content: ToolMessage["content"]) => ToolMessage
}

/**
 * The schema of a message, with a constructor for each role.
 *
 * ```ts
 * const messages = [Message.system("Answer briefly."), Message.user("Name three rivers.")]
 * ```
 */
export const Message: MessageSchema = Object.assign(
  lazySchema(
    (): Schema.Schema<Message> =>
      Schema.Union(
        Schema.Struct({ role: Schema.Literal("system"), content: text() }),
        Schema.Struct({ role: Schema.Literal("user"), content: parts() }),
        AssistantMessage,
        Schema.Struct({ role: Schema.Literal("tool"), toolCallId: Schema.String, content: parts() })
      )
  ),
  {
    system: (content: SystemMessage["content"]): SystemMessage => ({ role: "system", content }),
    user: (content: UserMessage["content"]): UserMessage => ({ role: "user", content }),
    assistant: (content: AssistantMessage["content"]): AssistantMessage => ({ role: "assistant", content }),
    tool: (toolCallId: string, content: ToolMessage["content"]): ToolMessage => ({ role: "tool", toolCallId, content })
  }
)
