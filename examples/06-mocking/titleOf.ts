/** The program under test, which gives a text its title. Run its tests with `npx vitest run examples/06-mocking`. */
import * as Effect from "effect/Effect"
import { LLMClient } from "llm-connectivity"

/** Requests a title. Returns `Untitled` if the provider is busy or unreachable. */
export const titleOf = (text: string) =>
  LLMClient.chat({
    messages: [
      { role: "system", content: "Give the text a title of at most five words." },
      { role: "user", content: text }
    ],
    maxTokens: 20
  }).pipe(
    Effect.map((response) => response.content.trim()),
    Effect.catchTag("RateLimitError", "NetworkError", () => Effect.succeed("Untitled"))
  )
