/** Finds the failures at any depth of the results. */

/**
 * @param {unknown} results
 * @param {ReadonlyArray<string>} path
 * @returns {ReadonlyArray<string>}
 */
export const failuresIn = (results, path = []) => {
  if (typeof results !== "object" || results === null) return []
  if ("failure" in results && results.failure !== undefined) return [`${path.join(", ")}: ${results.failure}`]
  return Object.entries(results).flatMap(([key, value]) => failuresIn(value, [...path, key]))
}
