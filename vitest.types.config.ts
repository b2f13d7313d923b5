import base from "./vitest.config.js"

export default { ...base, test: { include: ["test/types/*.test.ts"], testTimeout: 120_000 } }
