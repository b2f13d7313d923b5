/** Where text is printed. */

/** A destination of text, `process.stdout` for instance. */
export interface Writable {
  /** Writes a text; its result is ignored. */
  readonly write: (text: string) => unknown
  /** Whether the destination is a terminal. */
  readonly isTTY?: boolean | undefined
}
