/** A gateway over Anthropic and Gemini models, with a Simulator as the provider, and the official client in front. */
import { FetchHttpClient, HttpRouter, HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { LLMClient } from "llm-connectivity"
import { type Authorize, Gateway, type OpenAIRoutesOptions, openAIRoutes } from "llm-connectivity/server"
import { Simulator, type SimulatorOptions } from "llm-connectivity/testing"
import OpenAI from "openai"
import { closingServer } from "./closingServer.js"

const models = {
  claude: LLMClient.layer({ model: "anthropic/claude-sonnet-4-5", policies: [] }),
  gemini: LLMClient.layer({ model: "google/gemini-2.5-flash", policies: [] }),
  vectors: LLMClient.layer({ model: "openai/text-embedding-3-small", policies: [] })
}

const authorize: Authorize = (token) =>
  Effect.succeed(Redacted.value(token) === "key-of-ada" ? { name: "ada" } : undefined)

/** Serves until the scope closes. */
export const gateway = (options: Partial<OpenAIRoutesOptions<typeof models>> = {}) =>
  Effect.gen(function* () {
    const routes = yield* openAIRoutes({ models, authorize, ...options })
    yield* HttpServer.serveEffect(HttpRouter.empty.pipe(HttpRouter.concat(routes)))
    const url = yield* HttpServer.addressWith((address) =>
      Effect.succeed(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : address.path)
    )
    const client = new OpenAI({ apiKey: "key-of-ada", baseURL: `${url}/v1`, maxRetries: 0 })
    return { url, client }
  })

/** What a gateway needs: a server on loopback and a Simulator. */
export const withSimulator = (options: SimulatorOptions = {}) =>
  Effect.provide(
    Layer.mergeAll(
      NodeHttpServer.layer(closingServer, { port: 0, host: "127.0.0.1" }),
      Simulator.layerConfig({ pace: 0, ...options }),
      FetchHttpClient.layer
    )
  )

/** Everybody on this machine. */
export const anyone = Gateway.allowAnyone
