/** Exact counts for OpenAI's models, with the encodings of the optional package `gpt-tokenizer`. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type LLMError, ValidationError } from "../domain/LLMError.js"
import type { ModelId } from "../domain/ModelId.js"
import { countRequest, isTextOnly, RunningCount } from "./countTokens.js"
import { TokenCounter, type TokenCounterService } from "./TokenCounter.js"

/** The encodings of OpenAI's chat and embedding models. */
export type EncodingName = "o200k_base" | "cl100k_base"

/**
 * The encodings by the prefix of the model id; the first match applies. Source:
 * https://github.com/openai/tiktoken/blob/main/tiktoken/model.py, and gpt-tokenizer for newer models. A `-` or the end of the id must follow.
 */
const encodings: ReadonlyArray<readonly [beginning: RegExp, encoding: EncodingName]> = [
  [/^(?:ft:)?(?:chatgpt-4o|gpt-4o|gpt-4\.[15]|gpt-oss|o[134])(?:-|:|$)/, "o200k_base"],
  [/^gpt-5(?:\.\d)?(?:-|$)/, "o200k_base"],
  [/^(?:ft:)?(?:gpt-4|gpt-3\.5-turbo)(?:-|:|$)/, "cl100k_base"],
  [/^text-embedding-(?:3-(?:small|large)|ada-002)$/, "cl100k_base"]
]

/** Whether OpenAI documents how the model frames messages. Newer models differ by one or two tokens. */
const isFramingKnown = (id: string): boolean =>
  /^(?:gpt-4o|gpt-4\.1|gpt-4|gpt-3\.5-turbo)(?:-mini|-nano|-turbo)?(?:-\d[\d-]*)?$/.test(id)

// Other providers serve OpenAI's models under the same name and encoding: groq/openai/gpt-oss-20b.
const idOf = (model: string): string => model.slice(model.lastIndexOf("/") + 1)

/** Names the encoding of a model such as `openai/gpt-4o-mini`; `undefined` for a model that is not OpenAI's. */
const encodingOf = (model: ModelId): EncodingName | undefined => {
  const id = idOf(model)
  return encodings.find(([beginning]) => beginning.test(id))?.[1]
}

type Measure = (text: string) => number

const modules = {
  o200k_base: () => import("gpt-tokenizer/encoding/o200k_base"),
  cl100k_base: () => import("gpt-tokenizer/encoding/cl100k_base")
} as const

// The API treats special tokens in messages as text.
const plain = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() }

const load = (encoding: EncodingName, model: ModelId): Effect.Effect<Measure, ValidationError> =>
  Effect.tryPromise({
    try: () => modules[encoding](),
    catch: () =>
      new ValidationError({
        provider: "",
        model,
        message:
          "the package gpt-tokenizer, which exact counts require, could not be loaded; install it with npm install gpt-tokenizer"
      })
  }).pipe(
    Effect.map(
      ({ countTokens }) =>
        (text) =>
          countTokens(text, plain)
    )
  )

const withMeasure = <A>(
  model: ModelId,
  exactly: (measure: Measure) => A,
  otherwise: Effect.Effect<A, LLMError>
): Effect.Effect<A, LLMError> => {
  const encoding = encodingOf(model)
  return encoding === undefined ? otherwise : Effect.map(load(encoding, model), exactly)
}

/** Counts with an exact encoding if the model has one, and otherwise estimates. */
const service: TokenCounterService = {
  count: (content, model) =>
    withMeasure(
      model,
      (measure) =>
        typeof content === "string"
          ? new RunningCount(measure, true).add(content)
          : {
              tokens: countRequest(content, measure),
              isExact: isFramingKnown(idOf(model)) && isTextOnly(content)
            },
      TokenCounter.approximate.count(content, model)
    ),
  running: (model) =>
    withMeasure(model, (measure) => new RunningCount(measure, true), TokenCounter.approximate.running(model))
}

/**
 * Exact counts for OpenAI's models. An encoding (1 to 2 MB) is loaded when a model first needs it, from the optional
 * package `gpt-tokenizer`; if it is missing, counting fails with a `ValidationError`. Counts of texts are exact.
 * Counts of requests are exact where OpenAI documents the framing of messages: text only, for GPT-3.5 and GPT-4 models.
 * Other models are estimated as without this layer.
 */
export const OpenAITokens = {
  /** Provides `TokenCounter`. */
  layer: Layer.succeed(TokenCounter, service),
  service,
  encodingOf
} as const
