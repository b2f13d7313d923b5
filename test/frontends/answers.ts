/** What the scripted model answers to each question of the tests. */
import { type ChatRequest, NetworkError, RateLimitError } from "llm-connectivity"
import { MockLLM, type MockResponse } from "llm-connectivity/testing"
import { call } from "../support/toolCalls.js"

const about = { provider: "mock", model: "mock", message: "the model is busy; try again" }

const counted = (length: number, pause: number) => Array.from({ length }, (_, index) => [`${index} `, { pause }]).flat()

const answers: { readonly [question: string]: MockResponse | ((index: number) => MockResponse) } = {
  Hello: [
    { reasoning: "A greeting.", part: { index: 0, type: "reasoning", providerMetadata: { mock: { signature: "s" } } } },
    "Hello ",
    "there."
  ],
  "Who won?": [
    "Ulm won.",
    { sources: [{ url: "https://example.com/", title: "Example", range: { start: 0, end: 8 } }] },
    " Really."
  ],
  Count: counted(200, 20),
  // It lasts longer than the reload of a page.
  "Count to 20": counted(20, 200),
  "Fail at once": new RateLimitError({ ...about, reason: "RateLimit" }),
  "Fail later": ["Half an ", new NetworkError({ ...about, reason: "Server" })],
  "Fail once": (index) =>
    index === 0 ? ["Half an ", new NetworkError({ ...about, reason: "Server" })] : "A whole answer.",
  "Begin again": ["Half a wrong", call("remove", '{"id"', 0), { reset: true, content: "A right answer." }],
  "Remove 1 and 2": ["Removing.", call("remove", '{ "id": 1 }', 0), call("remove", { id: 2 }, 1)],
  "Where am I?": [call("place", {})]
}

const answerTo = ({ messages }: ChatRequest, index: number): MockResponse => {
  const last = messages.at(-1)
  if (last?.role === "tool")
    return `The tools say: ${messages.flatMap((each) => (each.role === "tool" ? [each.content] : [])).join(", ")}`
  const answer = answers[String(last?.content)] ?? "What?"
  return typeof answer === "function" ? answer(index) : answer
}

export const llm = MockLLM.layer(answerTo)
