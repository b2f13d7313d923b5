/** Formats how the ways to read a response compare, in a cold, a warm and a hot process. */
import { readers } from "../contestants/index.mjs"

/** @typedef {Awaited<ReturnType<typeof import("../measures/readers.mjs").measureReaders>>} ReaderResults */

/** The goals of a reader in a cold and in a hot process. */
const goals = {
  "direct collect": [1.3, 1.0],
  // All policies may add 0.2.
  "direct collect all": [1.5, 1.2],
  "direct iterable": [1.3, 1.0],
  "direct each": [1.5, 1.3],
  "undici collect": [1.3, 1.0],
  "undici collect all": [1.5, 1.2],
  "undici iterable": [1.3, 1.0],
  "undici each": [1.5, 1.3],
  "undici chunks": [1.5, 1.3],
  "fetch collect": [2, 2],
  "fetch each": [2, 2]
}

const markOf = (value, most) => (most === undefined ? "" : value <= most ? " ✓" : " ✗")

/**
 * One row per reader.
 * @param {ReaderResults} results
 */
export const readerCells = ({ cold, warm, hot }) => {
  const cellOf = (measured, most) =>
    measured === undefined ? "–" : `${measured.compared.toFixed(2)}${markOf(measured.compared, most)}`
  const rows = readers
    .filter(({ id }) => id !== "baseline" && cold[id] !== undefined)
    .map(({ id, label }) => {
      const [coldGoal, hotGoal] = goals[id] ?? []
      const goal = coldGoal === undefined ? "" : `≤ ${coldGoal} cold, ≤ ${hotGoal} hot`
      return [label, cellOf(cold[id], coldGoal), cellOf(warm[id]), cellOf(hot[id], hotGoal), goal]
    })
  const micros = [cold, warm, hot].map((phase) => `${phase["baseline"].value.toFixed(0)} µs`)
  return [["paced, one event per read", "cold", "warm", "hot", "goal"], ["baseline", ...micros, ""], ...rows]
}
