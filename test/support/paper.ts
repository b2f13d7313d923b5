/** A destination of text that records what was written. */
export interface Paper {
  readonly isTTY: boolean
  readonly written: ReadonlyArray<string>
  readonly write: (text: string) => void
}

export const paper = (isTTY = false): Paper => {
  const written: Array<string> = []
  return { written, isTTY, write: (text) => void written.push(text) }
}
