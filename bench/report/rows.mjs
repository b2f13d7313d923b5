/** What was measured as rows of one table: a measure, what each contestant reached, and the goal. */

/**
 * @typedef {{ text: string, isMet: (value: number) => boolean }} Goal
 * @typedef {object} Row
 * @property {string} measure
 * @property {Record<string, number>} cells By contestant; what was not measured is missing.
 * @property {Record<string, Goal>} goals By contestant.
 * @property {string} [limit] What the limit reached, in units.
 * @property {number} [spread] Of our own samples, the widest.
 * @property {number} digits
 */

const us = ["fetch", "undici", "node"]

const atMost = (most) => ({ text: `≤ ${most}`, isMet: (value) => value <= most })
const atLeast = (least) => ({ text: `≥ ${least}`, isMet: (value) => value >= least })
const forAll = (goal) => Object.fromEntries(us.map((id) => [id, goal]))

const mapValues = (record, read) =>
  Object.fromEntries(
    Object.entries(record)
      .map(([key, value]) => [key, read(value)])
      .filter(([, value]) => Number.isFinite(value))
  )

/** A row of what was compared with the limit. */
const compared = (measure, all, goals, unit, digits = 2) => {
  const { limit, ...others } = all
  return {
    measure,
    cells: mapValues(others, (each) => each.compared),
    goals,
    limit: `${limit.value.toFixed(limit.value < 10 ? 2 : 0)} ${unit}`,
    spread: Math.max(...us.map((id) => all[id]?.spread ?? 0)),
    digits
  }
}

const cpuGoals = {
  dense: ["16 KiB reads", forAll(atMost(1.5))],
  single: ["one event per write", forAll(atMost(1.4))],
  paced: ["paced, 5 ms", { fetch: atMost(2), undici: atMost(1.5) }]
}

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
      measure: "alive after 10⁶ deltas, over 10⁵, MiB",
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
    measure: "start of a process to first chunk, ms",
    cells: mapValues({ ...fresh, limit: {} }, (each) => each.value),
    goals: {},
    limit: `${fresh.limit.value.toFixed(0)} ms`,
    digits: 0
  }
]

const bundleRows = (bundle) =>
  Object.entries(bundle).map(([bundler, sizes]) => ({
    measure: `bundle over effect and Fetch, ${bundler}, KiB`,
    cells: { fetch: sizes.OpenAI.value - sizes.floor.value },
    goals: { fetch: atMost(15) },
    digits: 1
  }))

/**
 * All rows, in the order of the goals.
 * @returns {ReadonlyArray<Row>}
 */
export const rowsOf = ({ cpu, many, first, length, imported, fresh, bundle }) => [
  ...cpuRows(cpu),
  compared("200 streams, rate over the limit's", many.rate, forAll(atLeast(0.7)), "per s"),
  compared("200 streams, peak memory", many.peak, forAll(atMost(1.2)), "MiB"),
  compared("first chunk, ms over the limit's", first, { fetch: atMost(0.8), undici: atMost(0.3) }, "ms"),
  ...lengthRows(length),
  ...freshRows({ imported, fresh }),
  ...bundleRows(bundle)
]
