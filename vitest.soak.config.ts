import base from "./vitest.config.js"

export default {
  ...base,
  test: {
    include: ["test/soak/*.ts"],
    testTimeout: 600_000,
    // One after the other, as memory and time are measured.
    fileParallelism: false,
    pool: "forks",
    poolOptions: { forks: { execArgv: ["--expose-gc"] } }
  }
}
