/** Suggests the name that the user probably meant. */

/** A question that names the closest of the known words, to end an error message with; empty if none is close. */
export const didYouMean = (word: string, known: ReadonlyArray<string>): string => {
  const closest = closestTo(word, known)
  return closest === undefined ? "" : `; did you mean ${closest}?`
}

const closestTo = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const letters = letterCount(word)
  const most = letters < 4 ? letters - 2 : Math.max(2, letters / 3)
  const [best] = known
    .map((candidate) => ({ candidate, distance: distanceBetween(word, candidate) }))
    .filter(({ distance }) => distance <= most)
    .sort((one, other) => one.distance - other.distance)
  return best?.candidate
}

const letterCount = (word: string): number => word.replace(/^[-/]+/, "").length

// An abbreviation is close to its word, however many letters are missing.
const distanceBetween = (word: string, candidate: string): number =>
  letterCount(word) > 1 && candidate.startsWith(word) ? 0 : levenshteinDistance(word, candidate)

/** How many letters must be inserted, deleted or replaced; computed row by row of the usual matrix. */
const levenshteinDistance = (one: string, other: string): number => {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 0; row < one.length; row++) {
    const current = [row + 1]
    for (let column = 0; column < other.length; column++) {
      const deleted = (previous[column + 1] ?? 0) + 1
      const inserted = (current[column] ?? 0) + 1
      const replaced = (previous[column] ?? 0) + (one[row] === other[column] ? 0 : 1)
      current.push(Math.min(deleted, inserted, replaced))
    }
    previous = current
  }
  return previous.at(-1) ?? 0
}
