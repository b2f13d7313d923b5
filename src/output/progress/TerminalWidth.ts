/**
 * Measures and truncates text by its columns on a terminal. The build bundles the libraries that know these widths into
 * this module, so that users do not have to install them.
 */
import cliTruncate from "cli-truncate"
import stringWidth from "string-width"

/** The columns of a text: two for most East Asian characters and for emoji, none for combining characters. */
export const widthOf = (text: string): number => stringWidth(text)

/** Truncates the end of a text that is wider, and marks the place with `…`. Never splits a character. */
export const cutEnd = (text: string, columns: number): string => cut(text, columns, "end")

/** Truncates the beginning of a text that is wider. */
export const cutStart = (text: string, columns: number): string => cut(text, columns, "start")

// Where a wide character crosses the limit, the library may keep it, which is one column too many.
const cut = (text: string, columns: number, position: "start" | "end"): string => {
  for (let wanted = columns; wanted > 0; wanted--) {
    const fitting = cliTruncate(text, wanted, { position })
    if (stringWidth(fitting) <= columns) return fitting
  }
  return ""
}
