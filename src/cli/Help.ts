/** Writes the pages that explain the command. */
import type { Style } from "../output/progress/Terminal.js"
import type { Switch } from "./Switches.js"

/** A page. */
export interface Page {
  /** How it is called, such as `llm-connectivity chat [options] [prompt]`. */
  readonly usage: string
  readonly paragraphs: ReadonlyArray<string>
  readonly sections: ReadonlyArray<Section>
}

/** Things that are listed with what they are. */
export interface Section {
  readonly title: string
  readonly rows: ReadonlyArray<readonly [term: string, meaning: string]>
}

/** The page as text of so many columns. */
export const textOf = (page: Page, columns: number, style: Style): string =>
  [
    style.bold(page.usage),
    ...page.paragraphs.map((paragraph) => wrapped(paragraph, columns, 0)),
    ...page.sections.map((section) => `${style.bold(section.title)}\n${listed(section, columns)}`)
  ].join("\n\n")

/** The rows for the options of a command. */
export const optionRows = (switches: ReadonlyArray<Switch>): Section["rows"] =>
  switches.map(({ name, letter, value, isRepeatable, help }) => {
    const short = letter === undefined ? "    " : `-${letter}, `
    return [`${short}--${name}${value === undefined ? "" : ` <${value}>`}${isRepeatable ? "…" : ""}`, help]
  })

// A term that is longer has its meaning below it.
const widestTerm = 30

const listed = ({ rows }: Section, columns: number): string => {
  const width = Math.min(widestTerm, Math.max(...rows.map(([term]) => term.length)))
  const isNarrow = columns < width + 30
  return rows
    .map(([term, meaning]) => {
      if (meaning === "") return `  ${term}`
      const indent = isNarrow ? 6 : width + 4
      const text = wrapped(meaning, columns, indent)
      const isBelow = isNarrow || term.length > width
      return isBelow ? `  ${term}\n${" ".repeat(indent)}${text}` : `  ${term.padEnd(width)}  ${text}`
    })
    .join("\n")
}

/** Breaks a text into lines, of which all but the first are indented. */
const wrapped = (text: string, columns: number, indent: number): string => {
  const width = Math.max(20, Math.min(columns, 100) - indent)
  const lines: Array<string> = [""]
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? ""
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
  }
  return lines.join(`\n${" ".repeat(indent)}`)
}
