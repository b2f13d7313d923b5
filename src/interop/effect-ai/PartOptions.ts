/** What prompts of @effect/ai say beside their text: our own options, and those of its providers that mean the same. */
import { Either, ParseResult, Schema } from "effect"
import { CacheMark, type ImagePart, ProviderMetadata } from "../../domain/ContentPart.js"

/** The key under which options of a prompt and metadata of an answer are ours. */
export const ours = "llm-connectivity"

/** What a message or a part of a prompt may say under `options["llm-connectivity"]`. */
export interface PartOptions {
  /** Marks the end of a prefix that the provider should keep in its cache. */
  readonly cache?: CacheMark | undefined
  /** How closely the model looks at an image, where the provider offers a choice. */
  readonly detail?: ImagePart["detail"]
  /** What the provider needs back with this part, as the `metadata` of its answer has it under the same key. */
  readonly providerMetadata?: ProviderMetadata | undefined
}

type Reader = (value: unknown) => Either.Either<PartOptions, string>

/** Reads the options under one key; the failure is the path of the first that is not known. */
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

/** What stands under any other key is for people and other libraries. */
const readers: ReadonlyMap<string, Reader> = new Map([
  [
    ours,
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

/** Reads the options of one place, which takes some of them; says which one it cannot honour. */
export const read = (
  options: { readonly [key: string]: unknown },
  where: string,
  takes: ReadonlyArray<keyof PartOptions>
): Either.Either<PartOptions, string> => {
  let all: PartOptions = {}
  for (const [key, value] of Object.entries(options)) {
    const known = value === undefined ? undefined : readers.get(key)?.(value)
    if (known === undefined) continue
    if (Either.isLeft(known)) return refused(`${where}.options["${key}"]${known.left}`)
    const said = Object.entries(known.right).filter(([, what]) => what !== undefined)
    const misplaced = said.find(([name]) => !takes.some((each) => each === name))
    if (misplaced !== undefined) return refused(`${misplaced[0]} of ${where}.options["${key}"]`)
    all = { ...all, ...Object.fromEntries(said) }
  }
  return Either.right(all)
}

const refused = (what: string): Either.Either<never, string> =>
  Either.left(`${what} cannot be honoured there; leave it out`)
