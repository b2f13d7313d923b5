/** The contestants: the baseline, Effect alone, this library over four HTTP clients, and its peers. */

/**
 * @typedef {import("../server/wires.mjs").Wire} Wire
 * @typedef {(plan: string, onDelta: () => void) => Promise<unknown>} ReadResponse Reads one response and reports each delta of text.
 * @typedef {object} Contestant
 * @property {string} id
 * @property {string} label Its name in tables and plots.
 * @property {string} file The module that exports `open(origin, wire, variant)`, which returns a `ReadResponse`.
 * @property {string} [variant]
 * @property {ReadonlyArray<Wire>} wires
 */

/** @type {ReadonlyArray<Wire>} */
export const allWires = ["chat", "responses", "anthropic", "gemini"]

/** @type {ReadonlyArray<Contestant>} */
export const contestants = [
  { id: "baseline", label: "baseline", file: "baseline.mjs", wires: allWires },
  { id: "effect-fetch", label: "Effect alone, fetch", file: "effectAlone.mjs", variant: "fetch", wires: ["chat"] },
  { id: "effect-undici", label: "Effect alone, undici", file: "effectAlone.mjs", variant: "undici", wires: ["chat"] },
  { id: "fetch", label: "us, Fetch", file: "ours.mjs", variant: "fetch", wires: allWires },
  { id: "undici", label: "us, Undici", file: "ours.mjs", variant: "undici", wires: allWires },
  { id: "direct", label: "us, direct", file: "ours.mjs", variant: "direct", wires: allWires },
  { id: "collect", label: "us, direct, collect", file: "ours.mjs", variant: "direct collect", wires: allWires },
  { id: "node", label: "us, Node", file: "ours.mjs", variant: "node", wires: allWires },
  { id: "openai", label: "openai", file: "openai.mjs", wires: ["chat", "responses"] },
  { id: "anthropic", label: "@anthropic-ai/sdk", file: "anthropic.mjs", wires: ["anthropic"] },
  { id: "google", label: "@google/genai", file: "google.mjs", wires: ["gemini"] },
  { id: "ai", label: "ai", file: "ai.mjs", wires: ["chat", "responses"] },
  { id: "effect-ai", label: "@effect/ai", file: "effectAi.mjs", wires: ["responses"] }
]

/** The ways to read a paced response, beside the baseline, Effect alone and OpenAI's SDK. */
export const readers = [
  ...contestants.filter(({ id }) => ["baseline", "effect-undici"].includes(id)),
  ...[
    ["undici loop", "a loop"],
    ["undici each", "Stream.runForEach"]
  ].map(([variant, name]) => ({
    id: `effect ${variant}`,
    label: `Effect alone, undici, ${name}`,
    file: "effectAlone.mjs",
    variant,
    wires: ["chat"]
  })),
  ...[
    ["direct collect", "direct, collect with onToken"],
    ["direct iterable", "direct, for await"],
    ["direct collect all", "direct, collect with onToken and all policies"],
    ["direct each", "direct, Stream.runForEach"],
    ["undici collect", "Undici, collect with onToken"],
    ["undici collect all", "Undici, collect with onToken and all policies"],
    ["undici iterable", "Undici, for await"],
    ["undici each", "Undici, Stream.runForEach"],
    ["undici chunks", "Undici, Stream.runForEachChunk"],
    ["fetch collect", "Fetch, collect with onToken"],
    ["fetch each", "Fetch, Stream.runForEach"]
  ].map(([variant, name]) => ({ id: variant, label: `us, ${name}`, file: "ours.mjs", variant, wires: ["chat"] })),
  ...contestants.filter(({ id }) => id === "openai")
]

/** The ids of this library over its four HTTP clients. */
export const ours = ["fetch", "undici", "direct", "node"]

/**
 * The contestants that support a wire format.
 * @param {ReadonlyArray<Contestant>} all
 * @param {Wire} wire
 */
export const contestantsFor = (all, wire) => all.filter((contestant) => contestant.wires.includes(wire))

/**
 * Loads one contestant and none of the others.
 * @param {string} id
 * @param {string} origin
 * @param {Wire} wire
 * @returns {Promise<ReadResponse>}
 */
export const open = async (id, origin, wire) => {
  const contestant = [...contestants, ...readers].find((each) => each.id === id)
  if (contestant === undefined) throw new Error(`unknown contestant ${id}`)
  const module = await import(`./${contestant.file}`)
  return module.open(origin, wire, contestant.variant)
}
