/** Whether figures of time mean anything on this machine now. */
import { cpus, loadavg } from "node:os"

/**
 * Checks whether there are cores to spare. On a machine with more work than cores, timers and packets are late by hundreds
 * of milliseconds, and figures of time measure the queue for the cores. Tests print their figures in any case.
 */
export const hasIdleCores = (): boolean => (loadavg()[0] ?? 0) < cpus().length

/** Prints the figures of a test. */
export const printFigures = (name: string, figures: object): void => {
  process.stdout.write(`${name}: ${JSON.stringify({ ...figures, load: loadavg()[0] })}\n`)
}
