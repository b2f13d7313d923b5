import base from "./vitest.config.js"

/** The tables of faults, each case over every HTTP client. */
export default {
  ...base,
  test: {
    include: ["test/resilience/{faults,canary,cuts}.test.ts"],
    setupFiles: ["test/support/oneWorker.ts"],
    testTimeout: 120_000,
    isolate: false,
    maxWorkers: "100%",
    provide: { everyClient: true }
  }
}
