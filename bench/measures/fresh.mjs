/** The cost in a new process: the import, and the time to the first chunk. */
import { message, start } from "../harness/children.mjs"
import { median, spread } from "../harness/statistics.mjs"

const us = new URL("../../dist/index.js", import.meta.url).href
const effect = ["effect", "@effect/platform"]

/** Each module, with the modules that a program using it imports anyway. */
const modules = {
  us: [us, ...effect],
  "effect-ai": ["@effect/ai-openai", ...effect],
  openai: ["openai"],
  anthropic: ["@anthropic-ai/sdk"],
  google: ["@google/genai"],
  ai: ["ai"]
}

/**
 * Milliseconds to import a module, in new processes.
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureImport = ({ freshProcesses, imported }) =>
  eachFresh(
    freshProcesses,
    Object.entries(modules).filter(([id]) => imported.includes(id)),
    (args) => start("programs/import.mjs", args)
  )

/**
 * Milliseconds from the start of a process to its first chunk.
 * @param {string} origin
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureFresh = (origin, { freshProcesses, contestants }) =>
  eachFresh(
    freshProcesses,
    contestants.map(({ id, wires }) => [id, [id, origin, wires[0]]]),
    (args) => start("programs/first.mjs", args)
  )

/** Skips the first round, which fills the file cache of the operating system. */
const eachFresh = async (times, programs, begin) => {
  const samples = new Map(programs.map(([id]) => [id, []]))
  const failures = new Map()
  for (let time = 0; time <= times; time++) {
    for (const [id, args] of programs) {
      if (failures.has(id)) continue
      try {
        const millis = await message(begin(args), 30_000)
        if (time > 0) samples.get(id).push(millis)
      } catch (error) {
        failures.set(id, String(error))
      }
    }
  }
  return Object.fromEntries(
    Array.from(samples, ([id, each]) => [id, { value: median(each), spread: spread(each), failure: failures.get(id) }])
  )
}
