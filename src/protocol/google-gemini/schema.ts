/** The fields that are read of Gemini's responses: https://ai.google.dev/api/generate-content#generatecontentresponse */
import * as Schema from "effect/Schema"
import { nullish } from "../nullish.js"

/** One value of streamed arguments; exactly one of the value fields is present. */
const partialArg = () =>
  Schema.Struct({
    jsonPath: nullish(Schema.String),
    stringValue: nullish(Schema.String),
    numberValue: nullish(Schema.Number),
    boolValue: nullish(Schema.Boolean),
    nullValue: Schema.optional(Schema.Unknown)
  })

const functionCall = () =>
  Schema.Struct({
    id: nullish(Schema.String),
    name: nullish(Schema.String),
    args: Schema.optional(Schema.Unknown),
    /** Only on Vertex with `streamFunctionCallArguments`. */
    partialArgs: nullish(Schema.Array(partialArg())),
    willContinue: nullish(Schema.Boolean)
  })

/** Other parts (code, an image, a server-side tool) have fields that are not read here. */
const part = () =>
  Schema.Struct({
    text: nullish(Schema.String),
    thought: nullish(Schema.Boolean),
    thoughtSignature: nullish(Schema.String),
    functionCall: nullish(functionCall())
  })

const candidate = () =>
  Schema.Struct({
    index: nullish(Schema.Number),
    content: nullish(Schema.Struct({ parts: nullish(Schema.Array(Schema.NullOr(part()))) })),
    finishReason: nullish(Schema.String),
    groundingMetadata: Schema.optional(Schema.Unknown)
  })

/** Cumulative token counts: https://ai.google.dev/api/generate-content#UsageMetadata */
const usage = () =>
  Schema.Struct({
    promptTokenCount: nullish(Schema.Number),
    toolUsePromptTokenCount: nullish(Schema.Number),
    cachedContentTokenCount: nullish(Schema.Number),
    candidatesTokenCount: nullish(Schema.Number),
    thoughtsTokenCount: nullish(Schema.Number)
  })

/** One event of a stream, or a non-streaming response. */
export const Event = Schema.suspend(() =>
  Schema.Struct({
    candidates: nullish(Schema.Array(Schema.NullOr(candidate()))),
    promptFeedback: nullish(Schema.Struct({ blockReason: nullish(Schema.String) })),
    usageMetadata: nullish(usage()),
    modelVersion: nullish(Schema.String),
    responseId: Schema.optional(Schema.Unknown),
    error: Schema.optional(Schema.Unknown)
  })
)

export type Event = typeof Event.Type
export type Candidate = Schema.Schema.Type<ReturnType<typeof candidate>>
export type Part = Schema.Schema.Type<ReturnType<typeof part>>
export type FunctionCall = Schema.Schema.Type<ReturnType<typeof functionCall>>
export type PartialArg = Schema.Schema.Type<ReturnType<typeof partialArg>>
export type Usage = Schema.Schema.Type<ReturnType<typeof usage>>
