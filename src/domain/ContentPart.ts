/** What a turn holds besides words: texts that a cache may keep, images and files. */
import { Schema } from "effect"
import { lazySchema, nullish, oneOf, says } from "./Field.js"

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

/** The schema of a cache mark. */
export const CacheMark: Schema.Schema<CacheMark> = lazySchema(() => oneOf("5m", "1h"))

const textPart = () => Schema.Struct({ type: Schema.Literal("text"), text: Schema.String, cache: nullish(CacheMark) })

/** `url` or `data`, not both and not neither: nobody could say which one is meant. */
const hasOneSource = (part: { readonly url?: string | undefined; readonly data?: string | undefined }): boolean =>
  (part.url === undefined) !== (part.data === undefined)

const imagePart = () =>
  Schema.Struct({
    type: Schema.Literal("image"),
    url: nullish(Schema.String),
    data: nullish(Schema.String),
    mediaType: nullish(Schema.String),
    detail: nullish(oneOf("low", "high", "auto")),
    cache: nullish(CacheMark)
  }).pipe(Schema.filter((part) => hasOneSource(part) && (part.data === undefined || part.mediaType !== undefined)))

const filePart = () =>
  Schema.Struct({
    type: Schema.Literal("file"),
    url: nullish(Schema.String),
    data: nullish(Schema.String),
    mediaType: Schema.String,
    filename: nullish(Schema.String),
    cache: nullish(CacheMark)
  }).pipe(Schema.filter(hasOneSource))

/** The schema of what only holds text. */
export const text = () =>
  Schema.Union(Schema.String, Schema.Array(textPart())).pipe(says('must be a text or a list of { type: "text", text }'))

/** The schema of what a user sends. */
export const parts = () =>
  Schema.Union(Schema.String, Schema.Array(Schema.Union(textPart(), imagePart(), filePart()))).pipe(
    says(
      'must be a text or a list of parts: { type: "text", text }, { type: "image", url } or { type: "image", data, mediaType } ' +
        'with base64 data, { type: "file", data or url, mediaType }'
    )
  )

/** Reads the text of a message's content, leaving out images and files. */
export const textOf = (content: string | ReadonlyArray<ContentPart>): string =>
  typeof content === "string" ? content : content.map((part) => (part.type === "text" ? part.text : "")).join("")
