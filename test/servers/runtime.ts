/** The client of all routes, made once. */
import { FetchHttpClient } from "@effect/platform"
import { Layer, ManagedRuntime } from "effect"
import { LLMClient } from "llm-connectivity"

export const runtime = ManagedRuntime.make(
  LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(FetchHttpClient.layer))
)
