/** The settings of the full run and of the quick run. */

import { contestants } from "./contestants/index.mjs"

/**
 * @typedef {object} Settings
 * @property {ReadonlyArray<import("./contestants/index.mjs").Contestant>} contestants
 * @property {ReadonlyArray<import("./server/wires.mjs").Wire>} otherWires Wire formats besides chat completions.
 * @property {ReadonlyArray<import("./server/wires.mjs").Wire>} pacedWires
 * @property {number} batches How many sets of new processes measure the CPU.
 * @property {number} rounds Rounds per batch.
 * @property {number} roundMillis The least duration of a round that is not paced.
 * @property {number} warmMillis How long to warm up, so that code is compiled before it is measured.
 * @property {number} pacedRounds
 * @property {number} readerBatches How many sets of new processes compare the ways to read.
 * @property {ReadonlyArray<string>} [readerIds] All by default.
 * @property {number} firstRounds Rounds of sequential requests.
 * @property {number} firstRequests Requests per round.
 * @property {number} manyWarmUps Warm-up rounds of 200 streams.
 * @property {number} manyRounds Rounds of 200 streams.
 * @property {number} waitingStreams How many responses wait at once.
 * @property {number} policyProcesses How many processes measure each policy.
 * @property {number} freshProcesses
 * @property {ReadonlyArray<number>} lengths
 * @property {number} longestMillis Responses that would take longer are skipped.
 * @property {ReadonlyArray<number>} concurrencies
 * @property {boolean} showsOthersGrowth Whether the baseline and the peers also read responses of all lengths.
 * @property {ReadonlyArray<string>} imported The modules whose import is timed.
 * @property {ReadonlyArray<string>} bundlers
 * @property {ReadonlyArray<string>} bundled The programs that are bundled.
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
  readerBatches: 2,
  firstRounds: 5,
  firstRequests: 60,
  manyWarmUps: 1,
  manyRounds: 3,
  waitingStreams: 10_000,
  policyProcesses: 3,
  freshProcesses: 3,
  lengths: [1e3, 1e4, 1e5, 1e6],
  longestMillis: 8_000,
  concurrencies: [1, 10, 100, 1000],
  showsOthersGrowth: true,
  imported: ["us", "effect-ai", "openai", "anthropic", "google", "ai"],
  bundlers: ["vite", "esbuild"],
  bundled: ["effect", "schema", "OpenAI", "Anthropic", "Google", "openai", "anthropic", "ai", "effect-ai"]
}

/** @type {Settings} */
export const quick = {
  contestants: contestants.filter(({ id }) => ["baseline", "fetch", "undici", "direct", "openai"].includes(id)),
  otherWires: [],
  pacedWires: ["chat"],
  batches: 1,
  rounds: 2,
  roundMillis: 80,
  warmMillis: 150,
  pacedRounds: 1,
  readerBatches: 1,
  readerIds: ["baseline", "direct collect", "undici collect", "undici each", "fetch collect"],
  firstRounds: 2,
  firstRequests: 40,
  manyWarmUps: 1,
  manyRounds: 1,
  waitingStreams: 1_000,
  policyProcesses: 1,
  freshProcesses: 1,
  lengths: [1e3, 1e5, 1e6],
  longestMillis: 5_000,
  concurrencies: [],
  showsOthersGrowth: false,
  imported: ["us"],
  bundlers: ["esbuild"],
  bundled: ["effect", "OpenAI"]
}
