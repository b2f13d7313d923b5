/**
 * Measures and cuts text by the columns that it takes on a terminal. The libraries that know these widths are bundled
 * into this one module when the package is built, so that nobody has to install them.
 */
import cliTruncate from "cli-truncate"
import stringWidth from "string-width"

/** Says how many columns a text takes: two for most of East Asia's characters and for emoji, none for what only combines. */
export const widthOf = (text: string): number => stringWidth(text)

/** Cuts the end of a text that takes more columns, and shows that it did; no character is cut in two. */
export const cutEnd = (text: string, columns: number): string => cut(text, columns, "end")

/** Cuts the beginning of a text that takes more columns. */
export const cutStart = (text: string, columns: number): string => cut(text, columns, "start")

// Where the cut falls inside a wide character the library may keep all of it, which is a column too many.
const cut = (text: string, columns: number, position: "start" | "end"): string => {
  for (let wanted = columns; wanted > 0; wanted--) {
    const fitting = cliTruncate(text, wanted, { position })
    if (stringWidth(fitting) <= columns) return fitting
  }
  return ""
}
