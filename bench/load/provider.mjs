/** A provider on loopback that limits the rate or is down for a while, and counts its requests. */
import { createServer } from "node:http"

const answer = JSON.stringify({
  id: "r",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 }
})

const errorOf = (message) => JSON.stringify({ error: { message, type: "error", code: null, param: null } })

/** A token bucket. @returns {(now: number) => boolean} */
export const bucket = (capacity, perSecond) => {
  let level = capacity
  let at = 0
  return (now) => {
    level = Math.min(capacity, level + ((now - at) / 1000) * perSecond)
    at = now
    if (level < 1) return false
    level -= 1
    return true
  }
}

/**
 * Starts one. `statusAt` gives the status of a request that arrives now; an answer takes 5 ms.
 *
 * @param {(now: number) => number} statusAt
 */
export const provider = async (statusAt) => {
  const arrivals = []
  const server = createServer((request, response) => {
    const now = performance.now()
    const status = statusAt(now)
    arrivals.push(now)
    const send = (body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers })
      response.end(body)
    }
    request.resume().on("end", () => {
      if (status === 200) setTimeout(() => send(answer), 5)
      else if (status === 429) send(errorOf("Rate limit reached for requests"), { "retry-after": "1" })
      else send(errorOf("The server is overloaded"))
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise((resolve) => server.listen(0, "127.0.0.1", 4096, resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { baseUrl: `http://127.0.0.1:${server.address().port}/v1`, arrivals, close }
}
