/** The process of one contestant and wire format: runs tasks and sends their measurements. */
import { open } from "../contestants/index.mjs"
import { tasks } from "./tasks.mjs"

const [id, origin, wire] = process.argv.slice(2)

process.on("disconnect", () => process.exit())

const readResponse = await open(id, origin, wire)

process.on("message", async ({ task, options }) => {
  try {
    process.send({ result: await tasks[task](readResponse, options) })
  } catch (error) {
    process.send({ error: String(error?.stack ?? error).slice(0, 1000) })
  }
})
process.send({ result: "ready" })
