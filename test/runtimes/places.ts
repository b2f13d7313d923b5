/** What depends on the place: how it imports, what it lets through, whether it can serve. */
import { FetchHttpClient } from "@effect/platform"
import { ConfigProvider, Effect, Layer, Stream } from "effect"
import { collect, LLMClient, OpenAI } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { answer, type Check, on, onEach, openai, type Place, same, sampleRequest } from "./Check.js"
import type { Address } from "./Simulation.js"

const isPage = (place: Place): boolean => place.isPage
const isProcess = (place: Place): boolean => !place.isPage

const imports: Check = {
  title: "imports every subpath of the package",
  isFor: isProcess,
  run: ({ subpaths }) =>
    Effect.forEach(subpaths, (subpath) =>
      Effect.tryPromise({
        try: () => import(`llm-connectivity${subpath.slice(1)}`),
        catch: (cause) => new Error(`${subpath}: ${cause}`)
      })
    )
}

const withEnvironment = ({ apiKey, baseUrls }: Address) =>
  Layer.setConfigProvider(
    ConfigProvider.fromMap(
      new Map([
        ["ANTHROPIC_API_KEY", apiKey],
        ["ANTHROPIC_BASE_URL", baseUrls.anthropic],
        ["GROQ_API_KEY", apiKey],
        ["GROQ_BASE_URL", baseUrls.openai]
      ])
    )
  )

const byName = (model: string, address: Address) =>
  LLMClient.layer({ model, policies: [] }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(withEnvironment(address))
  )

const chosen: Check = {
  title: "finds the provider, the key and the price of a model string",
  isFor: isProcess,
  run: () =>
    Effect.forEach(["anthropic/claude-sonnet-4-5", "groq/llama-3.3-70b-versatile"], (model) =>
      on({}, (opened) =>
        Effect.gen(function* () {
          const response = yield* LLMClient.chat(sampleRequest).pipe(Effect.provide(byName(model, opened)))
          yield* same("the text", response.content, answer)
          yield* same("the model", `${response.provider}/${response.model}`, model)
          yield* same("whether it has a price", response.cost !== null, true)
        })
      )
    )
}

const refused: Check = {
  title: "refuses a key in a page unless dangerouslyAllowBrowser is set",
  isFor: isPage,
  run: () =>
    on({}, (opened) =>
      Effect.gen(function* () {
        const named = Layer.launch(byName("anthropic/claude-sonnet-4-5", opened))
        const made = Layer.launch(Layer.provide(OpenAI.layer({ apiKey: opened.apiKey }), FetchHttpClient.layer))
        for (const launched of [named, made]) {
          const error = yield* Effect.flip(launched)
          yield* same("the failure", error._tag, "ValidationError")
          yield* same("what it names", `${error}`.includes("dangerouslyAllowBrowser"), true)
        }
        yield* same("the number of requests", (yield* opened.requests).length, 0)
      })
    )
}

/** What the providers' own clients send from a page, so that the providers allow it, and what every page may send. */
const expected = [
  "authorization",
  "content-type",
  "x-api-key",
  "x-goog-api-key",
  "anthropic-version",
  "anthropic-dangerous-direct-browser-access"
]

// Of the connection, or set by the runtime itself, which no page has to ask for.
const own =
  /^(?:host|connection|content-length|transfer-encoding|accept|accept-.*|user-agent|origin|referer|sec-.*|dnt|cache-control|pragma|priority)$/

const headers: Check = {
  title: "sends no header that a provider might not allow a page",
  run: () =>
    onEach({}, (protocol, opened) =>
      Effect.gen(function* () {
        yield* Effect.provide(collect(LLMClient.chatStream(sampleRequest)), protocol.client(opened))
        const [request] = yield* opened.requests
        const names = Object.keys(request?.headers ?? {}).filter((name) => !own.test(name))
        yield* same(
          "what it should not send",
          names.filter((name) => !expected.includes(name)),
          []
        )
      })
    )
}

const serves: Check = {
  title: "runs the Simulator itself",
  isFor: isProcess,
  run: () =>
    Effect.gen(function* () {
      const { content } = yield* collect(LLMClient.chatStream(sampleRequest)).pipe(
        Effect.provide(
          LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [] }).pipe(
            Layer.provide(FetchHttpClient.layer),
            Layer.provide(Simulator.layerConfig({ pace: 0 }))
          )
        )
      )
      yield* same("the text", content, answer)
    })
}

const through = (name: string, layer: "layer" | "layerUndici"): Check => ({
  title: `streams through ${name}, and closes its connection`,
  // Bun puts an `undici` of its own in the place of the package, which lacks what the platform's client calls.
  isFor: (place) => isProcess(place) && (layer === "layer" || !("Bun" in globalThis)),
  run: () =>
    on({ script: [{}, { fault: { type: "stall", afterChunks: 3 } }] }, (opened) =>
      Effect.gen(function* () {
        // Only here, as a page could not.
        const clients = yield* Effect.promise(() => import("@effect/platform-node/NodeHttpClient"))
        const client = openai.client(opened, { http: clients[layer] })
        const stream = LLMClient.chatStream(sampleRequest)
        const { content } = yield* Effect.provide(collect(stream), client)
        yield* same("the text", content, answer)
        yield* Effect.provide(Stream.runDrain(Stream.take(stream, 1)), client)
        const closers = (yield* opened.requests).map(({ closedBy }) => closedBy)
        yield* same("who closed", closers, ["server", "caller"])
      })
    )
})

/** All of them. */
export const places: ReadonlyArray<Check> = [
  imports,
  chosen,
  refused,
  headers,
  through("Node's own HTTP client", "layer"),
  through("Undici", "layerUndici"),
  serves
]
