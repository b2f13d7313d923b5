/** Says how many milliseconds after its start a process has its first chunk: first.mjs <contestant> <origin>. */
import { open } from "../contestants/index.mjs"

const [id, origin, wire] = process.argv.slice(2)
const ask = await open(id, origin, wire)
let first
await ask("dense.3", () => {
  first ??= performance.now()
})
process.send(first)
process.exit()
