/** A Cloudflare Worker, whose keys are in its bindings. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { LLMClient } from "llm-connectivity"
import { toEventResponse } from "llm-connectivity/server"

const clientOf = (env: object) =>
  LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(Layer.setConfigProvider(ConfigProvider.fromJson(env)))
  )

export default {
  fetch: async (request: Request, env: { readonly OPENAI_API_KEY: string }): Promise<Response> => {
    const body = await request.json().catch(() => undefined)
    const stream = LLMClient.chatStream({ messages: body?.messages })
    const response = toEventResponse(stream, { signal: request.signal })
    return Effect.runPromise(Effect.provide(response, clientOf(env)))
  }
}
