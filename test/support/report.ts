/** Tells a measured figure, so that a run says more than that it passed. */

export const report = (what: string, figure: string | number): void => {
  const said = typeof figure === "number" ? figure.toFixed(1) : figure
  process.stdout.write(`  ${what}: ${said}\n`)
}
