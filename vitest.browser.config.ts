import base from "./vitest.config.js"

export default {
  ...base,
  test: {
    include: ["test/web-chat/*.test.ts"],
    testTimeout: 30_000,
    // One process imports Effect once for all of its files.
    isolate: false,
    pool: "forks",
    poolOptions: { forks: { singleFork: true } }
  }
}
