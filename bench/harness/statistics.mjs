/** The median and the spread of samples. */

/** @param {ReadonlyArray<number>} samples */
const sorted = (samples) => samples.toSorted((first, second) => first - second)

/** @param {ReadonlyArray<number>} samples */
export const median = (samples) => {
  const all = sorted(samples)
  const middle = all.length >> 1
  if (all.length === 0) return Number.NaN
  return all.length % 2 === 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2
}

/**
 * Half the interquartile range, relative to the median: the uncertainty of a result.
 * @param {ReadonlyArray<number>} samples
 */
export const spread = (samples) => {
  const all = sorted(samples)
  const at = (part) => all[Math.round((all.length - 1) * part)] ?? Number.NaN
  return (at(0.75) - at(0.25)) / 2 / median(samples)
}
