/** What each policy adds to a read, in a loop that reads responses from memory. */
import { message, start } from "../harness/children.mjs"
import { median } from "../harness/statistics.mjs"

/** The sets of policies, and what is in them. */
export const policyNames = {
  none: "collect alone",
  telemetry: "span and metrics, which are always on",
  retry: "… and retry",
  fallback: "… and fallback",
  rateLimit: "… and rateLimit, of requests and tokens",
  spending: "… and Spending, with a budget",
  cache: "… and cache",
  all: "… and all of them"
}

/**
 * Microseconds of CPU per read, in new processes, interleaved so that load on the machine affects all of them.
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Record<string, number>>}
 */
export const measurePolicies = async ({ policyProcesses }) => {
  const samples = new Map(Object.keys(policyNames).map((set) => [set, []]))
  for (let time = 0; time < policyProcesses; time++) {
    for (const [set, each] of samples) each.push(await message(start("programs/policies.mjs", [set]), 60_000))
  }
  return Object.fromEntries(Array.from(samples, ([set, each]) => [set, median(each)]))
}
