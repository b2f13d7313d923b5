import { Layer, Effect } from 'effect';
import { TokenCounter, RunningCount, isPlainTalk, countRequest, ValidationError } from '../chunks/core.js';

/** Exact counts for OpenAI's models, with the encodings of the optional package `gpt-tokenizer`. */
/**
 * The encodings by what a model's id begins with, the first that fits; as in
 * https://github.com/openai/tiktoken/blob/main/tiktoken/model.py, where the newer models are known by gpt-tokenizer.
 * A `-` or the end of the id must follow.
 */
const encodings = [
    [/^(?:ft:)?(?:chatgpt-4o|gpt-4o|gpt-4\.[15]|gpt-oss|o[134])(?:-|:|$)/, "o200k_base"],
    [/^gpt-5(?:\.\d)?(?:-|$)/, "o200k_base"],
    [/^(?:ft:)?(?:gpt-4|gpt-3\.5-turbo)(?:-|:|$)/, "cl100k_base"],
    [/^text-embedding-(?:3-(?:small|large)|ada-002)$/, "cl100k_base"]
];
/** Those whose framing of messages OpenAI has told, and measured to be so; newer ones are a token or two off. */
const isFramingKnown = (id) => /^(?:gpt-4o|gpt-4\.1|gpt-4|gpt-3\.5-turbo)(?:-mini|-nano|-turbo)?(?:-\d[\d-]*)?$/.test(id);
// Whoever serves it, a model of OpenAI's keeps its name and its encoding: groq/openai/gpt-oss-20b.
const idOf = (model) => model.slice(model.lastIndexOf("/") + 1);
/** Names the encoding of a model such as `openai/gpt-4o-mini`; `undefined` for a model that is not OpenAI's. */
const encodingOf = (model) => {
    const id = idOf(model);
    return encodings.find(([beginning]) => beginning.test(id))?.[1];
};
const modules = {
    o200k_base: () => import('gpt-tokenizer/encoding/o200k_base'),
    cl100k_base: () => import('gpt-tokenizer/encoding/cl100k_base')
};
// What looks like a special token in a message is text, as it is to the API.
const plain = { allowedSpecial: /*@__PURE__*/ new Set(), disallowedSpecial: /*@__PURE__*/ new Set() };
const load = (encoding, model) => Effect.tryPromise({
    try: () => modules[encoding](),
    catch: () => new ValidationError({
        provider: "",
        model,
        message: "exact counts need the package gpt-tokenizer; install it beside llm-connectivity"
    })
}).pipe(Effect.map(({ countTokens }) => (text) => countTokens(text, plain)));
const withMeasure = (model, exactly, otherwise) => {
    const encoding = encodingOf(model);
    return encoding === undefined ? otherwise : Effect.map(load(encoding, model), exactly);
};
/** Counts with an exact encoding where there is one, and by estimate where there is none. */
const service = {
    count: (content, model) => withMeasure(model, (measure) => typeof content === "string"
        ? new RunningCount(measure, true).add(content)
        : {
            tokens: countRequest(content, measure),
            isExact: isFramingKnown(idOf(model)) && isPlainTalk(content)
        }, TokenCounter.approximate.count(content, model)),
    running: (model) => withMeasure(model, (measure) => new RunningCount(measure, true), TokenCounter.approximate.running(model))
};
/**
 * Exact counts for OpenAI's models. An encoding (1 to 2 MB) is loaded when a model first needs it, from the optional
 * package `gpt-tokenizer`; where that is missing, counting fails with a `ValidationError`. Texts are exact; requests are
 * where OpenAI has told how it frames messages: text alone, to its GPT-3.5 and GPT-4 families. Other models are
 * estimated as without this layer.
 */
const OpenAITokens = {
    /** Serves `TokenCounter`. */
    layer: /*@__PURE__*/ Layer.succeed(TokenCounter, service),
    service,
    encodingOf
};

export { OpenAITokens };
//# sourceMappingURL=tokens.js.map
