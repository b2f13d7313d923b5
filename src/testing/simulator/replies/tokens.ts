/** Cuts text into pieces of about four characters at the starts of words, as a tokenizer does; one piece, one token. */

// A word of up to ten letters or six letters of a longer one, each with the space before it; up to three digits or signs;
// the rest of the white space.
const piece =
  / ?\p{Script=Han}| ?[\p{L}\p{M}]{1,10}(?![\p{L}\p{M}])| ?[\p{L}\p{M}]{6}| ?\p{N}{1,3}| ?[^\s\p{L}\p{M}\p{N}]{1,3}|\s+/gu

/** The pieces of a text; together they are the text. */
export const piecesOf = (text: string): ReadonlyArray<string> => text.match(piece) ?? []

/** How many tokens a text has. */
export const tokensOf = (text: string): number => piecesOf(text).length
