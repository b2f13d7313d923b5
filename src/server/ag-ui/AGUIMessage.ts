/** The messages of AG-UI's clients, version 1.0 of the protocol, with the fields that a model needs. */
import * as Schema from "effect/Schema"

/** The bytes of a file in base64, its URL, or its id. */
export interface AGUISource {
  readonly type: "data" | "url" | "file"
  readonly value: string
  readonly mimeType?: string | undefined
}

/** A part of the content of a user's or a tool's message. */
export type AGUIPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image" | "audio" | "video" | "document"; readonly source: AGUISource }

/** A call that the model made. */
export interface AGUIToolCall {
  readonly id: string
  readonly function: { readonly name: string; readonly arguments: string }
}

/** A message of the user. */
export interface AGUIUserMessage {
  readonly role: "user"
  readonly content: string | ReadonlyArray<AGUIPart>
}

/** An answer of the model. */
export interface AGUIAssistantMessage {
  readonly role: "assistant"
  readonly content?: string | undefined
  readonly toolCalls?: ReadonlyArray<AGUIToolCall> | undefined
  readonly metadata?: unknown
}

/** The result of a call. */
export interface AGUIToolMessage {
  readonly role: "tool"
  readonly toolCallId: string
  readonly content: string | ReadonlyArray<AGUIPart>
  readonly error?: string | undefined
  readonly metadata?: unknown
}

/** A system or developer message. */
export interface AGUIInstructions {
  readonly role: "system" | "developer"
  readonly content: string
}

/** A message that front ends show and models do not get. Reasoning goes back to models only with its signature, in metadata. */
export interface AGUIShownMessage {
  readonly role: "reasoning" | "activity"
}

/** A message of a thread. */
export type AGUIMessage = AGUIUserMessage | AGUIAssistantMessage | AGUIToolMessage | AGUIInstructions | AGUIShownMessage

/** A field that older clients send as `null`. */
export const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true })

const Source = Schema.Struct({
  type: Schema.Literal("data", "url", "file"),
  value: Schema.String,
  mimeType: maybe(Schema.String)
})

const Part = Schema.Union(
  Schema.Struct({ type: Schema.Literal("text"), text: Schema.String }),
  Schema.Struct({ type: Schema.Literal("image", "audio", "video", "document"), source: Source })
)

const Content = Schema.Union(Schema.String, Schema.Array(Part))

const ToolCall = Schema.Struct({
  id: Schema.NonEmptyString,
  function: Schema.Struct({ name: Schema.String, arguments: Schema.String })
})

/** The schema of a message. */
export const AGUIMessage = Schema.Union(
  Schema.Struct({ role: Schema.Literal("user"), content: Content }),
  Schema.Struct({
    role: Schema.Literal("assistant"),
    content: maybe(Schema.String),
    toolCalls: maybe(Schema.Array(ToolCall)),
    metadata: maybe(Schema.Unknown)
  }),
  Schema.Struct({
    role: Schema.Literal("tool"),
    toolCallId: Schema.String,
    content: Content,
    error: maybe(Schema.String),
    metadata: maybe(Schema.Unknown)
  }),
  Schema.Struct({ role: Schema.Literal("system", "developer"), content: Schema.String }),
  Schema.Struct({ role: Schema.Literal("reasoning", "activity") })
)
