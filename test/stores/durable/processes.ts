/** Processes of durable work, and a provider that counts its requests and ends with the scope. */
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import type { Environment } from "../processes.js"

export { compile, runner } from "../processes.js"

/** The path of a database in a folder that is deleted with the scope. */
export const temporaryFile = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "llm-durable-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
).pipe(Effect.map((folder) => join(folder, "work.db")))

/** A message of a chat completion request. */
interface RequestMessage {
  readonly role: string
  readonly content: unknown
}

/** Answers a prompt with its own text in capitals. */
const inCapitals = ([first]: ReadonlyArray<RequestMessage>): object => ({
  content: String(first?.content).toUpperCase()
})

/** A provider that answers after some milliseconds; `reply` gives the fields of its message. */
export const countingProvider = (delayMillis: number, reply = inCapitals) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{ environment: Environment; requestTimes: ReadonlyArray<number>; close: () => void }>((resolve) => {
          const requestTimes: Array<number> = []
          const server = createServer(async (request, response) => {
            requestTimes.push(performance.now())
            let body = ""
            for await (const part of request) body += part
            const message = { role: "assistant", content: null, ...reply(JSON.parse(body).messages) }
            const finish_reason = "tool_calls" in message ? "tool_calls" : "stop"
            const answer = { id: "1", model: "gpt-4o-mini", choices: [{ index: 0, message, finish_reason }] }
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
