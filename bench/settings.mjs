/** How long and how often: the full run, and the quick one that gives a first impression. */

/**
 * @typedef {object} Settings
 * @property {ReadonlyArray<import("./server/wires.mjs").Wire>} wires
 * @property {ReadonlyArray<import("./server/wires.mjs").Wire>} pacedWires
 * @property {number} rounds
 * @property {number} roundMillis What a round without pauses takes at least, by repetition.
 * @property {number} pacedRounds
 * @property {number} firstRounds Rounds of sequential requests.
 * @property {number} firstRequests Requests per round.
 * @property {number} manyRounds Rounds of 200 streams.
 * @property {number} freshProcesses
 * @property {ReadonlyArray<number>} lengths
 * @property {number} longestMillis An answer that would take longer is left out.
 * @property {ReadonlyArray<number>} concurrencies
 * @property {boolean} showsPeersGrowth Whether the peers are asked for answers of all lengths too.
 */

/** @type {Settings} */
export const full = {
  wires: ["chat", "responses", "anthropic", "gemini"],
  pacedWires: ["chat", "responses", "anthropic", "gemini"],
  rounds: 7,
  roundMillis: 250,
  pacedRounds: 5,
  firstRounds: 8,
  firstRequests: 60,
  manyRounds: 5,
  freshProcesses: 11,
  lengths: [1e3, 1e4, 1e5, 1e6],
  longestMillis: 12_000,
  concurrencies: [1, 10, 100, 1000],
  showsPeersGrowth: true
}

/** @type {Settings} */
export const quick = {
  wires: ["chat"],
  pacedWires: ["chat"],
  rounds: 2,
  roundMillis: 80,
  pacedRounds: 1,
  firstRounds: 2,
  firstRequests: 40,
  manyRounds: 1,
  freshProcesses: 3,
  lengths: [1e3, 1e5, 1e6],
  longestMillis: 5_000,
  concurrencies: [],
  showsPeersGrowth: false
}
