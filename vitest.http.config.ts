import base from "./vitest.config.js"

/** The tables of faults, each case over every HTTP client, and the sockets that clients close. One after the other, as some measure how soon a socket closes. */
export default {
  ...base,
  test: {
    include: ["test/resilience/{faults,canary,cuts,interruption}.test.ts", "test/provider/closing.test.ts"],
    setupFiles: ["test/support/oneWorker.ts"],
    testTimeout: 120_000,
    isolate: false,
    fileParallelism: false,
    provide: { everyClient: true }
  }
}
