/** What tests do about the speed of the machine. */
import { cpus, loadavg } from "node:os"
import { expect } from "vitest"

/**
 * Checks whether there are cores to spare. On a machine with more work than cores, timers and packets are late by hundreds
 * of milliseconds, and figures of time measure the queue for the cores. Tests print their figures in any case.
 */
export const hasIdleCores = (): boolean => (loadavg()[0] ?? 0) < cpus().length

/** Prints the figures of a test. */
export const printFigures = (name: string, figures: object): void => {
  process.stdout.write(`${name}: ${JSON.stringify({ ...figures, load: loadavg()[0] })}\n`)
}

// A machine may be slow, and busy with others.
const slack = 5

/**
 * Prints a figure of time beside its goal, and fails at five times the goal, or at five times what something plain took at
 * the same time, where that is more.
 */
export const expectTime = (name: string, figure: number, goal: number, plain = 0): void => {
  printFigures(name, { figure, goal, plain })
  expect(figure, `${name}, whose goal is ${goal}`).toBeLessThan(slack * Math.max(goal, plain))
}
