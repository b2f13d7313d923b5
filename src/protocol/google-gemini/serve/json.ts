/** JSON as Gemini writes it: a blank after each colon, CRLF at the end of lines, and `<` and `>` escaped. */

const escaped = (json: string): string => json.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e")

/** A body, and an element of a list without `alt=sse`. */
export const indented = (value: unknown): string => `${escaped(JSON.stringify(value, null, 2))}\n`

/** One event. A string of JSON holds no line end, so each one here is indentation. */
export const event = (data: unknown): string =>
  `data: ${escaped(JSON.stringify(data, null, 1)).replace(/\n */g, "")}\r\n\r\n`

/** An element of the list that a stream without `alt=sse` is, from its event. */
export const listElement = (event: string, isFirst: boolean): string =>
  `${isFirst ? "[" : ",\r\n"}${indented(JSON.parse(event.slice("data: ".length)))}`

/** The end of that list. */
export const listEnd = "]\n"
