/** The small server on standard input and output. Its argument is its settings as JSON. */
import { createInterface } from "node:readline"
import { serve } from "./protocol.mjs"

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
const receive = serve(JSON.parse(process.argv[2] ?? "{}"), send, () => process.exit(1))

createInterface({ input: process.stdin }).on("line", (line) => receive(JSON.parse(line)))
