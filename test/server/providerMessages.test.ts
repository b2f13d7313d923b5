/** What pages get of failures: by default nothing that the provider says. */
import {
  FetchHttpClient,
  HttpRouter,
  HttpServerRequest,
  type HttpServerResponse,
  HttpServerResponse as Response
} from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Logger, Schema, type Scope } from "effect"
import { LLMClient } from "llm-connectivity"
import { RunStore, Runs } from "llm-connectivity/runs"
import { AGUI, respondWithEvents, runRoutes, toEventResponse, UIMessages } from "llm-connectivity/server"
import { Simulator } from "llm-connectivity/testing"

const stream = LLMClient.chatStream({ messages: [{ role: "user", content: "Hello" }] }, { policies: [] })

/** The organization that the simulated provider names, which is that of the server's key. */
const account = "org-loopback"

type Responding<R> = Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>
interface Shown {
  readonly providerMessages?: boolean
}

const input = { threadId: "t", runId: "r", threadMessages: [] }

const routesOf = (options: Shown) =>
  runRoutes({
    authorize: () => Effect.succeed("ada"),
    request: Schema.Struct({}),
    answer: () => stream,
    ...options
  })

/** The texts of the responses to starting a run, and to its status after that. */
const runOf = (options: Shown) =>
  Effect.gen(function* () {
    const app = HttpRouter.empty.pipe(HttpRouter.concat(routesOf(options)))
    const handle = (path: string, init: RequestInit) =>
      Effect.scoped(Effect.flatMap(Effect.orDie(app), textOf)).pipe(
        Effect.provideService(
          HttpServerRequest.HttpServerRequest,
          HttpServerRequest.fromWeb(new Request(`http://localhost${path}`, init))
        )
      )
    const body = { method: "POST", body: "{}", headers: { "content-type": "application/json" } }
    return `${yield* handle("/runs/0123456789abcdef0123", body)}${yield* handle("/runs/0123456789abcdef0123/status", {})}${yield* handle("/runs", {})}`
  }).pipe(Effect.provide(Layer.provide(Runs.layer({ grace: 0 }), RunStore.memory)))

const textOf = (response: HttpServerResponse.HttpServerResponse) =>
  Effect.promise(() => Response.toWeb(response).text())

const whole = <R>(response: Responding<R | Scope.Scope>) => Effect.scoped(Effect.flatMap(response, textOf))

const protocols = [
  ["respondWithEvents", (options: Shown) => whole(respondWithEvents(stream, options))],
  [
    "toEventResponse",
    (options: Shown) =>
      Effect.flatMap(toEventResponse(stream, options), (response) => Effect.promise(() => response.text()))
  ],
  ["UIMessages", (options: Shown) => whole(UIMessages.respond(stream, options))],
  ["AGUI", (options: Shown) => whole(AGUI.respond(stream, input, options))],
  ["runRoutes", runOf]
] as const

const limited = Simulator.layerConfig({
  pace: 0,
  script: () => ({ error: { kind: "rateLimit", retryAfter: "7 seconds" } })
})

const withClient = Effect.provide(
  LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(limited), Layer.provide(FetchHttpClient.layer))
)

const logging = (lines: Array<string>) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ message }) => void lines.push(String(message)))
  )

describe.each(protocols)("a failure by %s", (_, respond) => {
  it.live("says what to do, and nothing that the provider says, which the log has", () =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      const text = yield* Effect.provide(respond({}), logging(logged))
      expect(text).toContain("openai/gpt-4o-mini is rate limited; try again in 7s")
      expect(text).not.toMatch(new RegExp(`${account}|it says`))
      expect(logged.join("\n")).toContain(account)
    }).pipe(withClient)
  )

  it.live("says what the provider says where the server wants that", () =>
    Effect.gen(function* () {
      expect(yield* respond({ providerMessages: true })).toContain(account)
    }).pipe(withClient)
  )
})
