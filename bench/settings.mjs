/** How long and how often: the full run, and the quick one that gives a first impression. */

import { contestants } from "./contestants/index.mjs"

/**
 * @typedef {object} Settings
 * @property {ReadonlyArray<import("./contestants/index.mjs").Contestant>} contestants
 * @property {ReadonlyArray<import("./server/wires.mjs").Wire>} otherWires Beside chat completions.
 * @property {ReadonlyArray<import("./server/wires.mjs").Wire>} pacedWires
 * @property {number} batches How often fresh processes measure the CPU.
 * @property {number} rounds Of each batch.
 * @property {number} roundMillis What a round without pauses takes at least, by repetition.
 * @property {number} warmMillis What it is done for before it is measured: long enough to be compiled.
 * @property {number} pacedRounds
 * @property {number} firstRounds Rounds of sequential requests.
 * @property {number} firstRequests Requests per round.
 * @property {number} manyWarmUps Rounds of 200 streams before those that count.
 * @property {number} manyRounds Rounds of 200 streams.
 * @property {number} freshProcesses
 * @property {ReadonlyArray<number>} lengths
 * @property {number} longestMillis An answer that would take longer is left out.
 * @property {ReadonlyArray<number>} concurrencies
 * @property {boolean} showsOthersGrowth Whether the limit and the peers are asked for answers of all lengths too.
 * @property {ReadonlyArray<string>} imported Whose import is timed.
 * @property {ReadonlyArray<string>} bundlers
 * @property {ReadonlyArray<string>} bundled Which of the programs are bundled.
 */

/** @type {Settings} */
export const full = {
  contestants,
  otherWires: ["responses", "anthropic", "gemini"],
  pacedWires: ["chat", "responses", "anthropic", "gemini"],
  batches: 2,
  rounds: 3,
  roundMillis: 150,
  warmMillis: 400,
  pacedRounds: 1,
  firstRounds: 5,
  firstRequests: 60,
  manyWarmUps: 1,
  manyRounds: 3,
  freshProcesses: 3,
  lengths: [1e3, 1e4, 1e5, 1e6],
  longestMillis: 8_000,
  concurrencies: [1, 10, 100, 1000],
  showsOthersGrowth: true,
  imported: ["us", "effect-ai", "openai", "anthropic", "google", "ai"],
  bundlers: ["vite", "esbuild"],
  bundled: ["floor", "schema", "OpenAI", "Anthropic", "Google", "openai", "anthropic", "ai", "effect-ai"]
}

/** @type {Settings} */
export const quick = {
  contestants: contestants.filter(({ id }) => ["limit", "fetch", "undici", "openai"].includes(id)),
  otherWires: [],
  pacedWires: ["chat"],
  batches: 1,
  rounds: 2,
  roundMillis: 80,
  warmMillis: 150,
  pacedRounds: 1,
  firstRounds: 2,
  firstRequests: 40,
  manyWarmUps: 1,
  manyRounds: 1,
  freshProcesses: 1,
  lengths: [1e3, 1e5, 1e6],
  longestMillis: 5_000,
  concurrencies: [],
  showsOthersGrowth: false,
  imported: ["us"],
  bundlers: ["esbuild"],
  bundled: ["floor", "OpenAI"]
}
