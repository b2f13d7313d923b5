/** The measurements as rows of one table: a measure, the result of each contestant, and the goal. */

/**
 * @typedef {{ text: string, isMet: (value: number) => boolean }} Goal
 * @typedef {object} Row
 * @property {string} measure
 * @property {Record<string, number>} cells Results by contestant; measures that did not run are missing.
 * @property {Record<string, Goal>} goals Goals by contestant.
 * @property {string} [baseline] The result of the baseline, with its unit.
 * @property {number} [spread] The largest spread of this library's samples.
 * @property {number} digits
 */

const us = ["fetch", "undici", "direct", "collect", "node"]

const atMost = (most) => ({ text: `≤ ${most}`, isMet: (value) => value <= most })
const atLeast = (least) => ({ text: `≥ ${least}`, isMet: (value) => value >= least })
const forAll = (goal) => Object.fromEntries(us.map((id) => [id, goal]))

const mapValues = (record, read) =>
  Object.fromEntries(
    Object.entries(record)
      .map(([key, value]) => [key, read(value)])
      .filter(([, value]) => Number.isFinite(value))
  )

/** A row of results compared with the baseline. */
const compared = (measure, all, goals, unit, digits = 2) => {
  const { baseline, ...others } = all
  return {
    measure,
    cells: mapValues(others, (each) => each.compared),
    goals,
    baseline: `${baseline.value.toFixed(baseline.value < 10 ? 2 : 0)} ${unit}`,
    spread: Math.max(...us.map((id) => all[id]?.spread ?? 0)),
    digits
  }
}

const cpuGoals = {
  dense: ["16 KiB reads", { fetch: atMost(1.5), undici: atMost(1.25), direct: atMost(1.25), collect: atMost(1.25) }],
  single: ["one event per write", forAll(atMost(1.4))],
  paced: ["paced, 5 ms", { fetch: atMost(2), undici: atMost(1.5), direct: atMost(1.5), collect: atMost(1.3) }]
}

const manyGoals = { fetch: atLeast(0.6), undici: atLeast(0.8), direct: atLeast(0.8), collect: atLeast(0.8) }
const firstGoals = { fetch: atMost(0.5), undici: atMost(0.15), direct: atMost(0.15), collect: atMost(0.15) }

const cpuRows = (cpu) =>
  Object.entries(cpuGoals).flatMap(([pace, [name, goals]]) =>
    Object.entries(cpu).flatMap(([wire, measured]) =>
      measured[pace] === undefined ? [] : [compared(`CPU per delta, ${name}, ${wire}`, measured[pace], goals, "µs")]
    )
  )

const lengthRows = (length) => {
  const at = (growth, x) => growth.points.find((point) => point.x === x)?.micros
  return [
    {
      measure: "CPU per delta, 10⁶ deltas over 10³",
      cells: mapValues(length, (growth) => at(growth, 1e6) / at(growth, 1e3)),
      goals: forAll(atMost(1.1)),
      digits: 2
    },
    {
      measure: "live memory after 10⁶ deltas, over 10⁵, MiB",
      cells: mapValues(length, (growth) => growth.alive),
      goals: forAll(atMost(4)),
      digits: 2
    }
  ]
}

const freshRows = ({ imported, fresh }) => [
  {
    measure: "import, over effect and platform, ms",
    cells: mapValues({ ...imported, fetch: imported.us, us: {} }, (each) => each.value),
    goals: { fetch: atMost(20) },
    spread: imported.us.spread,
    digits: 0
  },
  {
    measure: "process start to first chunk, ms",
    cells: mapValues({ ...fresh, baseline: {} }, (each) => each.value),
    goals: {},
    baseline: `${fresh.baseline.value.toFixed(0)} ms`,
    digits: 0
  }
]

/** The README's program, whose column is that of the client that it uses. */
const startRows = ({ openai, printed, bundled }) =>
  [
    ["as printed", printed, 2.1],
    ["bundled", bundled, 0.85]
  ].map(([how, { ratio, spread }, most]) => ({
    measure: `start of the README's program to its first text, ${how}, over OpenAI's SDK (${openai.value.toFixed(0)} ms)`,
    cells: { fetch: ratio, openai: 1 },
    goals: { fetch: atMost(most) },
    spread,
    digits: 2
  }))

const waitingRows = (waiting) =>
  [
    ["live", "alive"],
    ["resident", "resident"]
  ].map(([name, read]) => ({
    measure: `a waiting stream among many, ${name} memory, KiB`,
    cells: mapValues({ ...waiting, baseline: {} }, (each) => each[read]),
    goals: {},
    baseline: `${waiting.baseline[read].toFixed(0)} KiB`,
    digits: 0
  }))

const bundleRows = (bundle) =>
  Object.entries(bundle).map(([bundler, sizes]) => ({
    measure: `bundle over effect and Fetch, ${bundler}, KiB`,
    cells: { fetch: sizes.OpenAI.value - sizes.effect.value },
    goals: { fetch: atMost(15) },
    digits: 1
  }))

/**
 * All rows, in the order of the table.
 * @returns {ReadonlyArray<Row>}
 */
export const rowsOf = ({ cpu, many, waiting, first, length, imported, fresh, started, bundle }) => [
  ...cpuRows(cpu),
  compared("200 streams, rate over the baseline's", many.rate, manyGoals, "per s"),
  compared("200 streams, peak memory", many.peak, forAll(atMost(1.45)), "MiB"),
  compared("first chunk, ms over the baseline's", first, firstGoals, "ms"),
  ...lengthRows(length),
  ...waitingRows(waiting),
  ...freshRows({ imported, fresh }),
  ...startRows(started),
  ...bundleRows(bundle)
]
