/** Writes a change into CHANGELOG.md as its author put it: words for users, without hashes and names. */
const getReleaseLine = async ({ summary }) => `- ${summary.trim().replace(/\n/g, "\n  ")}`

// There is one package, so none of its releases is only for the sake of another.
const getDependencyReleaseLine = async () => ""

module.exports = { getReleaseLine, getDependencyReleaseLine }
