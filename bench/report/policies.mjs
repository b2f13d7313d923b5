/** Formats what each policy adds to a read. */
import { policyNames } from "../measures/policies.mjs"

/** @param {Record<string, number>} measured */
export const policyCells = (measured) => {
  const base = measured["none"] ?? Number.NaN
  const rows = Object.entries(policyNames).map(([set, name]) => {
    const micros = measured[set] ?? Number.NaN
    return [name, `${micros.toFixed(2)} µs`, set === "none" ? "" : `${(micros - base).toFixed(2)} µs`]
  })
  return [["one chunk per read, from memory", "CPU per read", "beyond collect"], ...rows]
}
