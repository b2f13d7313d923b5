/** Answers that say what they are told, for tests without a network and on `TestClock`. */
import { Context, type Duration, Effect, identity, Layer, Stream } from "effect"
import { LLMClient } from "../client/LLMClient.js"
import { type ChatRequest, check } from "../domain/ChatRequest.js"
import { isLLMError, type LLMError, ProviderError } from "../domain/LLMError.js"
import { StreamChunk } from "../domain/StreamChunk.js"
import { collect } from "../output/Collect.js"
import { nameOf, type Provider } from "../provider/Provider.js"

/** One step of an answer: text to say, any chunk (what is left out is empty), a pause, or the failure that ends it. */
export type ScriptedStep =
  | string
  | Partial<StreamChunk>
  | {
      /** How long nothing comes, by Effect's `Clock`. */
      readonly pause: Duration.DurationInput
    }
  | LLMError

/**
 * One answer: its steps, or just its text or its failure. Without a finish reason of its own it ends with one: `stop`,
 * or `tool_calls` where it calls a tool.
 */
export type ScriptedAnswer = string | LLMError | ReadonlyArray<ScriptedStep>

/** The answers in the order of the requests, or a function that answers each request; its index counts from 0. */
export type ScriptedAnswers = ReadonlyArray<ScriptedAnswer> | ((request: ChatRequest, index: number) => ScriptedAnswer)

/** What a test can ask of mock answers. */
export interface ScriptedService {
  /** The requests seen so far, in their order. */
  readonly requests: Effect.Effect<ReadonlyArray<ChatRequest>>
}

/**
 * MockLLM answers, and the requests that they saw.
 *
 * ```ts
 * const answers = MockLLM.layer([["Hello", " there"], "Again"])
 * collect(LLMClient.chatStream({ messages })).pipe(Effect.provide(answers))
 * ```
 */
export class MockLLM extends Context.Tag("llm-connectivity/MockLLM")<MockLLM, ScriptedService>() {
  /** The requests that the mock provider in context has seen, in their order. */
  static readonly requests: Effect.Effect<ReadonlyArray<ChatRequest>, never, MockLLM> = Effect.flatMap(
    MockLLM,
    (mock) => mock.requests
  )

  /** Serves `LLMClient` with mock answers, and without retries: a mock failure is what the program sees. */
  static readonly layer = (answers: ScriptedAnswers): Layer.Layer<LLMClient | MockLLM> => {
    const provider = MockLLM.provider(ScriptedProvider, answers)
    return LLMClient.fromProvider(ScriptedProvider, { model: "mock", policy: identity }).pipe(
      Layer.provideMerge(provider)
    )
  }

  /** Serves one provider's tag, such as `OpenAI`, with mock answers; policies act on it as on the real one. */
  static readonly provider = <Id>(
    tag: Context.Tag<Id, Provider>,
    answers: ScriptedAnswers
  ): Layer.Layer<Id | MockLLM> =>
    Layer.effectContext(
      Effect.sync(() => {
        const seen: Array<ChatRequest> = []
        const provider = make(nameOf(tag), answers, seen)
        const mock = MockLLM.of({ requests: Effect.sync(() => [...seen]) })
        return Context.make(tag, provider).pipe(Context.add(MockLLM, mock))
      })
    )
}

class ScriptedProvider extends Context.Tag("llm-connectivity/MockLLM/Provider")<ScriptedProvider, Provider>() {}

const make = (name: string, answers: ScriptedAnswers, seen: Array<ChatRequest>): Provider => {
  const chatStream: Provider["chatStream"] = (request) =>
    Stream.unwrap(
      Effect.map(check(request, name), (checked) => {
        const index = seen.push(checked) - 1
        const answer = typeof answers === "function" ? answers(checked, index) : answers[index]
        const origin = { provider: name, model: checked.model ?? "mock" }
        return answer === undefined ? Stream.fail(exhausted(origin, index)) : play(answer, origin)
      })
    )
  return { name, chatStream, chat: (request, options) => collect(chatStream(request, options)) }
}

type Origin = NonNullable<StreamChunk["origin"]>

const play = (answer: ScriptedAnswer, origin: Origin): Stream.Stream<StreamChunk, LLMError> => {
  const steps: ReadonlyArray<ScriptedStep> = isList(answer) ? answer : [answer]
  const chunks = steps.filter(isChunk)
  const callsTool = chunks.some((chunk) => (chunk.toolCalls ?? []).length > 0)
  const ends = steps.some((step) => isLLMError(step) || (isChunk(step) && (step.finishReason ?? null) !== null))
  const ending: ReadonlyArray<ScriptedStep> = ends ? [] : [{ finishReason: callsTool ? "tool_calls" : "stop" }]
  return Stream.fromIterable([...steps, ...ending]).pipe(
    Stream.flatMap((step): Stream.Stream<StreamChunk, LLMError> => {
      if (typeof step === "string") return Stream.succeed(StreamChunk.make({ content: step }))
      if (isLLMError(step)) return Stream.fail(step)
      if (!isChunk(step)) return Stream.drain(Stream.fromEffect(Effect.sleep(step.pause)))
      return Stream.succeed(StreamChunk.make((step.finishReason ?? null) === null ? step : { origin, ...step }))
    })
  )
}

const isList = (answer: ScriptedAnswer): answer is ReadonlyArray<ScriptedStep> => Array.isArray(answer)

const isChunk = (step: ScriptedStep): step is Partial<StreamChunk> =>
  typeof step === "object" && !isLLMError(step) && !("pause" in step)

const exhausted = (origin: Origin, index: number): ProviderError =>
  new ProviderError({
    ...origin,
    message: `the script has no answer left for request ${index + 1}; give MockLLM one more, or a function`
  })
