/**
 * A custom OpenAI-compatible provider. Run it with `npx tsx examples/02-provider-switching/own-vendor.ts`: it prints
 * the response and the request body. The server is the simulator; use your own base URL instead.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { LLMClient, OpenAICompatible } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { printError } from "../support/terminal.js"

const acme = Effect.map(Simulator, ({ baseUrls, apiKey }) => {
  const { tag, layer } = OpenAICompatible.make({
    name: "acme",
    baseUrl: baseUrls.openai,
    apiKey,
    maxTokensField: "max_tokens",
    unsupported: ["files"]
  })
  return LLMClient.fromProvider(tag, { model: "acme-large" }).pipe(Layer.provide(layer))
})

const program = Effect.gen(function* () {
  const response = yield* LLMClient.chat({ messages: [{ role: "user", content: "Say hello" }], maxTokens: 20 })
  yield* Console.log(`${response.provider}/${response.model}: ${response.content}`)
  const [request] = yield* Simulator.requests
  yield* Console.log(`sent: ${JSON.stringify(request?.body)}`)
})

program.pipe(
  Effect.provide(Layer.unwrapEffect(acme)),
  Effect.provide([Simulator.layer(), FetchHttpClient.layer]),
  Effect.catchAll(printError),
  NodeRuntime.runMain
)
