/** The same translation by hand, without checks: `fetch`, split, `JSON.parse`, `JSON.stringify`, write. */
import { createServer } from "node:http"
import { reportCpu } from "./cpu.mjs"

const [origin] = process.argv.slice(2)

const headOf = (model) => ({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_750_000_000, model })

/** The chat completions event of an Anthropic event, or nothing. */
const translated = (event, head) => {
  const json = JSON.parse(event)
  if (json.type === "content_block_delta") return { ...head, choices: [choice({ content: json.delta.text }, null)] }
  if (json.type === "message_delta") return { ...head, choices: [choice({}, "stop")] }
  return undefined
}

const choice = (delta, finish_reason) => ({ index: 0, delta, logprobs: null, finish_reason })

const proxy = async (request, response) => {
  const parts = []
  for await (const part of request) parts.push(part)
  const { model, messages } = JSON.parse(Buffer.concat(parts).toString())
  const upstream = await fetch(`${origin}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "key", "anthropic-version": "2023-06-01" },
    body: JSON.stringify({ model, messages, max_tokens: 1000, stream: true })
  })
  response.writeHead(200, { "content-type": "text/event-stream" })
  const head = headOf(model)
  const decoder = new TextDecoder()
  let rest = ""
  for await (const bytes of upstream.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n")
    rest = lines.pop() ?? ""
    let text = ""
    for (const line of lines) {
      const chunk = line.startsWith("data: ") ? translated(line.slice("data: ".length), head) : undefined
      if (chunk !== undefined) text += `data: ${JSON.stringify(chunk)}\n\n`
    }
    if (text !== "" && !response.write(text)) await new Promise((resolve) => response.once("drain", resolve))
  }
  response.end("data: [DONE]\n\n")
}

const server = createServer((request, response) => {
  proxy(request, response).catch(() => response.destroy())
})
server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => {
  reportCpu(`http://127.0.0.1:${server.address().port}`)
})
