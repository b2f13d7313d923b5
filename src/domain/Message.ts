/** The turns of a conversation, as the caller writes them and as answers come back. */
import { Schema } from "effect"
import { later, maybe, oneOf, says } from "./Field.js"

/**
 * Marks the end of a prefix that the provider should keep in its cache, for how long. Anthropic wants such marks; where
 * a provider caches by itself (OpenAI, Google and most others) there is nothing to send.
 */
export type CacheMark = "5m" | "1h"

/** A piece of plain text. */
export interface TextPart {
  readonly type: "text"
  /** What it says. */
  readonly text: string
  /** Ends a prefix to be cached: everything up to here. */
  readonly cache?: CacheMark | undefined
}

/** An image: either at a `url` that the provider fetches, or inline as base64 `data`. */
export interface ImagePart {
  readonly type: "image"
  /** Where the provider fetches it; not beside `data`. */
  readonly url?: string | undefined
  /** The bytes in base64, without a `data:` prefix. */
  readonly data?: string | undefined
  /** For example `image/png`; needed beside `data`. */
  readonly mediaType?: string | undefined
  /** How closely the model looks, where the provider offers a choice. */
  readonly detail?: "low" | "high" | "auto" | undefined
  /** Ends a prefix to be cached: everything up to here. */
  readonly cache?: CacheMark | undefined
}

/** A document, such as a PDF: either at a `url` or inline as base64 `data`. */
export interface FilePart {
  readonly type: "file"
  /** Where the provider fetches it; not beside `data`. */
  readonly url?: string | undefined
  /** The bytes in base64, without a `data:` prefix. */
  readonly data?: string | undefined
  /** For example `application/pdf`. */
  readonly mediaType: string
  /** The name that the model is told, where the provider tells it one. */
  readonly filename?: string | undefined
  /** Ends a prefix to be cached: everything up to here. */
  readonly cache?: CacheMark | undefined
}

/** One piece of what a user sends. */
export type ContentPart = TextPart | ImagePart | FilePart

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

/** The schema of a cache mark. */
export const CacheMark: Schema.Schema<CacheMark> = later(() => oneOf("5m", "1h"))

const textPart = () => Schema.Struct({ type: Schema.Literal("text"), text: Schema.String, cache: maybe(CacheMark) })

/** `url` or `data`, not both and not neither: nobody could say which one is meant. */
const hasOneSource = (part: { readonly url?: string | undefined; readonly data?: string | undefined }): boolean =>
  (part.url === undefined) !== (part.data === undefined)

const imagePart = () =>
  Schema.Struct({
    type: Schema.Literal("image"),
    url: maybe(Schema.String),
    data: maybe(Schema.String),
    mediaType: maybe(Schema.String),
    detail: maybe(oneOf("low", "high", "auto")),
    cache: maybe(CacheMark)
  }).pipe(Schema.filter((part) => hasOneSource(part) && (part.data === undefined || part.mediaType !== undefined)))

const filePart = () =>
  Schema.Struct({
    type: Schema.Literal("file"),
    url: maybe(Schema.String),
    data: maybe(Schema.String),
    mediaType: Schema.String,
    filename: maybe(Schema.String),
    cache: maybe(CacheMark)
  }).pipe(Schema.filter(hasOneSource))

const text = () =>
  Schema.Union(Schema.String, Schema.Array(textPart())).pipe(says('must be a text or a list of { type: "text", text }'))

const parts = () =>
  Schema.Union(Schema.String, Schema.Array(Schema.Union(textPart(), imagePart(), filePart()))).pipe(
    says(
      'must be a text or a list of parts: { type: "text", text }, { type: "image", url } or { type: "image", data, mediaType } ' +
        'with base64 data, { type: "file", data or url, mediaType }'
    )
  )

/** The schema of a call that the model asks for. */
export const ToolCall: Schema.Schema<ToolCall> = later(() =>
  Schema.Struct({ id: Schema.String, name: Schema.String, arguments: Schema.String })
)

/** The schema of opaque data. */
export const ProviderData: Schema.Schema<ProviderData> = later(() =>
  Schema.Struct({
    provider: Schema.String,
    data: Schema.Unknown,
    after: Schema.Struct({ reasoning: Schema.Number, content: Schema.Number, toolCalls: Schema.Number })
  })
)

/** The schema of the model's own turn. */
export const AssistantMessage: Schema.Schema<AssistantMessage> = later(() =>
  Schema.Struct({
    role: Schema.Literal("assistant"),
    content: text(),
    reasoning: maybe(Schema.String),
    toolCalls: maybe(Schema.Array(ToolCall)),
    providerData: maybe(Schema.Array(ProviderData))
  })
)

/** The schema of any turn. */
export const Message: Schema.Schema<Message> = later(() =>
  Schema.Union(
    Schema.Struct({ role: Schema.Literal("system"), content: text() }),
    Schema.Struct({ role: Schema.Literal("user"), content: parts() }),
    AssistantMessage,
    Schema.Struct({ role: Schema.Literal("tool"), toolCallId: Schema.String, content: text() })
  )
)

/** Reads the text of a message's content, leaving out images and files. */
export const textOf = (content: string | ReadonlyArray<ContentPart>): string =>
  typeof content === "string" ? content : content.map((part) => (part.type === "text" ? part.text : "")).join("")
