/** Finds what somebody may have meant to write. */
import { levensteinDistance } from "@effect/cli/AutoCorrect"
import * as CliConfig from "@effect/cli/CliConfig"

/** The likeliest of the known words, if one is near enough. */
const nearest = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const [best] = known
    .map((each) => ({ each, distance: distanceOf(word, each) }))
    .filter(({ distance }) => distance <= (letters(word) < 4 ? letters(word) - 2 : Math.max(2, letters(word) / 3)))
    .sort((one, other) => one.distance - other.distance)
  return best?.each
}

/** A question that names the likeliest one, to follow a sentence; empty where none is near. */
export const didYouMean = (word: string, known: ReadonlyArray<string>): string => {
  const found = nearest(word, known)
  return found === undefined ? "" : `; did you mean ${found}?`
}

const letters = (word: string): number => word.replace(/^[-/]+/, "").length

// A word that is the beginning of another is near it, however much is missing.
const distanceOf = (word: string, other: string): number =>
  letters(word) > 1 && other.startsWith(word) ? 0 : levensteinDistance(word, other, CliConfig.defaultConfig)
