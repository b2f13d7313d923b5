/** The web pages that a response cites. Providers and pages write them, so they are checked and bounded. */
import * as Schema from "effect/Schema"
import { lazySchema } from "./lazy.js"
import { webAddress } from "./webAddress.js"

/** A range of a response's `content`, in UTF-16 code units: `content.slice(start, end)` is the cited text. */
export interface SourceRange {
  /** Where the cited text begins. */
  readonly start: number
  /** Where it ends: the index after its last code unit. */
  readonly end: number
}

/** A web page that a response cites. */
export interface Source {
  /** The address: http or https, without credentials, at most 2,048 characters. Google's lead to its own redirects. */
  readonly url: string
  /** The title of the page as the provider reports it, at most 300 characters. */
  readonly title?: string | undefined
  /** The text that cites it, where the provider says so. Text that is cited twice has a source for each. */
  readonly range?: SourceRange | undefined
}

/** How many sources a response has at most; further ones are left out. */
export const maxSources = 1000

/** The length of a title, in UTF-16 code units. */
export const maxTitleLength = 300

const offset = () => Schema.Int.pipe(Schema.nonNegative())

/** The schema of a source. */
export const Source: Schema.Schema<Source> = lazySchema(() =>
  Schema.Struct({
    url: Schema.String.pipe(Schema.filter((url) => webAddress(url) === url)),
    title: Schema.optional(Schema.String.pipe(Schema.maxLength(maxTitleLength))),
    range: Schema.optional(Schema.Struct({ start: offset(), end: offset() }))
  })
)

/** The schema of the sources of a chunk or a response. */
export const Sources: Schema.Schema<ReadonlyArray<Source>> = lazySchema(() =>
  Schema.Array(Source).pipe(Schema.maxItems(maxSources))
)

/** Sources whose ranges begin so much later, as one text after another. */
export const shifted = (sources: ReadonlyArray<Source>, by: number): ReadonlyArray<Source> =>
  by === 0
    ? sources
    : sources.map(({ range, ...source }) =>
        range === undefined ? source : { ...source, range: { start: range.start + by, end: range.end + by } }
      )
