/** Sends the milliseconds from the start of the process to its first chunk: first.mjs <contestant> <origin> <wire>. */
import { open } from "../contestants/index.mjs"

const [id, origin, wire] = process.argv.slice(2)
const readResponse = await open(id, origin, wire)
let first
await readResponse("dense.3", () => {
  first ??= performance.now()
})
process.send(first)
process.exit()
