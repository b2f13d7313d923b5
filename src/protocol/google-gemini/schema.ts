/** The JSON of Gemini's answers that we read: https://ai.google.dev/api/generate-content#generatecontentresponse */
import { Schema } from "effect"

const maybe = <A>(schema: Schema.Schema<A>) => Schema.optional(Schema.NullOr(schema))

/** One value of arguments that come in pieces; exactly one of the values is there. */
const partialArg = () =>
  Schema.Struct({
    jsonPath: maybe(Schema.String),
    stringValue: maybe(Schema.String),
    numberValue: maybe(Schema.Number),
    boolValue: maybe(Schema.Boolean),
    nullValue: Schema.optional(Schema.Unknown)
  })

const functionCall = () =>
  Schema.Struct({
    id: maybe(Schema.String),
    name: maybe(Schema.String),
    args: Schema.optional(Schema.Unknown),
    /** Only Vertex, and only where `streamFunctionCallArguments` is asked for. */
    partialArgs: maybe(Schema.Array(partialArg())),
    willContinue: maybe(Schema.Boolean)
  })

/** A part of another kind (code, an image, a tool of Google's own) has fields that are not read here. */
const part = () =>
  Schema.Struct({
    text: maybe(Schema.String),
    thought: maybe(Schema.Boolean),
    thoughtSignature: maybe(Schema.String),
    functionCall: maybe(functionCall())
  })

const candidate = () =>
  Schema.Struct({
    index: maybe(Schema.Number),
    content: maybe(Schema.Struct({ parts: maybe(Schema.Array(Schema.NullOr(part()))) })),
    finishReason: maybe(Schema.String)
  })

/** Counts of tokens, cumulative; https://ai.google.dev/api/generate-content#UsageMetadata */
const usage = () =>
  Schema.Struct({
    promptTokenCount: maybe(Schema.Number),
    toolUsePromptTokenCount: maybe(Schema.Number),
    cachedContentTokenCount: maybe(Schema.Number),
    candidatesTokenCount: maybe(Schema.Number),
    thoughtsTokenCount: maybe(Schema.Number)
  })

/** One event of a stream, or a whole answer. */
export const Event = Schema.suspend(() =>
  Schema.Struct({
    candidates: maybe(Schema.Array(Schema.NullOr(candidate()))),
    promptFeedback: maybe(Schema.Struct({ blockReason: maybe(Schema.String) })),
    usageMetadata: maybe(usage()),
    modelVersion: maybe(Schema.String),
    error: Schema.optional(Schema.Unknown)
  })
)

export type Event = typeof Event.Type
export type Candidate = Schema.Schema.Type<ReturnType<typeof candidate>>
export type Part = Schema.Schema.Type<ReturnType<typeof part>>
export type FunctionCall = Schema.Schema.Type<ReturnType<typeof functionCall>>
export type PartialArg = Schema.Schema.Type<ReturnType<typeof partialArg>>
export type Usage = Schema.Schema.Type<ReturnType<typeof usage>>
