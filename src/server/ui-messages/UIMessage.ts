/** The messages that `useChat` of the AI SDK sends, with the fields that a model needs. */
import * as Schema from "effect/Schema"

/** A part with text. */
export interface TextUIPart {
  readonly type: "text" | "reasoning"
  readonly text: string
}

/** A file, inline as a `data:` URL or at an address that the provider fetches. */
export interface FileUIPart {
  readonly type: "file"
  readonly mediaType: string
  readonly url: string
  readonly filename?: string | undefined
}

/** A call of a tool, whose type is `tool-` and the name of the tool, or `dynamic-tool`. */
export interface ToolUIPart {
  readonly type: string
  readonly toolCallId: string
  /** The name, of dynamic tools only. */
  readonly toolName?: string | undefined
  readonly state: string
  readonly input?: unknown
  readonly output?: unknown
  readonly errorText?: string | undefined
  readonly preliminary?: boolean | undefined
  readonly approval?:
    | { readonly id: string; readonly approved?: boolean | undefined; readonly reason?: string | undefined }
    | undefined
  readonly resultProviderMetadata?: unknown
}

/** Another part, such as data of the application, a source, or the beginning of a step. */
export interface OtherUIPart {
  readonly type: string
  readonly data?: unknown
}

/** A part of a message. */
export type UIPart = TextUIPart | FileUIPart | ToolUIPart | OtherUIPart

/** A message of a user interface. */
export interface UIMessage {
  readonly role: "system" | "user" | "assistant"
  readonly parts: ReadonlyArray<UIPart>
}

const isToolType = (type: string): boolean => type === "dynamic-tool" || type.startsWith("tool-")

/** Whether a part is a call of a tool. */
export const isToolPart = (part: UIPart): part is ToolUIPart => isToolType(part.type) && "toolCallId" in part

/** Whether a part has text. */
export const isTextPart = (part: UIPart): part is TextUIPart => "text" in part

/** Whether a part is a file. */
export const isFilePart = (part: UIPart): part is FileUIPart => "url" in part && part.type === "file"

const isOtherType = (type: string): boolean => !["text", "reasoning", "file"].includes(type) && !isToolType(type)

const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(schema)

const Approval = Schema.Struct({ id: Schema.String, approved: maybe(Schema.Boolean), reason: maybe(Schema.String) })

const UIPart: Schema.Schema<UIPart> = Schema.Union(
  Schema.Struct({ type: Schema.Literal("text", "reasoning"), text: Schema.String }),
  Schema.Struct({
    type: Schema.Literal("file"),
    mediaType: Schema.String,
    url: Schema.String,
    filename: maybe(Schema.String)
  }),
  Schema.Struct({
    type: Schema.String.pipe(Schema.filter(isToolType)),
    toolCallId: Schema.NonEmptyString,
    toolName: maybe(Schema.String),
    state: Schema.String,
    input: maybe(Schema.Unknown),
    output: maybe(Schema.Unknown),
    errorText: maybe(Schema.String),
    preliminary: maybe(Schema.Boolean),
    approval: maybe(Approval),
    resultProviderMetadata: maybe(Schema.Unknown)
  }),
  Schema.Struct({ type: Schema.String.pipe(Schema.filter(isOtherType)), data: maybe(Schema.Unknown) })
)

/** The schema of a message of a user interface. */
export const UIMessage: Schema.Schema<UIMessage> = Schema.Struct({
  role: Schema.Literal("system", "user", "assistant"),
  parts: Schema.Array(UIPart)
})
