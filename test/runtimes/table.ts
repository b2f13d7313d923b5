/** The table of promises and runtimes, as text. */
import type { Outcome } from "./program.js"

/** What became of the promises on one runtime; none where it is missing, or could not run the program. */
export interface Column {
  readonly name: string
  readonly outcomes: ReadonlyArray<Outcome>
  /** Whether the runtime is not on this machine. */
  readonly isMissing?: boolean
  /** Why there are no outcomes. */
  readonly problem?: string
}

const signs = { kept: "✓", broken: "✗", "not asked": "–" } as const

const signOf = (outcome: Outcome | undefined): string => (outcome === undefined ? "?" : signs[outcome.result])

/** Says whether every promise that was asked for is kept. */
export const isKept = ({ outcomes, problem }: Column): boolean =>
  problem === undefined && outcomes.length > 0 && outcomes.every(({ result }) => result !== "broken")

/** Writes the table, and below it why promises are broken. */
export const table = (columns: ReadonlyArray<Column>): string => {
  const longest = columns.reduce<ReadonlyArray<Outcome>>(
    (most, { outcomes }) => (outcomes.length > most.length ? outcomes : most),
    []
  )
  const width = Math.max(...longest.map(({ title }) => title.length), 0)
  const line = (title: string, cells: ReadonlyArray<string>): string =>
    `${title.padEnd(width)}  ${cells.map((cell, index) => cell.padEnd(columns[index]?.name.length ?? 0)).join("  ")}`.trimEnd()
  const rows = longest.map(({ title }, index) =>
    line(
      title,
      columns.map(({ outcomes }) => signOf(outcomes[index]))
    )
  )
  const head = line(
    "",
    columns.map(({ name }) => name)
  )
  const problems = columns.flatMap(({ name, problem }) => (problem === undefined ? [] : [`? ${name}: ${problem}`]))
  const broken = columns.flatMap(({ name, outcomes }) =>
    outcomes.filter(({ result }) => result === "broken").map(({ title, why }) => `✗ ${name}: ${title}\n  ${why}`)
  )
  const legend = "✓ kept   ✗ broken   – not asked there   ? not run"
  return `${[head, ...rows, "", legend, ...problems, ...broken].join("\n")}\n`
}
