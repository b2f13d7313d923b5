/** Writing amounts of money that are far below a cent. */

/** Writes US dollars, of which the catalog of prices may know nothing. */
export const dollars = (amount: number | null): string => (amount === null ? "unknown" : `$${amount.toFixed(8)}`)
