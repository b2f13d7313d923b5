import base from "./vitest.config.js"

export default { ...base, test: { include: ["test/clients/*.test.mjs"], testTimeout: 30_000 } }
