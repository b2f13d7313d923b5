import base from "./vitest.config.js"

export default { ...base, test: { ...base.test, include: ["test/types/*.test.ts"], exclude: [], testTimeout: 120_000 } }
