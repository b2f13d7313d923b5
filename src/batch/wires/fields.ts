/** Reads fields of a provider's JSON that may be missing. */

/** A text; `""` if it is none. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** A count, which Google writes as text; 0 if it is none. */
export const countOf = (value: unknown): number => {
  const count = typeof value === "string" ? Number(value) : value
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : 0
}
