/** Exact counts for OpenAI's models, with the encodings of the optional package `gpt-tokenizer`. */
import { Effect, Layer } from "effect"
import { type LLMError, ValidationError } from "../domain/LLMError.js"
import type { ModelId } from "../domain/ModelId.js"
import { countRequest, isTextOnly, RunningCount } from "./countTokens.js"
import { TokenCounter, type TokenCounterService } from "./TokenCounter.js"

/** The encodings of OpenAI's chat and embedding models. */
export type EncodingName = "o200k_base" | "cl100k_base"

/**
 * The encodings by what a model's id begins with, the first that fits; as in
 * https://github.com/openai/tiktoken/blob/main/tiktoken/model.py, where the newer models are known by gpt-tokenizer.
 * A `-` or the end of the id must follow.
 */
const encodings: ReadonlyArray<readonly [beginning: RegExp, encoding: EncodingName]> = [
  [/^(?:ft:)?(?:chatgpt-4o|gpt-4o|gpt-4\.[15]|gpt-oss|o[134])(?:-|:|$)/, "o200k_base"],
  [/^gpt-5(?:\.\d)?(?:-|$)/, "o200k_base"],
  [/^(?:ft:)?(?:gpt-4|gpt-3\.5-turbo)(?:-|:|$)/, "cl100k_base"],
  [/^text-embedding-(?:3-(?:small|large)|ada-002)$/, "cl100k_base"]
]

/** Those whose framing of messages OpenAI has told, and measured to be so; newer ones are a token or two off. */
const isFramingKnown = (id: string): boolean =>
  /^(?:gpt-4o|gpt-4\.1|gpt-4|gpt-3\.5-turbo)(?:-mini|-nano|-turbo)?(?:-\d[\d-]*)?$/.test(id)

// Whoever serves it, a model of OpenAI's keeps its name and its encoding: groq/openai/gpt-oss-20b.
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

// What looks like a special token in a message is text, as it is to the API.
const plain = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() }

const load = (encoding: EncodingName, model: ModelId): Effect.Effect<Measure, ValidationError> =>
  Effect.tryPromise({
    try: () => modules[encoding](),
    catch: () =>
      new ValidationError({
        provider: "",
        model,
        message: "exact counts need the package gpt-tokenizer; install it beside llm-connectivity"
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

/** Counts with an exact encoding where there is one, and by estimate where there is none. */
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
 * package `gpt-tokenizer`; where that is missing, counting fails with a `ValidationError`. Texts are exact; requests are
 * where OpenAI has told how it frames messages: text alone, to its GPT-3.5 and GPT-4 protocols. Other models are
 * estimated as without this layer.
 */
export const OpenAITokens = {
  /** Serves `TokenCounter`. */
  layer: Layer.succeed(TokenCounter, service),
  service,
  encodingOf
} as const
