/**
 * The other side of the checks, in a process of its own: opens a Simulator for each check and tells what that has read.
 * Prints its address once it listens, and serves the empty page in which a browser runs the program.
 */
import { createServer, type IncomingMessage } from "node:http"
import { Effect, Layer, ManagedRuntime, Scope } from "effect"
import { Simulator, type SimulatorOptions, type SimulatorService } from "llm-connectivity/testing"
import type { Address, SeenRequest } from "./Simulation.js"

const scope = Effect.runSync(Scope.make())
const { runPromise } = ManagedRuntime.make(Layer.empty)
const opened = new Map<string, SimulatorService>()

const open = (options: SimulatorOptions): Effect.Effect<Address> =>
  Effect.gen(function* () {
    const simulator = yield* Simulator.pipe(
      Effect.provide(yield* Scope.extend(Layer.build(Simulator.layer(options)), scope))
    )
    const { url, apiKey, baseUrls } = simulator
    opened.set(url, simulator)
    return { url, apiKey, baseUrls }
  })

const requestsOf = (url: string): Effect.Effect<ReadonlyArray<SeenRequest>> =>
  Effect.flatMap(opened.get(url)?.requests ?? Effect.succeed([]), (requests) =>
    Effect.forEach(requests, ({ path, headers, body, closed }) =>
      Effect.timeoutTo(closed, {
        duration: "5 seconds",
        onTimeout: () => ({ path, headers, body, closedBy: "nobody" as const, bytes: 0 }),
        onSuccess: ({ closedBy, bytes }) => ({ path, headers, body, closedBy, bytes })
      })
    )
  )

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const part of request) text += String(part)
  return text
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1")
  if (pathname === "/open") {
    response.end(JSON.stringify(await runPromise(open(JSON.parse(await textOf(request))))))
  } else if (pathname === "/requests") {
    response.end(JSON.stringify(await runPromise(requestsOf(searchParams.get("url") ?? ""))))
  } else {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>runtimes</title>")
  }
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object") process.stdout.write(`http://127.0.0.1:${address?.port}\n`)
})
