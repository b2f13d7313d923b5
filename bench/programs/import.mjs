/** Says how many milliseconds a module takes to import on top of others: import.mjs <module> [others that come first …]. */
const [own, ...others] = process.argv.slice(2)
for (const other of others) await import(other)
const startedAt = performance.now()
await import(own)
process.send(performance.now() - startedAt)
process.disconnect()
