/** Formats the outcomes as a Markdown table with its date. */
import { markdown } from "./table.mjs"

/**
 * @param {ReadonlyArray<{ reader: { name: string }, version: string }>} columns
 * @param {ReadonlyArray<ReadonlyArray<string>>} rows
 */
export const forMarkdown = (columns, rows) => {
  const head = ["", ...columns.map(({ reader, version }) => `${reader.name} ${version}`)]
  const left = markdown([head, ...rows]).replaceAll("---:", ":---")
  return `${left}\n\nMeasured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node}.`
}
