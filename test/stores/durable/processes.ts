/** Processes of durable work, and a provider that counts its requests and ends with the scope. */
import { createServer } from "node:http"
import { Effect } from "effect"
import type { Environment } from "../processes.js"

export { compile, runner } from "../processes.js"

/** A provider that answers each prompt with its own text in capitals after some milliseconds. */
export const countingProvider = (delayMillis: number) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{ environment: Environment; requestTimes: ReadonlyArray<number>; close: () => void }>((resolve) => {
          const requestTimes: Array<number> = []
          const server = createServer(async (request, response) => {
            requestTimes.push(performance.now())
            let body = ""
            for await (const part of request) body += part
            const { messages } = JSON.parse(body)
            const message = { role: "assistant", content: String(messages[0].content).toUpperCase() }
            const answer = { id: "1", model: "gpt-4o-mini", choices: [{ index: 0, message, finish_reason: "stop" }] }
            setTimeout(
              () => response.setHeader("content-type", "application/json").end(JSON.stringify(answer)),
              delayMillis
            )
          })
          server.listen(0, "127.0.0.1", () => {
            const address = server.address()
            const port = typeof address === "object" && address !== null ? address.port : 0
            resolve({
              environment: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` },
              requestTimes,
              close: () => {
                server.closeAllConnections()
                server.close()
              }
            })
          })
        })
    ),
    ({ close }) => Effect.sync(close)
  )
