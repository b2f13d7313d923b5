/** Scripted responses, for tests without a network and on `TestClock`. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { LLMClient } from "../client/LLMClient.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { Pull } from "../domain/ChatStream.js"
import { isLLMError, type LLMError, ProviderError } from "../domain/LLMError.js"
import { StreamChunk } from "../domain/StreamChunk.js"
import { toolNames as anthropicToolNames } from "../protocol/anthropic-messages/toolNames.js"
import { make as makeJsonSchema } from "../protocol/effectJsonSchema.js"
import { toolNames as googleToolNames } from "../protocol/google-gemini/toolNames.js"
import type { ToolNames } from "../protocol/Protocol.js"
import { checkRequest, type RuleOptions, type SchemaWriter } from "../provider/engine/prepareRequest.js"
import { Provider, providerNameOf } from "../provider/Provider.js"

/** One step of a response: text, any chunk (omitted fields are empty), a pause, or the failure that ends it. */
export type MockStep =
  | string
  | Partial<StreamChunk>
  | {
      /** How long nothing arrives, on Effect's `Clock`. */
      readonly pause: Duration.DurationInput
    }
  | LLMError

/**
 * One response: its steps, or only its text or failure. If no step has a finish reason, the response ends with `stop`, or
 * with `tool_calls` where it calls a tool.
 */
export type MockResponse = string | LLMError | ReadonlyArray<MockStep>

/** The responses in the order of the requests, or a function of the request and its index, from 0. */
export type MockResponses = ReadonlyArray<MockResponse> | ((request: ChatRequest, index: number) => MockResponse)

/** What a test can read of the mock. */
export interface MockLLMService {
  /** The requests so far, in order. */
  readonly requests: Effect.Effect<ReadonlyArray<ChatRequest>>
}

/**
 * Serves scripted responses, and records the requests. A request that real providers reject by its form (a tool of a wrong
 * name, a `toolChoice` without its tool, a result without its call) is a `ValidationError` here, too.
 *
 * ```ts
 * const mock = MockLLM.layer([["Hello", " there"], "Again"])
 * collect(LLMClient.chatStream({ messages })).pipe(Effect.provide(mock))
 * ```
 */
export class MockLLM extends Context.Tag("llm-connectivity/MockLLM")<MockLLM, MockLLMService>() {
  /** The requests that the mock in context has received, in order. */
  static readonly requests: Effect.Effect<ReadonlyArray<ChatRequest>, never, MockLLM> = Effect.flatMap(
    MockLLM,
    (mock) => mock.requests
  )

  /** Serves `LLMClient` with scripted responses and without retries: the program sees each scripted failure. */
  static readonly layer = (responses: MockResponses): Layer.Layer<LLMClient | MockLLM> => {
    const provider = MockLLM.provider(MockProvider, responses)
    return LLMClient.fromProvider(MockProvider, { model: "mock", policies: [] }).pipe(Layer.provideMerge(provider))
  }

  /** Serves one provider's tag, such as `OpenAI`, with scripted responses; policies act on it as on the real one. */
  static readonly provider = <Id>(
    tag: Context.Tag<Id, Provider>,
    responses: MockResponses
  ): Layer.Layer<Id | MockLLM> =>
    Layer.effectContext(
      Effect.sync(() => {
        const seen: Array<ChatRequest> = []
        const provider = make(providerNameOf(tag), responses, seen)
        const mock = MockLLM.of({ requests: Effect.sync(() => [...seen]) })
        return Context.make(tag, provider).pipe(Context.add(MockLLM, mock))
      })
    )
}

class MockProvider extends Context.Tag("llm-connectivity/MockLLM/Provider")<MockProvider, Provider>() {
  static readonly providerName = "mock"
}

const make = (name: string, responses: MockResponses, seen: Array<ChatRequest>): Provider =>
  Provider.make({
    name,
    open: (request) =>
      Effect.flatMap(checkRequest(request, rulesOf(request, name)), (checked) => {
        const index = seen.push(checked) - 1
        const response = typeof responses === "function" ? responses(checked, index) : responses[index]
        const origin = { provider: name, model: checked.model ?? "mock" }
        return response === undefined ? Effect.fail(exhausted(origin, index)) : Effect.succeed(play(response, origin))
      })
  })

/** The rules of the provider that is mocked; by default those that tools fit everywhere with. */
const rulesOf = (request: ChatRequest, provider: string): RuleOptions => ({
  provider,
  toolNames: toolNames[provider],
  ownOptions: Object.assign({}, ...Object.values(request?.providerOptions ?? {})),
  writeSchema
})

const toolNames: { readonly [provider: string]: ToolNames } = { anthropic: anthropicToolNames, google: googleToolNames }

// Loading the code on the first call, as real providers do, would take real time on a `TestClock`.
const writeSchema: SchemaWriter = (schema, where) => Effect.suspend(() => makeJsonSchema(schema, where))

type Origin = NonNullable<StreamChunk["origin"]>

/** Gives one step per pull. */
const play = (response: MockResponse, origin: Origin): Pull => {
  const steps = [...stepsOf(response)]
  const pull: Pull = Effect.suspend(() => {
    const step = steps.shift()
    if (step === undefined) return Effect.succeed([])
    if (typeof step === "string") return Effect.succeed([StreamChunk.make({ content: step })])
    if (isLLMError(step)) return Effect.fail(step)
    if (!isChunk(step)) return Effect.zipRight(Effect.sleep(step.pause), pull)
    return Effect.succeed([StreamChunk.make((step.finishReason ?? null) === null ? step : { origin, ...step })])
  })
  return pull
}

const stepsOf = (response: MockResponse): ReadonlyArray<MockStep> => {
  const steps = isList(response) ? response : [response]
  const chunks = steps.filter(isChunk)
  const callsTool = chunks.some((chunk) => (chunk.toolCalls ?? []).length > 0)
  const ends = steps.some((step) => isLLMError(step) || (isChunk(step) && (step.finishReason ?? null) !== null))
  return ends ? steps : [...steps, { finishReason: callsTool ? "tool_calls" : "stop" }]
}

const isList = (response: MockResponse): response is ReadonlyArray<MockStep> => Array.isArray(response)

const isChunk = (step: MockStep): step is Partial<StreamChunk> =>
  typeof step === "object" && !isLLMError(step) && !("pause" in step)

const exhausted = (origin: Origin, index: number): ProviderError =>
  new ProviderError({
    ...origin,
    message: `MockLLM has no response for request ${index + 1}; give it one more, or a function`
  })
