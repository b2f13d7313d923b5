/** Pseudo-random numbers and ids derived from a text, so that equal requests get equal ids. */

/** The FNV-1a hash of a text, as an unsigned number of 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value >>> 0
}

/** Pseudo-random numbers from 0 to 1 (excluded), seeded by a text: https://en.wikipedia.org/wiki/Xorshift */
export function* numbers(seed: string): Generator<number, never> {
  // Xorshift never leaves the state 0.
  let state = hash(seed) || 1
  while (true) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    yield (state >>> 0) / 2 ** 32
  }
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** An id of `length` letters and digits. */
export const idOf = (seed: string, length: number): string => {
  const source = numbers(seed)
  let id = ""
  while (id.length < length) id += alphabet[Math.floor(source.next().value * alphabet.length)]
  return id
}
