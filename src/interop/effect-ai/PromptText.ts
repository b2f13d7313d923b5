/** The texts of a prompt and their cache marks. */
import type { Either } from "effect"
import type { CacheMark, TextPart } from "../../domain/ContentPart.js"

/** What is written, or why it cannot be. */
export type Written<A> = Either.Either<A, string>

/** Writes a text with its mark. */
export const textPart = (text: string, cache: CacheMark | undefined): TextPart => ({
  type: "text",
  text,
  ...(cache === undefined ? {} : { cache })
})

/** Joins texts to plain text where no mark stands between them, as most vendors know only that. */
export const contentOf = (parts: ReadonlyArray<TextPart>): string | ReadonlyArray<TextPart> =>
  parts.some((part) => part.cache !== undefined) ? parts : parts.map((part) => part.text).join("")
