/** What tests do about the speed of the machine. */
import { loadavg } from "node:os"
import { expect } from "vitest"

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
