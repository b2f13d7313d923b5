/** Formats rows as a table, for the console or in Markdown. */

/** The columns. The official SDKs share one, because each is compared on its own wire format only. */
const columns = [
  { title: "Effect, fetch", ids: ["effect-fetch"] },
  { title: "Effect, undici", ids: ["effect-undici"] },
  { title: "us, Fetch", ids: ["fetch"] },
  { title: "us, Undici", ids: ["undici"] },
  { title: "us, direct", ids: ["direct"] },
  { title: "us, direct, collect", ids: ["collect"] },
  { title: "us, Node", ids: ["node"] },
  { title: "official SDK", ids: ["openai", "anthropic", "google"] },
  { title: "AI SDK", ids: ["ai"] },
  { title: "@effect/ai", ids: ["effect-ai"] }
]

const cell = (row, ids) => {
  const id = ids.find((each) => row.cells[each] !== undefined)
  if (id === undefined) return ""
  const value = row.cells[id]
  const goal = row.goals[id]
  const mark = goal === undefined ? "" : goal.isMet(value) ? " ✓" : " ✗"
  return `${value.toFixed(row.digits)}${mark}`
}

/** The goal, such as `≤ 1.5`; by HTTP client if they differ. */
const goalOf = ({ goals }) => {
  const texts = Array.from(new Set(Object.values(goals).map(({ text }) => text)))
  return texts.length < 2
    ? (texts[0] ?? "")
    : Object.entries(goals)
        .map(([id, { text }]) => `${text} ${id}`)
        .join(", ")
}

const noiseOf = ({ spread }) => (spread === undefined ? "" : `± ${(spread * 100).toFixed(0)} %`)

/** @param {ReadonlyArray<import("./rows.mjs").Row>} rows */
const cellsOf = (rows) => [
  ["measure", "baseline", ...columns.map(({ title }) => title), "goal", "noise"],
  ...rows.map((row) => [
    row.measure,
    row.baseline ?? "",
    ...columns.map(({ ids }) => cell(row, ids)),
    goalOf(row),
    noiseOf(row)
  ])
]

/** @param {ReadonlyArray<import("./rows.mjs").Row>} rows */
export const forConsole = (rows) => aligned(cellsOf(rows))

/**
 * Aligns cells in columns: the first to the left, the others to the right.
 * @param {ReadonlyArray<ReadonlyArray<string>>} cells
 */
export const aligned = (cells) => {
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)))
  return cells
    .map((line) =>
      line.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))).join("  ")
    )
    .join("\n")
}

/** @param {ReadonlyArray<import("./rows.mjs").Row>} rows */
export const forMarkdown = (rows) => markdown(cellsOf(rows))

/** @param {ReadonlyArray<ReadonlyArray<string>>} cells */
export const markdown = ([head, ...lines]) =>
  [head, head.map((_, column) => (column === 0 ? ":---" : "---:")), ...lines]
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n")
