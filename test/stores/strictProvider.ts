/** A provider on loopback that rejects whatever is beyond its limit, and records when requests arrived. */
import { createServer, type ServerResponse } from "node:http"
import { Effect, type Scope } from "effect"

/** How it counts: requests in any window, or tokens of a bucket that refills continuously. */
export type Limit =
  | { readonly type: "window"; readonly limit: number; readonly millis: number }
  | { readonly type: "bucket"; readonly capacity: number; readonly perSecond: number }

/** A provider that runs. */
export interface StrictProvider {
  readonly baseUrl: string
  /** Each request, and when it arrived: in milliseconds on the clock of the machine, which Redis has, too. */
  readonly arrivals: () => ReadonlyArray<{ readonly at: number; readonly key: string; readonly status: number }>
}

const answer = (usage: object) => ({
  id: "r",
  object: "chat.completion",
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  usage
})

/** Decides for each request in turn, by its time in milliseconds. */
export const admission = (limit: Limit | undefined): ((now: number) => boolean) => {
  if (limit === undefined) return () => true
  if (limit.type === "bucket") {
    let [level, at] = [limit.capacity, 0]
    return (now) => {
      level = Math.min(limit.capacity, level + ((now - at) / 1000) * limit.perSecond)
      at = now
      if (level < 1) return false
      level -= 1
      return true
    }
  }
  const recent: Array<number> = []
  return (now) => {
    while (recent[0] !== undefined && recent[0] <= now - limit.millis) recent.shift()
    if (recent.length >= limit.limit) return false
    recent.push(now)
    return true
  }
}

const send = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

/** Starts one; each answer takes a few milliseconds. */
export const strictProvider = (
  limit: Limit | undefined,
  { usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 }, millis = 5 } = {}
): Effect.Effect<StrictProvider, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly provider: StrictProvider; readonly close: () => void }>((resume) => {
      const arrivals: Array<{ readonly at: number; readonly key: string; readonly status: number }> = []
      const admits = admission(limit)
      const server = createServer((request, response) => {
        const at = performance.timeOrigin + performance.now()
        const status = admits(at) ? 200 : 429
        arrivals.push({ at, key: request.headers.authorization ?? "", status })
        request.resume()
        request.on("end", () => {
          if (status === 429) send(response, 429, { error: { message: "Rate limit reached", type: "requests" } })
          else setTimeout(() => send(response, 200, answer(usage)), millis)
        })
      })
      server.keepAliveTimeout = 60_000
      server.listen(0, "127.0.0.1", 4096, () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        const provider = { baseUrl: `http://127.0.0.1:${port}/v1`, arrivals: () => arrivals }
        const close = () => {
          server.closeAllConnections()
          server.close()
        }
        resume(Effect.succeed({ provider, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ provider }) => provider))

/** The most times in any window. */
export const mostInWindow = (times: ReadonlyArray<number>, millis: number): number => {
  let [most, first] = [0, 0]
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? time) <= time - millis) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}
