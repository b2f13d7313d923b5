/** Formats tables of plain text, and drops columns that do not fit the terminal. */
import type { Style } from "../output/progress/Terminal.js"

/** A column. A narrow terminal drops optional columns, the last ones first. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly isRightAligned?: boolean
  readonly isOptional?: boolean
}

const gap = "  "

/** The lines of a table: titles, then one line per row. A width of `undefined` means no limit. */
export const formatTable = <Row>(
  rows: ReadonlyArray<Row>,
  columns: ReadonlyArray<Column<Row>>,
  width: number | undefined,
  style: Style
): ReadonlyArray<string> => {
  const measured = columns.map((column) => {
    const cells = rows.map(column.cell)
    return { ...column, cells, width: Math.max(column.title.length, ...cells.map(({ length }) => length)) }
  })
  const shown = fitColumns(measured, width)
  const lineOf = (textOf: (column: (typeof shown)[number]) => string): string =>
    shown
      .map((column) => {
        const text = textOf(column)
        return column.isRightAligned === true ? text.padStart(column.width) : text.padEnd(column.width)
      })
      .join(gap)
      .trimEnd()
  return [
    style.bold(lineOf(({ title }) => title)),
    ...rows.map((_, index) => lineOf(({ cells }) => cells[index] ?? ""))
  ]
}

const fitColumns = <Measured extends { readonly width: number; readonly isOptional?: boolean }>(
  columns: ReadonlyArray<Measured>,
  width: number | undefined
): ReadonlyArray<Measured> => {
  const needed = columns.reduce((sum, column) => sum + column.width + gap.length, -gap.length)
  const last = columns.findLastIndex(({ isOptional }) => isOptional === true)
  if (width === undefined || needed <= width || last === -1) return columns
  return fitColumns(
    columns.filter((_, index) => index !== last),
    width
  )
}
