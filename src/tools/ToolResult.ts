/** The results of tools, and how they are encoded for the model. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { ContentPart } from "../domain/ContentPart.js"
import type { ToolMessage } from "../domain/Message.js"

/**
 * The result of a tool without a `success` schema: text, a list of text, images and files, or nothing. Where the provider
 * of the model does not accept an image or a file in a tool result, the next step is a `ValidationError` that says so.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a tool that only acts returns an `Effect<void>`.
export type ToolResult = string | ReadonlyArray<ContentPart> | void

/** How a call ended: with content for the model, or with an error that the model is told. */
export type ToolOutcome =
  | {
      readonly type: "success"
      /** What the model is told. */
      readonly content: ToolMessage["content"]
    }
  | {
      readonly type: "failure"
      /** The error as JSON. */
      readonly error: unknown
    }

/** Says what the model is told of a failure. */
export const failureContent = (error: unknown): string => JSON.stringify({ error })

/** The error that the model is told of a denied call. */
export const denialError = (reason: string | undefined): string =>
  `the call was denied${reason === undefined ? "" : `: ${reason}`}`

/** Makes the encoder of a tool's results. A result that does not fit the schema is a defect of the tool. */
export const successEncoder = (
  schema: Schema.Schema.AnyNoContext | undefined
): ((result: unknown) => Effect.Effect<ToolOutcome>) => {
  if (schema === undefined) return (result) => Effect.succeed({ type: "success", content: contentOf(result) })
  const encode = Schema.encodeUnknown(schema)
  return (result) =>
    Effect.map(Effect.orDie(encode(result)), (json) => ({
      type: "success",
      content: typeof json === "string" ? json : (JSON.stringify(json) ?? done)
    }))
}

// Some providers reject a tool result without text.
const done = "done"

const contentOf = (result: unknown): ToolMessage["content"] =>
  // The type of `execute` admits nothing else.
  typeof result === "string" ? result : Array.isArray(result) ? (result as ReadonlyArray<ContentPart>) : done

/** Encodes the failures that the model is told; others, for which it gives `undefined`, fail the loop. */
export const failureEncoder = (
  schema: Schema.Schema.AnyNoContext | undefined
): ((error: unknown) => Effect.Effect<ToolOutcome> | undefined) => {
  if (schema === undefined) return (error) => Effect.succeed({ type: "failure", error: failureMessage(error) })
  const is = Schema.is(schema)
  const encode = Schema.encodeUnknown(schema)
  return (error) =>
    is(error) ? Effect.map(Effect.orDie(encode(error)), (json) => ({ type: "failure", error: json })) : undefined
}

/** What is said of a failure of a tool, which can be anything. */
export const failureMessage = (error: unknown): string => {
  const message = Predicate.hasProperty(error, "message") ? error.message : error
  return typeof message === "string" && message !== "" ? message : "the tool failed"
}
