/** The parts of user, assistant and tool messages. */
import * as Schema from "effect/Schema"
import { lazySchema } from "./lazy.js"
import { oneOf, optional, says } from "./validation.js"

/**
 * Marks the end of a prefix for the provider's prompt cache, and how long the cache keeps it. Anthropic needs such
 * marks. OpenAI, Google and most others cache automatically, so nothing is sent to them.
 */
export type CacheMark = "5m" | "1h"

/**
 * What a provider needs to get back with a part, by provider name: `{ anthropic: { signature } }`,
 * `{ google: { thoughtSignature } }`. Keep it with its part; it is sent only to the provider that it names.
 */
export type ProviderMetadata = { readonly [provider: string]: { readonly [field: string]: unknown } }

/** Plain text. */
export interface TextPart {
  readonly type: "text"
  /** The text itself. */
  readonly text: string
  /** Ends a prefix to cache: everything up to and including this part. */
  readonly cache?: CacheMark | undefined
  /** What the provider needs to get back with this part. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

/** An image: either at a `url`, or inline as base64 `data`. */
export interface ImagePart {
  readonly type: "image"
  /** The URL that the provider fetches, or a `data:` URL in base64; not with `data`. */
  readonly url?: string | undefined
  /** The bytes in base64, without a `data:` prefix. */
  readonly data?: string | undefined
  /** For example `image/png`; required with `data`. A `data:` URL has its own. */
  readonly mediaType?: string | undefined
  /** The resolution at which the model sees the image, if the provider offers a choice. */
  readonly detail?: "low" | "high" | "auto" | undefined
  /** Ends a prefix to cache: everything up to and including this part. */
  readonly cache?: CacheMark | undefined
  /** What the provider needs to get back with this part. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

/** A document, such as a PDF: either at a `url`, or inline as base64 `data`. */
export interface FilePart {
  readonly type: "file"
  /** The URL that the provider fetches, or a `data:` URL in base64; not with `data`. */
  readonly url?: string | undefined
  /** The bytes in base64, without a `data:` prefix. */
  readonly data?: string | undefined
  /** For example `application/pdf`. */
  readonly mediaType: string
  /** The file name, which some providers show to the model. */
  readonly filename?: string | undefined
  /** Ends a prefix to cache: everything up to and including this part. */
  readonly cache?: CacheMark | undefined
  /** What the provider needs to get back with this part. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

/** The model's reasoning, if the provider returns it. It is sent back only to the provider that signed it. */
export interface ReasoningPart {
  readonly type: "reasoning"
  /** `""` if the provider returns only a signature. */
  readonly text: string
  /** What the provider needs to get back with this part. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

/** A tool call that the model requests. The application answers it with a tool message. */
export interface ToolCallPart {
  readonly type: "tool-call"
  /** The provider's id of the call, which the tool message repeats as `toolCallId`. */
  readonly id: string
  /** The tool to call. */
  readonly name: string
  /** The arguments as the model wrote them: the text of a JSON object, `""` when there are none. */
  readonly arguments: string
  /** What the provider needs to get back with this part. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

/** The model's refusal to answer. */
export interface RefusalPart {
  readonly type: "refusal"
  /** The text of the refusal. */
  readonly text: string
  /** What the provider needs to get back with this part. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

/** An opaque part of one provider, such as redacted reasoning or an item of a server-side tool. */
export interface ProviderPart {
  readonly type: "provider"
  /** The provider of the part. It is not sent to other providers. */
  readonly provider: string
  /** The part, in that provider's own format. */
  readonly data: unknown
  /** What the provider needs to get back with this part. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

/** A part of a user message or of a tool result. */
export type ContentPart = TextPart | ImagePart | FilePart

/** A part of an assistant message. */
export type AssistantPart = ContentPart | ReasoningPart | ToolCallPart | RefusalPart | ProviderPart

/** The schema of a cache mark. */
export const CacheMark: Schema.Schema<CacheMark> = lazySchema(() => oneOf("5m", "1h"))

/** The schema of the metadata of a part. */
export const ProviderMetadata: Schema.Schema<ProviderMetadata> = lazySchema(() =>
  Schema.Record({ key: Schema.String, value: Schema.Record({ key: Schema.String, value: Schema.Unknown }) })
)

const metadata = () => ({ providerMetadata: optional(ProviderMetadata) })

const textPart = () =>
  Schema.Struct({ type: Schema.Literal("text"), text: Schema.String, cache: optional(CacheMark), ...metadata() })

/** Exactly one of `url` and `data`, as a part with both would be ambiguous. */
const hasOneSource = (part: { readonly url?: string | undefined; readonly data?: string | undefined }): boolean =>
  (part.url === undefined) !== (part.data === undefined)

const imagePart = () =>
  Schema.Struct({
    type: Schema.Literal("image"),
    url: optional(Schema.String),
    data: optional(Schema.String),
    mediaType: optional(Schema.String),
    detail: optional(oneOf("low", "high", "auto")),
    cache: optional(CacheMark),
    ...metadata()
  }).pipe(Schema.filter((part) => hasOneSource(part) && (part.data === undefined || part.mediaType !== undefined)))

const filePart = () =>
  Schema.Struct({
    type: Schema.Literal("file"),
    url: optional(Schema.String),
    data: optional(Schema.String),
    mediaType: Schema.String,
    filename: optional(Schema.String),
    cache: optional(CacheMark),
    ...metadata()
  }).pipe(Schema.filter(hasOneSource))

/** The schema of text content. */
export const text = () =>
  Schema.Union(Schema.String, Schema.Array(textPart())).pipe(says('must be a text or a list of { type: "text", text }'))

/** The schema of text, images and files. */
export const parts = () =>
  Schema.Union(Schema.String, Schema.Array(Schema.Union(textPart(), imagePart(), filePart()))).pipe(
    says(
      'must be a text or a list of parts: { type: "text", text }, { type: "image", url } or { type: "image", data, mediaType } ' +
        'with base64 data, { type: "file", data or url, mediaType }'
    )
  )

const providerPart = () =>
  Schema.Struct({ type: Schema.Literal("provider"), provider: Schema.String, data: Schema.Unknown, ...metadata() })

/** The schema of a part that does not stream. */
export const CompletePart: Schema.Schema<ImagePart | FilePart | ProviderPart> = lazySchema(() =>
  Schema.Union(imagePart(), filePart(), providerPart())
)

/** The schema of a part of an assistant message. */
export const AssistantPart: Schema.Schema<AssistantPart> = lazySchema(() =>
  Schema.Union(
    textPart(),
    Schema.Struct({ type: Schema.Literal("reasoning"), text: Schema.String, ...metadata() }),
    Schema.Struct({
      type: Schema.Literal("tool-call"),
      id: Schema.String,
      name: Schema.String,
      arguments: Schema.String,
      ...metadata()
    }),
    Schema.Struct({ type: Schema.Literal("refusal"), text: Schema.String, ...metadata() }),
    providerPart(),
    imagePart(),
    filePart()
  )
)

/** The schema of what an assistant message holds. */
export const assistantParts = () =>
  Schema.Union(Schema.String, Schema.Array(AssistantPart)).pipe(
    says(
      'must be a text or a list of parts: { type: "text", text }, { type: "reasoning", text }, ' +
        '{ type: "tool-call", id, name, arguments } with arguments as JSON text, { type: "refusal", text }, ' +
        '{ type: "provider", provider, data }'
    )
  )

/** Lists the parts of a message; a string is one text part. */
export const partsOf = <Part>(content: string | ReadonlyArray<Part>): ReadonlyArray<Part | TextPart> =>
  typeof content === "string" ? [{ type: "text", text: content }] : content

/** Joins the text of a message's content, refusals included; other parts are left out. */
export const textOf = (content: string | ReadonlyArray<AssistantPart>): string =>
  typeof content === "string"
    ? content
    : content.map((part) => (part.type === "text" || part.type === "refusal" ? part.text : "")).join("")
