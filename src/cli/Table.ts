/** Lines up columns of plain letters and digits, and leaves out what does not fit. */
import type { Style } from "../output/progress/Terminal.js"

/** A column; those that are optional give way to a narrow terminal, the last ones first. */
export interface Column<Row> {
  readonly title: string
  readonly of: (row: Row) => string
  readonly isRight?: boolean
  readonly isOptional?: boolean
}

const gap = "  "

/** Writes rows under the titles of their columns, each in a line; the width is `undefined` where there is no limit. */
export const table = <Row>(
  rows: ReadonlyArray<Row>,
  columns: ReadonlyArray<Column<Row>>,
  width: number | undefined,
  style: Style
): ReadonlyArray<string> => {
  const measured = columns.map((column) => {
    const cells = rows.map(column.of)
    return { ...column, cells, width: Math.max(column.title.length, ...cells.map(({ length }) => length)) }
  })
  const shown = fitting(measured, width)
  const lineOf = (textOf: (column: (typeof shown)[number]) => string): string =>
    shown
      .map((column) => {
        const text = textOf(column)
        return column.isRight === true ? text.padStart(column.width) : text.padEnd(column.width)
      })
      .join(gap)
      .trimEnd()
  return [
    style.bold(lineOf(({ title }) => title)),
    ...rows.map((_, index) => lineOf(({ cells }) => cells[index] ?? ""))
  ]
}

const fitting = <Measured extends { readonly width: number; readonly isOptional?: boolean }>(
  columns: ReadonlyArray<Measured>,
  width: number | undefined
): ReadonlyArray<Measured> => {
  const needed = columns.reduce((sum, column) => sum + column.width + gap.length, -gap.length)
  const last = columns.findLastIndex(({ isOptional }) => isOptional === true)
  if (width === undefined || needed <= width || last === -1) return columns
  return fitting(
    columns.filter((_, index) => index !== last),
    width
  )
}
