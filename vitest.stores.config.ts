import base from "./vitest.config.js"

export default {
  ...base,
  test: {
    include: ["test/stores/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // One after the other, as time and throughput are measured.
    fileParallelism: false
  }
}
