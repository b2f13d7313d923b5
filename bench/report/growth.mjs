/** Formats growth as tables and plots. */
import { contestants } from "../contestants/index.mjs"
import { plot } from "./plot.mjs"

/** @typedef {Record<string, import("../measures/growth.mjs").Growth>} Growths */

const labelOf = (id) => contestants.find((contestant) => contestant.id === id)?.label ?? id

/**
 * One row per contestant, with CPU per delta and its ratio to the baseline.
 * @param {string} title
 * @param {Growths} growths
 */
export const growthCells = (title, growths) => {
  const xs = Array.from(new Set(Object.values(growths).flatMap(({ points }) => points.map(({ x }) => x))))
  const microsOf = (growth, x) => growth?.points.find((point) => point.x === x)?.micros
  const cellOf = (growth, x) => {
    const micros = microsOf(growth, x)
    const baseline = microsOf(growths["baseline"], x)
    if (micros === undefined) return "–"
    const ratio = baseline === undefined || growth === growths["baseline"] ? "" : ` (${(micros / baseline).toFixed(2)})`
    return `${micros.toFixed(micros < 10 ? 2 : 0)} µs${ratio}`
  }
  return [
    [title, ...xs.map((x) => x.toLocaleString("en"))],
    ...Object.entries(growths).map(([id, growth]) => [labelOf(id), ...xs.map((x) => cellOf(growth, x))])
  ]
}

/**
 * @param {string} x
 * @param {Growths} growths
 */
export const growthPlot = (x, growths) =>
  plot(
    { x, y: "CPU per delta, µs" },
    Object.entries(growths).map(([id, { points }]) => ({ label: labelOf(id), points }))
  )
