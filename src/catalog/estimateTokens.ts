/** Estimates tokens without an encoding: splits a text as encodings do, and weighs each kind of piece. */
import { once } from "../domain/lazy.js"

// A word with the preceding space or sign, up to three digits, a run of signs with the following line ends, line ends, or
// other whitespace: the split of OpenAI's newer encodings (https://github.com/openai/tiktoken, o200k_base).
const piece = once(
  () => /[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}{1,3}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu
)

const eastAsian = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}`

// The parts of a word: camelCase has two, and each part has one script.
const part = once(
  () =>
    new RegExp(
      [
        String.raw`\p{Lu}?(?:(?!\p{Lu})[\p{Script=Latin}\p{M}])+`,
        String.raw`(?:(?=\p{Lu})\p{Script=Latin})+`,
        `[${eastAsian}]+`,
        String.raw`(?:(?![\p{Script=Latin}${eastAsian}])[\p{L}\p{M}])+`
      ].join("|"),
      "gu"
    )
)

const startsEastAsian = once(() => new RegExp(`^[${eastAsian}]`, "u"))

/**
 * Weighs a text in tokens of OpenAI's `o200k_base`. Measured against that encoding (test/catalog/TokenCounter.test.ts)
 * the error is within 10 % for English prose, source code, JSON, Markdown, HTML and tables of numbers, and within 25 %
 * for some twenty other languages, emoji and base64, where the rule "characters / 4" is off by up to 70 %. Older encodings
 * use more tokens for other languages than English, up to three times as many for Greek or Thai.
 */
export const estimateTokens = (text: string): number => {
  let sum = 0
  for (const [match] of text.matchAll(piece())) sum += weighPiece(match.trim())
  return sum
}

const weighPiece = (text: string): number => {
  // The common case.
  if (/^[a-z]{1,6}$/.test(text)) return 1
  if (text === "" || /^\p{N}/u.test(text)) return 1
  if (!/\p{L}|\p{M}/u.test(text)) return Math.max(1, weighSigns(text))
  const sign = /^[^\p{L}\p{M}]+/u.exec(text)?.[0] ?? ""
  let sum = weighSigns(sign)
  for (const [letters] of text.matchAll(part())) sum += weighLetters(letters)
  return sum
}

const weighSigns = (signs: string): number => {
  let sum = 0
  for (const sign of signs) {
    if (/\p{Extended_Pictographic}/u.test(sign)) sum += 1.7
    else if (/[\p{Regional_Indicator}\p{Emoji_Modifier}\u200d]/u.test(sign)) sum += 1.5
    else sum += sign > "\u007f" ? 1 : 0.4
  }
  return sum
}

const weighLetters = (letters: string): number => {
  const { length } = letters
  if (/^[a-z]{1,6}$/i.test(letters)) return 1
  if (/^\p{Lu}{2}/u.test(letters)) return Math.max(1, length / 3.5)
  if (/^[A-Za-z]+$/.test(letters)) return 1 + (length - 5) / 8
  if (/^\p{Script=Latin}/u.test(letters)) return Math.max(1, length / 3.2)
  if (startsEastAsian().test(letters)) return length * 0.8
  return Math.max(1, length / (/^\p{Script=Cyrillic}/u.test(letters) ? 3 : 2.5))
}
