/** Formats the help pages. */
import type { Style } from "../output/progress/Terminal.js"
import type { OptionSyntax } from "./Options.js"

/** A help page. */
export interface Page {
  /** The usage line, such as `llm-connectivity chat [options] [prompt]`. */
  readonly usage: string
  readonly paragraphs: ReadonlyArray<string>
  readonly sections: ReadonlyArray<Section>
}

/** A titled list of terms and their meanings. */
export interface Section {
  readonly title: string
  readonly rows: ReadonlyArray<readonly [term: string, meaning: string]>
}

/** Formats a page for a terminal of the given width, in columns. */
export const formatPage = (page: Page, columns: number, style: Style): string =>
  [
    style.bold(page.usage),
    ...page.paragraphs.map((paragraph) => wrapText(paragraph, columns, 0)),
    ...page.sections.map((section) => `${style.bold(section.title)}\n${formatRows(section, columns)}`)
  ].join("\n\n")

/** The rows of a command's options. */
export const optionRows = (
  options: ReadonlyArray<OptionSyntax & { readonly isRepeatable: boolean }>
): Section["rows"] =>
  options.map(({ name, short, value, isRepeatable, help }) => {
    const prefix = short === undefined ? "    " : `-${short}, `
    return [`${prefix}--${name}${value === undefined ? "" : ` <${value}>`}${isRepeatable ? "…" : ""}`, help]
  })

// The meaning of a longer term goes on the next line.
const maxTermWidth = 30

const formatRows = ({ rows }: Section, columns: number): string => {
  const width = Math.min(maxTermWidth, Math.max(...rows.map(([term]) => term.length)))
  const isNarrow = columns < width + 30
  return rows
    .map(([term, meaning]) => {
      if (meaning === "") return `  ${term}`
      const indent = isNarrow ? 6 : width + 4
      const text = wrapText(meaning, columns, indent)
      const isBelow = isNarrow || term.length > width
      return isBelow ? `  ${term}\n${" ".repeat(indent)}${text}` : `  ${term.padEnd(width)}  ${text}`
    })
    .join("\n")
}

/** Breaks a text into lines and indents all but the first. */
const wrapText = (text: string, columns: number, indent: number): string => {
  const width = Math.max(20, Math.min(columns, 100) - indent)
  const lines: Array<string> = [""]
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? ""
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
  }
  return lines.join(`\n${" ".repeat(indent)}`)
}
