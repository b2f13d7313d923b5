/**
 * OpenAI's API over an Anthropic model. Run it with `npx tsx examples/02-provider-switching/gateway.ts`: it prints what
 * the official OpenAI client reads from it, and what Anthropic's server gets.
 */
import { createServer } from "node:http"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient } from "llm-connectivity"
import { Gateway, openAIRoutes } from "llm-connectivity/server"
import { Simulator } from "llm-connectivity/testing"
import OpenAI from "openai"
import { printError } from "../support/terminal.js"

const models = { fast: LLMClient.layer({ model: "anthropic/claude-haiku-4-5" }) }

const program = Effect.gen(function* () {
  yield* HttpServer.serveEffect(yield* openAIRoutes({ models, authorize: Gateway.allowAnyone }))
  const baseURL = yield* HttpServer.addressFormattedWith((address) => Effect.succeed(`${address}/v1`))
  const client = new OpenAI({ baseURL, apiKey: "any" })
  const messages = [{ role: "user" as const, content: "What is the capital of Portugal?" }]
  yield* Effect.promise(async () => {
    const stream = await client.chat.completions.create({ model: "fast", messages, stream: true })
    for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? "\n")
  })
  const [request] = yield* Simulator.requests
  yield* Console.log(`${request?.protocol} got: ${JSON.stringify(request?.body)}`)
})

program.pipe(
  Effect.scoped,
  Effect.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
  Effect.provide([Simulator.layerConfig({ pace: 0 }), FetchHttpClient.layer]),
  Effect.catchAll(printError),
  NodeRuntime.runMain
)
