/** Who runs: the limit, the floors of Effect's own runtime, ourselves over three clients, and the peers. */

/**
 * @typedef {import("../server/wires.mjs").Wire} Wire
 * @typedef {(plan: string, onDelta: () => void) => Promise<unknown>} Ask Reads one answer and tells of each delta of text.
 * @typedef {object} Contestant
 * @property {string} id
 * @property {string} label How tables and plots call it.
 * @property {string} file The module whose `open(origin, wire, variant)` gives an `Ask`.
 * @property {string} [variant]
 * @property {ReadonlyArray<Wire>} wires
 */

/** @type {ReadonlyArray<Wire>} */
export const allWires = ["chat", "responses", "anthropic", "gemini"]

/** @type {ReadonlyArray<Contestant>} */
export const contestants = [
  { id: "limit", label: "the limit", file: "limit.mjs", wires: allWires },
  { id: "floor-fetch", label: "Effect alone, fetch", file: "floor.mjs", variant: "fetch", wires: ["chat"] },
  { id: "floor-undici", label: "Effect alone, undici", file: "floor.mjs", variant: "undici", wires: ["chat"] },
  { id: "fetch", label: "us, Fetch", file: "ours.mjs", variant: "fetch", wires: allWires },
  { id: "undici", label: "us, Undici", file: "ours.mjs", variant: "undici", wires: allWires },
  { id: "node", label: "us, Node", file: "ours.mjs", variant: "node", wires: allWires },
  { id: "openai", label: "openai", file: "openai.mjs", wires: ["chat", "responses"] },
  { id: "anthropic", label: "@anthropic-ai/sdk", file: "anthropic.mjs", wires: ["anthropic"] },
  { id: "google", label: "@google/genai", file: "google.mjs", wires: ["gemini"] },
  { id: "ai", label: "ai", file: "ai.mjs", wires: ["chat", "responses"] },
  { id: "effect-ai", label: "@effect/ai", file: "effectAi.mjs", wires: ["responses"] }
]

/** The contestants that we build ourselves. */
export const ours = ["fetch", "undici", "node"]

/**
 * @param {ReadonlyArray<Contestant>} all
 * @param {Wire} wire
 */
export const speakersOf = (all, wire) => all.filter((contestant) => contestant.wires.includes(wire))

/**
 * Loads a contestant, and nothing of the others.
 * @param {string} id
 * @param {string} origin
 * @param {Wire} wire
 * @returns {Promise<Ask>}
 */
export const open = async (id, origin, wire) => {
  const contestant = contestants.find((each) => each.id === id)
  if (contestant === undefined) throw new Error(`no contestant is called ${id}`)
  const module = await import(`./${contestant.file}`)
  return module.open(origin, wire, contestant.variant)
}
