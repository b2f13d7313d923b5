/** Decodes the requests of AG-UI's clients. */
import * as Schema from "effect/Schema"
import type { ToolDefinition } from "../../domain/ChatRequest.js"
import type { Conversation } from "../answer/Conversation.js"
import { Malformed, requestSchema } from "../answer/requestSchema.js"
import { AGUIMessage, maybe } from "./AGUIMessage.js"
import { conversationOf } from "./threadMessages.js"

/** A value that the application gives to the agent besides the conversation. */
export interface AGUIContext {
  /** The description of the value. */
  readonly description: string
  /** The value as text. */
  readonly value: string
}

/** The input of a run, decoded. */
export interface RunInput extends Conversation {
  /** The conversation. */
  readonly threadId: string
  /** The run, whose id the events repeat. */
  readonly runId: string
  /** The version of the protocol that the client speaks, such as `1.0`; older clients send none. */
  readonly protocolVersion?: string | undefined
  /** The tools that the client runs; see `AGUI.clientTools`. */
  readonly tools: ReadonlyArray<ToolDefinition>
  /** The values that the application gives to the agent besides the conversation. */
  readonly context: ReadonlyArray<AGUIContext>
  /** The state of the application, unchecked. */
  readonly state?: unknown
  /** Other properties that the application passes, unchecked. */
  readonly forwardedProps?: unknown
  /** The messages of the thread as the client sent them. */
  readonly threadMessages: ReadonlyArray<unknown>
}

const Id = Schema.NonEmptyString.pipe(Schema.maxLength(1000))

const Tool = Schema.Struct({
  name: Schema.NonEmptyString,
  description: maybe(Schema.String),
  parameters: maybe(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
})

const ResumeEntry = Schema.Struct({
  interruptId: Schema.String,
  status: Schema.Literal("resolved", "cancelled"),
  payload: maybe(Schema.Unknown)
})

const Body = Schema.Struct({
  threadId: Id,
  runId: Id,
  protocolVersion: maybe(Schema.String),
  messages: Schema.Array(Schema.Unknown),
  tools: Schema.optionalWith(Schema.Array(Tool), { default: () => [], nullable: true }),
  context: Schema.optionalWith(Schema.Array(Schema.Struct({ description: Schema.String, value: Schema.String })), {
    default: () => [],
    nullable: true
  }),
  state: maybe(Schema.Unknown),
  forwardedProps: maybe(Schema.Unknown),
  resume: maybe(Schema.Array(ResumeEntry))
})

/** The JSON of a run's input. */
export interface RunInputJson extends Schema.Schema.Encoded<typeof Body> {}

const decodeMessage = Schema.decodeUnknownOption(AGUIMessage)

const decode = ({ messages: threadMessages, tools, resume = [], ...input }: typeof Body.Type): RunInput | Malformed => {
  const messages: Array<AGUIMessage> = []
  for (const [index, json] of threadMessages.entries()) {
    const message = decodeMessage(json)
    if (message._tag === "None") return new Malformed(`messages[${index}] is not a message of AG-UI`)
    messages.push(message.value)
  }
  const conversation = conversationOf(messages, resume)
  if (conversation instanceof Malformed) return conversation
  return { ...input, ...conversation, tools: tools.map(definitionOf), threadMessages }
}

const definitionOf = ({ name, description, parameters = {} }: typeof Tool.Type): ToolDefinition => ({
  name,
  parameters,
  ...(description === undefined ? {} : { description })
})

/**
 * Decodes the request of an AG-UI client to messages for a model and to decisions about calls that waited.
 *
 * ```ts
 * const readRun = (body: unknown) => Schema.decodeUnknown(AGUI.RunInput)(body)
 * ```
 */
export const RunInput: Schema.Schema<RunInput, RunInputJson> = requestSchema(Body)(decode)
