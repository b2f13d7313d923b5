/** Options of prompts of @effect/ai: those of llm-connectivity, and equivalent ones of the provider packages of @effect/ai. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { CacheMark, type ImagePart, ProviderMetadata } from "../../domain/ContentPart.js"

/** The key of this library in the options of a prompt and the metadata of a response. */
export const metadataKey = "llm-connectivity"

/** The options of a message or a part of a prompt, in `options["llm-connectivity"]`. */
export interface PartOptions {
  /** Marks the end of a prefix that the provider should keep in its cache. */
  readonly cache?: CacheMark | undefined
  /** The resolution at which the model reads an image, for providers with this option. */
  readonly detail?: ImagePart["detail"]
  /** The metadata that the provider needs back with this part, from the same key of the response part's `metadata`. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

type Reader = (value: unknown) => Either.Either<PartOptions, string>

/** Reads the options of one key. The failure is the path of the first unknown option. */
const reader = <A, I>(schema: Schema.Schema<A, I>, meaning: (value: A) => PartOptions): Reader => {
  const decode = Schema.decodeUnknownEither(schema, { onExcessProperty: "error" })
  return (value) =>
    Either.mapBoth(decode(value), {
      onRight: meaning,
      onLeft: (error) => {
        const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
        return (issue?.path ?? []).map((step) => `.${String(step)}`).join("")
      }
    })
}

const Detail = Schema.optional(Schema.Literal("low", "high", "auto"))
const CacheControl = Schema.Struct({
  type: Schema.Literal("ephemeral"),
  ttl: Schema.optional(Schema.NullOr(CacheMark))
})
const unknown = reader(Schema.Record({ key: Schema.String, value: Schema.Undefined }), () => ({}))

/** Other keys belong to applications and other libraries, and are ignored. */
const readers: ReadonlyMap<string, Reader> = new Map([
  [
    metadataKey,
    reader(
      Schema.Struct({
        cache: Schema.optional(CacheMark),
        detail: Detail,
        providerMetadata: Schema.optional(ProviderMetadata)
      }),
      (options): PartOptions => options
    )
  ],
  ["openai", reader(Schema.Struct({ imageDetail: Detail }), ({ imageDetail }) => ({ detail: imageDetail }))],
  [
    "anthropic",
    reader(Schema.Struct({ cacheControl: Schema.optional(Schema.NullOr(CacheControl)) }), ({ cacheControl }) => ({
      cache: cacheControl ? (cacheControl.ttl ?? "5m") : undefined
    }))
  ],
  ["google", unknown],
  ["bedrock", unknown],
  ["openrouter", unknown]
])

/** Reads the options of a message or a part that supports some of them. The failure names the first unsupported option. */
export const read = (
  options: { readonly [key: string]: unknown },
  where: string,
  supported: ReadonlyArray<keyof PartOptions>
): Either.Either<PartOptions, string> => {
  let all: PartOptions = {}
  for (const [key, value] of Object.entries(options)) {
    const known = value === undefined ? undefined : readers.get(key)?.(value)
    if (known === undefined) continue
    if (Either.isLeft(known)) return unsupported(`${where}.options["${key}"]${known.left}`)
    const present = Object.entries(known.right).filter(([, option]) => option !== undefined)
    const misplaced = present.find(([name]) => !supported.some((option) => option === name))
    if (misplaced !== undefined) return unsupported(`${misplaced[0]} of ${where}.options["${key}"]`)
    all = { ...all, ...Object.fromEntries(present) }
  }
  return Either.right(all)
}

const unsupported = (option: string): Either.Either<never, string> =>
  Either.left(`${option} is not supported there; remove it`)
