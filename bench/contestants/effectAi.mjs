/** Effect's AI packages, which use the Responses protocol, over the Fetch client. */
import { LanguageModel } from "@effect/ai"
import { OpenAiClient, OpenAiLanguageModel } from "@effect/ai-openai"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

/** @returns {import("./index.mjs").ReadResponse} */
export const open = (origin) => {
  const client = OpenAiClient.layer({ apiKey: Redacted.make("key"), apiUrl: `${origin}/v1` })
  const runtime = ManagedRuntime.make(
    OpenAiLanguageModel.layer({ model: "none" }).pipe(Layer.provide(client), Layer.provide(FetchHttpClient.layer))
  )
  return (plan, onDelta) =>
    runtime.runPromise(
      Stream.runForEachChunk(LanguageModel.streamText({ prompt: "Hi" }), (parts) => {
        for (const part of parts) if (part.type === "text-delta") onDelta()
        return Effect.void
      }).pipe(OpenAiLanguageModel.withConfigOverride({ model: plan }))
    )
}
