/** Formats amounts of money far below one cent. */

/** Formats US dollars; `null` is a price that the catalog does not list. */
export const dollars = (amount: number | null): string => (amount === null ? "unknown" : `$${amount.toFixed(8)}`)
