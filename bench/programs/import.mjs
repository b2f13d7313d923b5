/** Sends the milliseconds that importing a module takes after others: import.mjs <module> [imported before …]. */
const [own, ...others] = process.argv.slice(2)
for (const other of others) await import(other)
const startedAt = performance.now()
await import(own)
process.send(performance.now() - startedAt)
process.disconnect()
