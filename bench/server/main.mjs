/**
 * The server for all contestants, in its own process. The requested model selects the response: `dense.10000` is 10,000
 * deltas in writes of 16 KiB, `single.500` is 500 with one per write, `paced.200.5` is 200 with one every 5 ms, and
 * `waiting.1` is one and then silence. The model of the README's program gets `dense.5`.
 */
import { createServer } from "node:http"
import { Bytes } from "./Bytes.mjs"
import { paces } from "./paces.mjs"

/** @type {ReadonlyArray<readonly [RegExp, import("./wires.mjs").Wire]>} */
const paths = [
  [/\/chat\/completions$/, "chat"],
  [/\/responses$/, "responses"],
  [/\/messages$/, "anthropic"],
  [/:streamGenerateContent/, "gemini"]
]

const bytesOf = new Map(paths.map(([, wire]) => [wire, new Bytes(wire)]))

const textOf = async (request) => {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}

const serve = async (request, response) => {
  const wire = paths.find(([path]) => path.test(request.url ?? ""))?.[1]
  const text = await textOf(request)
  const model = wire === "gemini" ? /models\/([^:]+):/.exec(request.url)?.[1] : JSON.parse(text || "{}").model
  const [pace, count, millis] = (model === "gpt-4o-mini" ? "dense.5" : String(model)).split(".")
  const bytes = wire && bytesOf.get(wire)
  const write = Object.hasOwn(paces, pace ?? "") ? paces[pace] : undefined
  if (bytes === undefined || write === undefined)
    return response.writeHead(404).end(`unknown path or model: ${request.url}`)
  response.writeHead(200, { "content-type": "text/event-stream" })
  write({ bytes, response, count: Number(count) }, Number(millis))
}

// The parent process has ended.
process.on("disconnect", () => process.exit())

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.destroy())
})
// Up to 1,000 connections at once, which stay open between rounds.
server.keepAliveTimeout = 120_000
server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => {
  process.send?.(`http://127.0.0.1:${server.address().port}`)
})
