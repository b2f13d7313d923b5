import base from "./vitest.config.js"

export default { ...base, test: { include: ["test/frontends/*.test.{ts,mjs}"], testTimeout: 30_000 } }
