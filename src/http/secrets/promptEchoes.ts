/** Finds the texts of a request in an error message. */
import { type DecodedLetters, lettersOf } from "./DecodedLetters.js"
import type { Mark } from "./secretEchoes.js"

// In letters and digits. Shorter windows match ordinary words of an error message; longer ones miss echoes of a part.
const windowSize = 13

// Shorter texts are found only where they stand as separate words; texts of fewer letters than this are not.
const minLetters = 4

/** Marks what a message repeats of some texts, in time linear in the message and in the texts. */
export const markTexts = (message: string, located: DecodedLetters, texts: Iterable<string>, mark: Mark): void => {
  const windows = windowsOf(located)
  let words: Runs | undefined
  for (const text of texts) {
    const letters = lettersOf(text)
    if (letters.length >= windowSize) markWindows(letters, windows, located, mark)
    else if (letters.length >= minLetters) {
      words ??= wordsOf(message, located)
      markRun(letters, words, located, mark)
    }
  }
}

/** Runs of letters, and the indexes of the letters at which they begin. */
type Runs = Map<string, Array<number>>

const addRun = (runs: Runs, letters: string, at: number): void => {
  const same = runs.get(letters)
  if (same === undefined) runs.set(letters, [at])
  else same.push(at)
}

const windowsOf = ({ letters }: DecodedLetters): Runs => {
  const windows: Runs = new Map()
  for (let at = 0; at + windowSize <= letters.length; at++) addRun(windows, letters.slice(at, at + windowSize), at)
  return windows
}

const markWindows = (letters: string, windows: Runs, located: DecodedLetters, mark: Mark): void => {
  for (let at = 0; at + windowSize <= letters.length && windows.size > 0; at++) {
    markRun(letters.slice(at, at + windowSize), windows, located, mark)
  }
}

const markRun = (letters: string, runs: Runs, { starts, ends }: DecodedLetters, mark: Mark): void => {
  for (const at of runs.get(letters) ?? []) mark(starts[at] ?? 0, ends[at + letters.length - 1] ?? 0)
  // Marking it once is enough, even if the texts repeat it.
  runs.delete(letters)
}

/** Every run of a few letters that begins and ends at the edges of words. */
const wordsOf = (message: string, { letters, starts, ends }: DecodedLetters): Runs => {
  const words: Runs = new Map()
  const isInside = (edge: number): boolean => /\w/.test(message[edge - 1] ?? "") && /\w/.test(message[edge] ?? "")
  const isStart = starts.map((start) => !isInside(start))
  const isEnd = ends.map((end) => !isInside(end))
  for (let at = 0; at < letters.length; at++) {
    if (isStart[at] !== true) continue
    for (let length = minLetters; length < windowSize && at + length <= letters.length; length++) {
      if (isEnd[at + length - 1] === true) addRun(words, letters.slice(at, at + length), at)
    }
  }
  return words
}
