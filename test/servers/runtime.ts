/** The client of all routes, made once. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { LLMClient } from "llm-connectivity"

export const runtime = ManagedRuntime.make(
  LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(FetchHttpClient.layer))
)
