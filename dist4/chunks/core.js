import { Schema, Context, Effect, Stream, Channel, Chunk, Layer, Option, Either, ParseResult, Scope, Exit, ExecutionStrategy, Duration, Schedule, Random, FiberId, DefaultServices, Tracer, identity, Redacted, Runtime, Cause, ConfigError, Config } from 'effect';
import { createParser } from 'eventsource-parser';
import { HttpClient, FetchHttpClient, HttpClientRequest, Headers, HttpBody } from '@effect/platform';

/** Everything that can go wrong with a call to an LLM, named by what the caller can do about it. */
/** What every error tells; none holds a request, a header, a body, a prompt or a key. */
const common = {
    /** The provider that was asked, `""` when none had been chosen yet. */
    provider: Schema.String,
    /** The model that was asked, as the provider names it. */
    model: Schema.String,
    /** One line that says what happened and what to change. */
    message: Schema.String,
    /** The HTTP status, where there was a response. */
    status: /*@__PURE__*/ Schema.optionalWith(Schema.Number, { exact: true }),
    /** The provider's id of the request, to quote to its support. */
    requestId: /*@__PURE__*/ Schema.optionalWith(Schema.String, { exact: true }),
    /** How many requests had been made when it was given up. */
    attempts: /*@__PURE__*/ Schema.Number.pipe(Schema.propertySignature, /*@__PURE__*/ Schema.withConstructorDefault(() => 1))
};
const transient = {
    ...common,
    /** How long the provider asked to wait. */
    retryAfter: /*@__PURE__*/ Schema.optionalWith(Schema.DurationFromMillis, { exact: true }),
    /** False only where the provider forbids trying again. */
    retryable: /*@__PURE__*/ Schema.Boolean.pipe(Schema.propertySignature, /*@__PURE__*/ Schema.withConstructorDefault(() => true))
};
/** The provider refuses for now: too many requests, or too little capacity. Wait, or ask another model. */
class RateLimitError extends /*@__PURE__*/ /*@__PURE__*/ Schema.TaggedError()("RateLimitError", {
    ...transient,
    reason: /*@__PURE__*/ Schema.Literal("RateLimit", "Overloaded")
}) {
}
/** The way to the provider or back failed: no connection, a clock that ran out, a server in trouble, a cut answer. */
class NetworkError extends /*@__PURE__*/ /*@__PURE__*/ Schema.TaggedError()("NetworkError", {
    ...transient,
    reason: /*@__PURE__*/ Schema.Literal("Connection", "Timeout", "Server", "Truncated"),
    /** For a timeout, which clock ran out. */
    clock: /*@__PURE__*/ Schema.optionalWith(/*@__PURE__*/ Schema.Literal("headers", "firstContent", "idle", "total"), { exact: true })
}) {
}
/** The key is missing, wrong, or lacks a right. */
class AuthenticationError extends /*@__PURE__*/ /*@__PURE__*/ Schema.TaggedError()("AuthenticationError", common) {
}
/** The account is out of money or quota; time does not help. */
class InsufficientCreditsError extends /*@__PURE__*/ /*@__PURE__*/ Schema.TaggedError()("InsufficientCreditsError", common) {
}
/** The provider has no such model, or not for this account. */
class ModelNotFoundError extends /*@__PURE__*/ /*@__PURE__*/ Schema.TaggedError()("ModelNotFoundError", common) {
}
/** The prompt and the answer asked for do not fit the model; shorten the messages or lower `maxTokens`. */
class ContextWindowExceededError extends /*@__PURE__*/ /*@__PURE__*/ Schema.TaggedError()("ContextWindowExceededError", common) {
}
/** The request is wrong, by our own check or by the provider's; the message says what to change. */
class ValidationError extends /*@__PURE__*/ /*@__PURE__*/ Schema.TaggedError()("ValidationError", common) {
}
/** Anything else that the provider said, a malformed reply included. */
class ProviderError extends /*@__PURE__*/ /*@__PURE__*/ Schema.TaggedError()("ProviderError", common) {
}
/** Says whether trying the same request again can help. */
const isRetryable = (error) => {
    switch (error._tag) {
        case "RateLimitError":
        case "NetworkError":
            return error.retryable;
        case "AuthenticationError":
        case "InsufficientCreditsError":
        case "ModelNotFoundError":
        case "ContextWindowExceededError":
        case "ValidationError":
        case "ProviderError":
            return false;
        default:
            return error;
    }
};
/** Says whether a failure is one of the two that pass with time. */
const isTransient = (error) => error._tag === "RateLimitError" || error._tag === "NetworkError";
/** The schema of every failure, to send one to another process. */
const schema = /*@__PURE__*/ Schema.Union(RateLimitError, NetworkError, AuthenticationError, InsufficientCreditsError, ModelNotFoundError, ContextWindowExceededError, ValidationError, ProviderError);
const encode = /*@__PURE__*/ Schema.encodeSync(schema);
const decode = /*@__PURE__*/ Schema.decodeSync(schema);
const is = /*@__PURE__*/ Schema.is(schema);
/** Says whether a value is one of these failures. */
const isLLMError = (value) => is(value);
// Beside the errors rather than in them, so that no log, span or JSON prints an answer.
const partials = /*@__PURE__*/ new WeakMap();
/** Reads what had arrived before the failure, where a collecting helper kept it. */
const partial = (error) => partials.get(error);
/** Keeps what had arrived beside the failure. */
const keepPartial = (error, response) => {
    partials.set(error, response);
    return error;
};
/** Gives the same failure with the number of requests that were made. */
const withAttempts = (error, attempts) => {
    if (error.attempts === attempts)
        return error;
    const counted = decode({ ...encode(error), attempts });
    if (error.stack !== undefined)
        counted.stack = error.stack;
    const kept = partials.get(error);
    return kept === undefined ? counted : keepPartial(counted, kept);
};
/** What can be asked of any failure. */
const LLMError = { schema, isRetryable, isTransient, partial };

/** Schemas of the fields of a request, whose failures say what to write instead. */
/**
 * A schema that is made when it is first used. To build those of requests and messages takes longer than to load all of
 * our code, and a program that only reads answers needs none of them.
 */
const later = (make) => Schema.suspend(make);
/** A field that may be left out, or be `undefined`. */
const maybe = (schema) => Schema.optional(schema);
/** Replaces everything that a failed schema would report by one sentence, to stand behind the path of the field. */
const says = (message) => (schema) => schema.annotations({ message: () => ({ message, override: true }) });
/** A finite number within bounds, both included. */
const between = (low, high) => Schema.Finite.pipe(Schema.between(low, high), says(`must be a number from ${low} to ${high}`));
/** A whole number above 0. */
const positive$1 = () => Schema.Int.pipe(Schema.positive(), says("must be a whole number above 0"));
/** One of a few words. */
const oneOf = (...words) => Schema.Literal(...words).pipe(says(`must be one of ${words.join(", ")}`));

/** The turns of a conversation, as the caller writes them and as answers come back. */
/** The roles a message can have. */
const roles = ["system", "user", "assistant", "tool"];
/** The schema of a cache mark. */
const CacheMark = /*@__PURE__*/ later(() => oneOf("5m", "1h"));
const textPart = () => Schema.Struct({ type: Schema.Literal("text"), text: Schema.String, cache: maybe(CacheMark) });
/** `url` or `data`, not both and not neither: nobody could say which one is meant. */
const hasOneSource = (part) => (part.url === undefined) !== (part.data === undefined);
const imagePart = () => Schema.Struct({
    type: Schema.Literal("image"),
    url: maybe(Schema.String),
    data: maybe(Schema.String),
    mediaType: maybe(Schema.String),
    detail: maybe(oneOf("low", "high", "auto")),
    cache: maybe(CacheMark)
}).pipe(Schema.filter((part) => hasOneSource(part) && (part.data === undefined || part.mediaType !== undefined)));
const filePart = () => Schema.Struct({
    type: Schema.Literal("file"),
    url: maybe(Schema.String),
    data: maybe(Schema.String),
    mediaType: Schema.String,
    filename: maybe(Schema.String),
    cache: maybe(CacheMark)
}).pipe(Schema.filter(hasOneSource));
const text = () => Schema.Union(Schema.String, Schema.Array(textPart())).pipe(says('must be a text or a list of { type: "text", text }'));
const parts = () => Schema.Union(Schema.String, Schema.Array(Schema.Union(textPart(), imagePart(), filePart()))).pipe(says('must be a text or a list of parts: { type: "text", text }, { type: "image", url } or { type: "image", data, mediaType } ' +
    'with base64 data, { type: "file", data or url, mediaType }'));
/** The schema of a call that the model asks for. */
const ToolCall = /*@__PURE__*/ later(() => Schema.Struct({ id: Schema.String, name: Schema.String, arguments: Schema.String }));
/** The schema of opaque data. */
const ProviderData = /*@__PURE__*/ later(() => Schema.Struct({
    provider: Schema.String,
    data: Schema.Unknown,
    after: Schema.Struct({ reasoning: Schema.Number, content: Schema.Number, toolCalls: Schema.Number })
}));
/** The schema of the model's own turn. */
const AssistantMessage = /*@__PURE__*/ later(() => Schema.Struct({
    role: Schema.Literal("assistant"),
    content: text(),
    reasoning: maybe(Schema.String),
    toolCalls: maybe(Schema.Array(ToolCall)),
    providerData: maybe(Schema.Array(ProviderData))
}));
/** The schema of any turn. */
const Message = /*@__PURE__*/ later(() => Schema.Union(Schema.Struct({ role: Schema.Literal("system"), content: text() }), Schema.Struct({ role: Schema.Literal("user"), content: parts() }), AssistantMessage, Schema.Struct({ role: Schema.Literal("tool"), toolCallId: Schema.String, content: text() })));
/** Reads the text of a message's content, leaving out images and files. */
const textOf = (content) => typeof content === "string" ? content : content.map((part) => (part.type === "text" ? part.text : "")).join("");

// Without a safe place to cut for so long, a text is a single run of letters, signs or blanks. Encoders take quadratic
// time for one, so it is cut anyway, and then the count may be a few tokens off.
const longestRun = 300;
/** A count that grows with its text. */
class RunningCount {
    measure;
    isExact;
    settled = 0;
    tail = "";
    wasCut = false;
    /** `measure` counts a text from its beginning, exactly or (then also with fractions) by estimate. */
    constructor(measure, isExact) {
        this.measure = measure;
        this.isExact = isExact;
    }
    /** Appends text, and counts all of it so far. */
    add(text) {
        for (let at = 0; at < text.length; at += longestRun)
            this.append(text.slice(at, at + longestRun));
        return {
            tokens: Math.ceil(this.settled + this.measure(this.tail)),
            isExact: this.isExact && !this.wasCut
        };
    }
    append(text) {
        this.tail += text;
        const end = endOfWords(this.tail);
        if (end > 0)
            this.settle(end);
        if (this.tail.length <= longestRun)
            return;
        this.wasCut = true;
        this.settle(isPairSplitAt(this.tail, longestRun) ? longestRun - 1 : longestRun);
    }
    settle(end) {
        this.settled += this.measure(this.tail.slice(0, end));
        this.tail = this.tail.slice(end);
    }
}
/** Counts a text at once, in linear time. */
const countText = (text, measure) => new RunningCount(measure, false).add(text).tokens;
/**
 * The last place where a text can be cut without changing its tokens, whatever follows: where a letter or a digit is
 * followed by neither. Encodings first split text into words, each of which may begin with a blank or a sign but goes
 * on as long as there are letters (up to an apostrophe, as in "it's") or digits; no word looks at what is before it.
 */
const endOfWords = (text) => {
    for (let at = text.length - 1; at > 0; at--)
        if (isEndOfWord(text, at))
            return at;
    return 0;
};
const isEndOfWord = (text, at) => {
    const next = String.fromCodePoint(text.codePointAt(at) ?? 0);
    return /[\p{L}\p{N}]/u.test(text.charAt(at - 1)) && /[^\p{L}\p{N}\p{M}'’\uDC00-\uDFFF]/u.test(next);
};
const isPairSplitAt = (text, at) => /[\uD800-\uDBFF]/.test(text.charAt(at - 1));

/** Counts a request as the prompt that it is: its texts, and what has tokens without being text. */
// As OpenAI frames messages, with one token for the role: https://github.com/openai/openai-cookbook (examples,
// How_to_count_tokens_with_tiktoken). Others differ by a token or two a message.
const tokensPerMessage = 4;
const tokensPerReply = 3;
// Images take from 85 tokens to some 1,600 by size and provider, a page of a PDF from 250 to 3,000.
const tokensPerImage = 1000;
const tokensPerFile = 2000;
/** Counts a request with a measure of texts. */
const countRequest = (request, measure) => {
    const parts = partsOf(request);
    const texts = [...request.messages.flatMap(textsOfMessage), ...schemasOf(request)];
    return (texts.reduce((sum, text) => sum + countText(text, measure), 0) +
        request.messages.length * tokensPerMessage +
        tokensPerReply +
        parts.filter((part) => part.type === "image").length * tokensPerImage +
        parts.filter((part) => part.type === "file").length * tokensPerFile);
};
/** Says whether a request is nothing but what people and the model said, so that its framing is documented. */
const isPlainTalk = (request) => schemasOf(request).length === 0 &&
    request.messages.every((message) => typeof message.content === "string" &&
        message.role !== "tool" &&
        (message.role !== "assistant" || (message.toolCalls ?? []).length === 0));
const partsOf = (request) => request.messages.flatMap((message) => (typeof message.content === "string" ? [] : message.content));
/** Reasoning is left out: where it goes back to the provider at all, it is not counted again. */
const textsOfMessage = (message) => [
    textOf(message.content),
    ...(message.role === "assistant" ? (message.toolCalls ?? []).flatMap((call) => [call.name, call.arguments]) : [])
];
/** Tools and the schema of the answer, as JSON; providers write them in ways of their own. */
const schemasOf = ({ tools = [], responseFormat }) => [
    ...tools.map((tool) => `${tool.name} ${tool.description ?? ""} ${jsonOf(tool.parameters)}`),
    ...(responseFormat?.type === "json" && responseFormat.schema !== undefined ? [jsonOf(responseFormat.schema)] : [])
];
/** Of a schema from `effect/Schema` its type, so as not to make JSON Schema of it only to be counted. */
const jsonOf = (schema) => Schema.isSchema(schema) ? String(schema.ast) : JSON.stringify(schema);

/** Estimates tokens without any encoding: a text is split as encodings split it, and each kind of piece is weighed. */
// A word with the blank or sign before it, up to three digits, a run of signs with the line ends after it, line ends, and
// other blanks: so do OpenAI's newer encodings begin (https://github.com/openai/tiktoken, o200k_base).
const piece = /[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}{1,3}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;
const eastAsian = String.raw `\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}`;
// The parts of a word: camelCase is two, and scripts do not mix.
const part = /*@__PURE__*/ new RegExp(/*@__PURE__*/ [
    String.raw `\p{Lu}?(?:(?!\p{Lu})[\p{Script=Latin}\p{M}])+`,
    String.raw `(?:(?=\p{Lu})\p{Script=Latin})+`,
    `[${eastAsian}]+`,
    String.raw `(?:(?![\p{Script=Latin}${eastAsian}])[\p{L}\p{M}])+`
].join("|"), "gu");
const startsEastAsian = /*@__PURE__*/ new RegExp(`^[${eastAsian}]`, "u");
/**
 * Weighs a text in tokens of OpenAI's `o200k_base`. Measured against that encoding (test/catalogue/TokenCounter.test.ts)
 * it is within 10 % for English prose, source code, JSON, Markdown, HTML and tables of numbers, and within 25 % for some
 * twenty other languages, emoji and base64, where a quarter of the characters is off by up to 70 %. Older encodings take
 * more for what is not English, up to three times as much for Greek or Thai.
 */
const weigh = (text) => {
    let sum = 0;
    for (const [each] of text.matchAll(piece))
        sum += weighPiece(each.trim());
    return sum;
};
const weighPiece = (text) => {
    // Most words of most texts.
    if (/^[a-z]{1,6}$/.test(text))
        return 1;
    if (text === "" || /^\p{N}/u.test(text))
        return 1;
    if (!/\p{L}|\p{M}/u.test(text))
        return Math.max(1, weighSigns(text));
    const sign = /^[^\p{L}\p{M}]+/u.exec(text)?.[0] ?? "";
    let sum = weighSigns(sign);
    for (const [letters] of text.matchAll(part))
        sum += weighLetters(letters);
    return sum;
};
const weighSigns = (signs) => {
    let sum = 0;
    for (const sign of signs) {
        if (/\p{Extended_Pictographic}/u.test(sign))
            sum += 1.7;
        else if (/[\p{Regional_Indicator}\p{Emoji_Modifier}\u200d]/u.test(sign))
            sum += 1.5;
        else
            sum += sign > "\u007f" ? 1 : 0.4;
    }
    return sum;
};
const weighLetters = (letters) => {
    const { length } = letters;
    if (/^[a-z]{1,6}$/i.test(letters))
        return 1;
    if (/^\p{Lu}{2}/u.test(letters))
        return Math.max(1, length / 3.5);
    if (/^[A-Za-z]+$/.test(letters))
        return 1 + (length - 5) / 8;
    if (/^\p{Script=Latin}/u.test(letters))
        return Math.max(1, length / 3.2);
    if (startsEastAsian.test(letters))
        return length * 0.8;
    return Math.max(1, length / (/^\p{Script=Cyrillic}/u.test(letters) ? 3 : 2.5));
};

/** Counts tokens before a provider does: an estimate by default, and exactly where a layer brings the means. */
/** Estimates, without any data or network, the tokens of any model: see `weigh` for how far it may be off. */
const approximate = {
    count: (content) => Effect.sync(() => {
        const tokens = typeof content === "string" ? countText(content, weigh) : countRequest(content, weigh);
        return { tokens, isExact: false };
    }),
    running: () => Effect.sync(() => new RunningCount(weigh, false))
};
/**
 * Counts the answer as it streams, in linear time: each chunk comes with the count so far. With `counted` a progress
 * bar needs nothing else, and its last count is what the provider bills.
 */
const counting = (model) => (stream) => 
// One channel more between socket and reader, where `Stream.unwrap` and `Stream.map` would be two.
Stream.fromChannel(Channel.unwrap(Effect.gen(function* () {
    const { running } = yield* TokenCounter;
    const answer = new AnswerCount(yield* running(model), yield* running(model));
    return Channel.mapOut(Stream.toChannel(stream), Chunk.map(answer.add));
})));
/** The count of an answer: its text, and apart from it what each provider frames in its own way. */
class AnswerCount {
    content;
    rest;
    framed = 0;
    constructor(content, rest) {
        this.content = content;
        this.rest = rest;
    }
    add = (chunk) => {
        const { tokens, isExact } = this.content.add(chunk.content);
        const calls = chunk.toolCalls.map((delta) => `${delta.name ?? ""}${delta.arguments}`).join("");
        if (chunk.reasoning !== "" || calls !== "")
            this.framed = this.rest.add(`${chunk.reasoning}${calls}`).tokens;
        const isBilled = chunk.finishReason !== null && chunk.usage !== null;
        const counted = isBilled
            ? { tokens: chunk.usage.completionTokens, isExact: true }
            : { tokens: tokens + this.framed, isExact: isExact && this.framed === 0 };
        return { ...chunk, counted };
    };
}
/** The service that counts tokens. Without a layer it is `TokenCounter.approximate`, so that nothing requires it. */
const TokenCounter = /*@__PURE__*/ (() => (class TokenCounter extends /*@__PURE__*/ /*@__PURE__*/ Context.Reference()("llm-connectivity/TokenCounter", {
    defaultValue: () => approximate
}) {
    /** Estimates the tokens of any model, without data or network; never fails, and is never exact. */
    static approximate = approximate;
    /** Counts a text or a request with the counter in context. */
    static count = (content, model) => Effect.flatMap(TokenCounter, (counter) => counter.count(content, model));
    /** Adds to each chunk of a stream how many tokens the answer has so far, in linear time. */
    static counting = counting;
}))();

/** The models that we know, found by exact id: what is not listed is unknown, whatever its name looks like. */
/** Makes a catalogue; of two facts with the same id the later one counts, and an id counts before any alias. */
const make$7 = (models, date) => {
    const byName = new Map();
    for (const facts of models)
        for (const alias of facts.aliases ?? [])
            byName.set(nameOf$1(facts.provider, alias), facts);
    for (const facts of models)
        byName.set(nameOf$1(facts.provider, facts.model), facts);
    return { models, date, find: (provider, model) => Option.fromNullable(byName.get(nameOf$1(provider, model))) };
};
// Google's own name of a model is a path, of which its API takes and answers the last part alone as well.
const nameOf$1 = (provider, model) => `${provider}/${provider === "google" ? model.replace(/^models\//, "") : model}`;
const snapshot = /*@__PURE__*/ Effect.map(/*@__PURE__*/ Effect.promise(() => import('./snapshot.js')), ({ models, date }) => make$7(models, date));
/** The service that knows prices, limits and abilities of models. */
const Catalogue = /*@__PURE__*/ (() => (class Catalogue extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/Catalogue")() {
    /** Makes a catalogue of one's own; of two facts with the same id the later one counts. */
    static make = make$7;
    /** Loads the list that comes with the library: a snapshot of models.dev. */
    static snapshot = snapshot;
    /** Serves the list that comes with the library, which is loaded when the layer is built. */
    static layer = /*@__PURE__*/ Layer.effect(Catalogue, snapshot);
    /** Serves a list of one's own, and nothing else. */
    static layerOf = (models) => Layer.sync(Catalogue, () => make$7(models));
    /** Serves the list that comes with the library with facts of one's own, which count before it. */
    static layerWith = (models) => Layer.effect(Catalogue, Effect.map(snapshot, (listed) => make$7([...listed.models, ...models], listed.date)));
    /** Finds a model in the catalogue in context. */
    static find = (provider, model) => Effect.map(Catalogue, (catalogue) => catalogue.find(provider, model));
}))();

/** The one string that chooses a provider and a model. */
/** Splits a model string where its provider ends, known or not; a request's own model counts before that of the string. */
const split = (id, own) => {
    const slash = id.indexOf("/");
    return { provider: id.slice(0, Math.max(slash, 0)), model: own ?? id.slice(slash + 1) };
};
/** Takes a model string apart; `google/models/x` and `google/x` are the same. */
const parse = (id, knownProviders) => {
    const slash = id.indexOf("/");
    const provider = id.slice(0, Math.max(slash, 0));
    const model = id.slice(slash + 1).replace(provider === "google" ? /^models\// : /^$/, "");
    const known = knownProviders.join(", ");
    if (slash === -1)
        return wrong(id, `write "provider/model", for instance "openai/${id || "gpt-4o-mini"}" (providers: ${known})`);
    if (!knownProviders.includes(provider))
        return wrong(id, `no provider is called "${provider}"; known are: ${known}`);
    if (model === "")
        return wrong(id, `no model is named after "${provider}/"`);
    return Either.right({ provider, model });
};
const wrong = (id, what) => Either.left(new ValidationError({ provider: "", model: id, message: `the model string "${id}" is wrong: ${what}` }));

/** How many tokens an answer took, in one view whoever the provider is. */
/** The schema of token counts. */
const Usage = /*@__PURE__*/ later(() => Schema.Struct({
    promptTokens: Schema.Number,
    completionTokens: Schema.Number,
    totalTokens: Schema.Number,
    cachedPromptTokens: Schema.Number,
    cacheWriteTokens: Schema.Number,
    cacheWriteHourTokens: Schema.optional(Schema.Number),
    reasoningTokens: Schema.Number
}));
/** Completes reported counts: the total is the sum of both sides, what is missing is 0. */
const make$6 = (reported) => ({
    promptTokens: reported.promptTokens,
    completionTokens: reported.completionTokens,
    totalTokens: reported.promptTokens + reported.completionTokens,
    cachedPromptTokens: reported.cachedPromptTokens ?? 0,
    cacheWriteTokens: reported.cacheWriteTokens ?? 0,
    ...(reported.cacheWriteHourTokens ? { cacheWriteHourTokens: reported.cacheWriteHourTokens } : {}),
    reasoningTokens: reported.reasoningTokens ?? 0
});

/** Which of the catalogue's models gave an answer. */
/**
 * Finds the model that the provider named, or else the one that was asked for where the provider only added a date to
 * it, as OpenAI does: the catalogue may not list that date yet, but what one asks for costs what its own entry says.
 */
const factsOf = (catalogue, answered) => Option.orElse(catalogue.find(answered.provider, answered.model), () => isDated(answered) ? catalogue.find(answered.provider, answered.asked ?? "") : Option.none());
/** Names the model for a sum: as the catalogue does, and without the date that the provider added to what was asked for. */
const nameOf = (catalogue, answered) => {
    const { provider, model, asked = model } = answered;
    const name = isDated(answered) ? asked : model;
    return Option.match(catalogue.find(provider, name), { onNone: () => name, onSome: (facts) => facts.model });
};
/** Says whether the provider named the model that was asked for, with nothing but a date added. */
const isDated = ({ model, asked = "" }) => asked !== "" && model.startsWith(asked) && /^-(?:\d{4}-\d\d-\d\d|\d{8})$/.test(model.slice(asked.length));

/**
 * What a usage costs in 10⁻¹⁵ dollars; `null` where a price is unknown or the counts contradict each other. The counts
 * are taken apart first, as a usage holds some inside others.
 */
const exactCost = (usage, facts) => {
    if (facts?.prices === undefined)
        return null;
    const classes = classesOf(usage, pricesAt(facts.prices, usage.promptTokens));
    return classes.every(isPriced) ? classes.reduce((sum, [tokens, price]) => sum + costOf(tokens, price), 0n) : null;
};
/** The prices of a prompt of so many tokens: those of the highest tier that it is longer than. */
const pricesAt = ({ tiers = [], ...base }, promptTokens) => tiers
    .filter((tier) => promptTokens > tier.above)
    .reduce((highest, tier) => (tier.above > highest.above ? tier : highest), { ...base, above: -1 });
/** The counts of a usage without overlap, each with its price. */
const classesOf = (usage, prices) => {
    const { cachedPromptTokens, cacheWriteTokens, cacheWriteHourTokens = 0, reasoningTokens } = usage;
    return [
        [usage.promptTokens - cachedPromptTokens - cacheWriteTokens, prices.input],
        [cachedPromptTokens, prices.cacheRead ?? prices.input],
        [cacheWriteTokens - cacheWriteHourTokens, prices.cacheWrite ?? prices.input],
        [cacheWriteHourTokens, prices.cacheWriteHour],
        [usage.completionTokens - reasoningTokens, prices.output],
        [reasoningTokens, prices.reasoning ?? prices.output]
    ];
};
const isPriced = ([tokens, price]) => Number.isSafeInteger(tokens) && tokens >= 0 && (tokens === 0 || (price !== undefined && price >= 0 && price < 1e6));
/** Dollars per million tokens, of which 9 decimals count, are as many 10⁻¹⁵ dollars per token. */
const costOf = (tokens, price = 0) => BigInt(tokens) * BigInt(Math.round(price * 1e9));
/** 10⁻¹⁵ dollars as dollars. Reading decimal digits rounds once and correctly, where dividing would round twice. */
const toDollars = (exact) => Number(`${exact}e-15`);
/** Dollars, of which 9 decimals count, as 10⁻¹⁵ dollars. */
const fromDollars = (dollars) => BigInt(Math.round(dollars * 1e9)) * 1000000n;

/** What a streamed answer has cost so far. */
/**
 * Adds to each chunk of a stream what the request has cost so far, in linear time: estimated from the prompt and the
 * text that has arrived until the provider says its own counts.
 */
const running = (request, model) => (stream) => Stream.fromChannel(Channel.unwrap(Effect.gen(function* () {
    const catalogue = yield* Catalogue;
    const asked = split(model, request.model);
    const prompt = yield* TokenCounter.count(request, `${asked.provider}/${asked.model}`);
    const facts = Option.getOrUndefined(catalogue.find(asked.provider, asked.model));
    const price = (chunk) => ({
        ...chunk,
        spent: spentAt(chunk, prompt, facts, catalogue)
    });
    return Channel.mapOut(Stream.toChannel(TokenCounter.counting(model)(stream)), Chunk.map(price));
})));
const spentAt = (chunk, prompt, facts, catalogue) => {
    const { usage, origin, counted } = chunk;
    if (chunk.finishReason !== null && usage !== null) {
        const answered = origin === undefined ? facts : Option.getOrUndefined(factsOf(catalogue, { ...origin, asked: facts?.model }));
        return { dollars: chunk.cost ?? dollars(usage, answered), isExact: true };
    }
    const known = usage ?? make$6({ promptTokens: prompt.tokens, completionTokens: 0 });
    // What the provider has said may be behind the text.
    const completionTokens = Math.max(known.completionTokens, counted.tokens);
    return { dollars: dollars(make$6({ ...known, completionTokens }), facts), isExact: false };
};
const dollars = (usage, facts) => {
    const cost = exactCost(usage, facts);
    return cost === null ? null : toDollars(cost);
};

/** What answers cost, in US dollars: exactly what the price list says, and nothing at all rather than a guess. */
/**
 * Sums what a usage costs in US dollars, correctly rounded; `null` where a price is unknown or the counts contradict
 * each other. The tokens of a prompt and an answer are those of a tier, all of them, where the prompt is longer than
 * its `above`. Prices are those of the provider's standard processing, of tokens alone: no searches, no storage.
 */
const of = (usage, facts) => {
    const cost = exactCost(usage, facts);
    return cost === null ? null : toDollars(cost);
};
/**
 * Prices answers by the models of a catalogue. Of an answer whose dated model is not listed, the price is that of the
 * model that was asked for, if the date is all that the provider added.
 */
const from = (catalogue) => (usage, answered) => of(usage, Option.getOrUndefined(factsOf(catalogue, answered)));
/**
 * Estimates what a request would cost with a model such as `openai/gpt-4o-mini`, whose own `model` counts before that
 * one's. It is as far off as the count of the prompt, which the `TokenCounter` in context makes; a prompt that the
 * provider has in its cache costs less, and one that it writes there more.
 */
const estimate = (request, model) => Effect.gen(function* () {
    const { find } = yield* Catalogue;
    const asked = split(model, request.model);
    const facts = Option.getOrUndefined(find(asked.provider, asked.model));
    const prompt = yield* TokenCounter.count(request, `${asked.provider}/${asked.model}`);
    const longest = request.maxTokens ?? facts?.limits?.output;
    const costWith = (completionTokens) => of(make$6({ promptTokens: prompt.tokens, completionTokens }), facts);
    return { prompt, least: costWith(0), most: longest === undefined ? null : costWith(longest) };
});

var Cost = /*#__PURE__*/Object.freeze({
  __proto__: null,
  estimate: estimate,
  from: from,
  of: of,
  running: running
});

/** Loads the provider that a model string names; who names none so bundles none. */
const load = (id) => Effect.flatMap(Effect.promise(() => import('./directory.js')), (directory) => directory.load(id));

/** Answers that fit a schema. */
/** Writes the request for JSON that fits a schema. */
const asking = (schema, request) => ({
    ...request,
    responseFormat: { type: "json", schema }
});
/** Makes the decoder of the answers to it. */
const decoder = (schema) => {
    const decode = Schema.decodeUnknown(Schema.parseJson(schema));
    return (response) => Effect.matchEffect(decode(response.content), {
        onSuccess: (object) => Effect.succeed({ ...response, object }),
        onFailure: (error) => Effect.fail(keepPartial(mismatch(response, error), response))
    });
};
/** Says where the answer does not fit, but not what stands there. */
const mismatch = (response, error) => {
    const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error);
    const path = issue?.path.map(String).join(".") ?? "";
    const where = path === "" ? "the answer as a whole" : path;
    const why = response.finishReason === "stop" ? "" : ` (it finished with ${response.finishReason})`;
    return new ProviderError({
        provider: response.provider,
        model: response.model,
        message: `${response.provider}/${response.model} gave an answer that does not fit the schema: ${where}${why}`
    });
};

/** Wraps the embeddings of a provider, where it has any. */
const mapEmbed = (embed, wrap) => embed && Object.assign(wrap(embed), { batchSize: embed.batchSize });

/** One step of an answer as it arrives: a plain object, so that it crosses process boundaries. */
/** The schema of a finish reason. */
const FinishReason = /*@__PURE__*/ Schema.Literal("stop", "length", "tool_calls", "content_filter", "other");
const ToolCallDelta = /*@__PURE__*/ Schema.Struct({
    index: Schema.Int,
    id: /*@__PURE__*/ Schema.optional(Schema.String),
    name: /*@__PURE__*/ Schema.optional(Schema.String),
    arguments: Schema.String
});
/** The schema of a chunk; `StreamChunk.make({ content: "Hi" })` fills in what is left out. */
const StreamChunk = /*@__PURE__*/ Schema.Struct({
    content: /*@__PURE__*/ Schema.String.pipe(Schema.propertySignature, /*@__PURE__*/ Schema.withConstructorDefault(() => "")),
    reasoning: /*@__PURE__*/ Schema.String.pipe(Schema.propertySignature, /*@__PURE__*/ Schema.withConstructorDefault(() => "")),
    toolCalls: /*@__PURE__*/ /*@__PURE__*/ Schema.Array(ToolCallDelta).pipe(Schema.propertySignature, /*@__PURE__*/ Schema.withConstructorDefault(() => [])),
    finishReason: /*@__PURE__*/ /*@__PURE__*/ Schema.NullOr(FinishReason).pipe(Schema.propertySignature, /*@__PURE__*/ Schema.withConstructorDefault(() => null)),
    usage: /*@__PURE__*/ /*@__PURE__*/ Schema.NullOr(Usage).pipe(Schema.propertySignature, /*@__PURE__*/ Schema.withConstructorDefault(() => null)),
    rawChunk: /*@__PURE__*/ Schema.Unknown.pipe(Schema.propertySignature, /*@__PURE__*/ Schema.withConstructorDefault(() => null)),
    providerData: /*@__PURE__*/ Schema.optional(Schema.Unknown),
    origin: /*@__PURE__*/ Schema.optional(/*@__PURE__*/ Schema.Struct({ provider: Schema.String, model: Schema.String })),
    cost: /*@__PURE__*/ Schema.optional(Schema.Number)
});
/** Says whether a chunk shows the reader anything: content, reasoning or a piece of a tool call. */
const hasOutput = (chunk) => chunk.content !== "" || chunk.reasoning !== "" || chunk.toolCalls.length > 0;

/**
 * Answers as streams that remember how they are pulled. Each channel between socket and reader costs 10 to 20 µs per
 * read, an effect around a pull less than one; so whatever stands around an answer (retries, fallbacks, observers) wraps
 * its pull, and the one channel is put around all of them at the end.
 */
const opens = /*@__PURE__*/ new WeakMap();
/** Makes the stream of an answer that is pulled. */
const make$5 = (open) => {
    const stream = Stream.fromChannel(Channel.acquireUseRelease(Scope.make(), (scope) => Channel.unwrap(Effect.map(Scope.extend(open, scope), channelOf)), (scope, exit) => Scope.close(scope, Exit.asVoid(exit))));
    opens.set(stream, open);
    return stream;
};
/** Says how a stream is pulled; one that was not made here keeps its own channels. */
const openOf = (stream) => opens.get(stream) ??
    Effect.map(Stream.toPull(stream), (pull) => Effect.matchEffect(pull, {
        onSuccess: (chunks) => Effect.succeed(Chunk.toReadonlyArray(chunks)),
        onFailure: Option.match({ onNone: () => Effect.succeed([]), onSome: (error) => Effect.fail(error) })
    }));
const channelOf = (pull) => {
    const loop = Channel.flatMap(Channel.fromEffect(pull), (chunks) => chunks.length === 0 ? Channel.void : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(chunks)), () => loop));
    return loop;
};

/** Takes up a stream that failed before it showed anything, so that nobody reads anything twice. */
/** Recovers a stream. Its recovery is made anew for each run, and asked at each failure. */
const recover = (stream, recovery) => make$5(Effect.map(Effect.all([recovery, Effect.scope]), ([{ early, late, complete = Effect.void }, scope]) => {
    let hasShown = false;
    const attempt = new Attempt(stream, scope);
    const pull = Effect.matchEffect(attempt.pull, {
        onSuccess: (chunks) => {
            hasShown ||= chunks.some(hasOutput);
            return chunks.length === 0 ? Effect.as(complete, chunks) : Effect.succeed(chunks);
        },
        onFailure: (error) => hasShown
            ? Effect.fail(late(error))
            : Effect.zipRight(attempt.close, Effect.flatMap(early(error), (next) => {
                attempt.restart(next);
                return pull;
            }))
    });
    return pull;
}));
/** The stream that is being read, in a scope of its own. */
class Attempt {
    scope;
    pulling;
    own;
    constructor(stream, scope) {
        this.scope = scope;
        this.pulling = this.begin(stream);
    }
    /** Reads on, beginning where that has not been done. */
    pull = Effect.suspend(() => this.pulling);
    /** Lets go of what the stream holds, its socket first of all. */
    close = Effect.suspend(() => this.own === undefined ? Effect.void : Scope.close(this.own, Exit.void));
    /** Reads another stream from now on. */
    restart(stream) {
        this.pulling = this.begin(stream);
    }
    begin(stream) {
        return Effect.gen(this, function* () {
            this.own = yield* Scope.fork(this.scope, ExecutionStrategy.sequential);
            this.pulling = yield* Scope.extend(openOf(stream), this.own);
            return yield* this.pulling;
        });
    }
}

/** Tries again what can pass with time, as long as nothing has been shown to the reader. */
/** Delays that grow by a factor up to a limit, so many times. */
const growing = (first, factor, most) => Schedule.exponential(first, factor).pipe(Schedule.modifyDelay((_, delay) => Duration.min(delay, most)), Schedule.intersect(Schedule.recurs(3)));
/**
 * Tries again after a failure that can pass, waiting for the longer of the schedule's delay and the provider's hint,
 * plus up to a quarter of it so that many callers do not come back at once. Stops at the first content, reasoning or
 * tool call, so that nobody reads anything twice. The error that is left says in `attempts` how many requests were made.
 */
const retry = (options = {}) => {
    const maxWait = Duration.decode(options.maxWait ?? "120 seconds");
    const rateLimit = polite(options.rateLimit ?? growing("1 second", 2, "120 seconds"), options.budget);
    const network = polite(options.network ?? growing("2 seconds", 1.5, "30 seconds"), options.budget);
    const attempts = Effect.sync(() => new Attempts(new Waits(rateLimit), new Waits(network), maxWait, options.budget));
    const retried = (effect) => Effect.flatMap(attempts, (state) => {
        const attempt = Effect.catchAll(effect, (error) => Effect.zipRight(state.waitOrFail(error), attempt));
        return Effect.tap(attempt, () => state.succeeded);
    });
    return (provider) => ({
        ...provider,
        chat: (request, options) => retried(provider.chat(request, options)),
        chatStream: (request, options) => {
            const stream = provider.chatStream(request, options);
            const recovery = Effect.map(attempts, (state) => ({
                early: (error) => Effect.as(state.waitOrFail(error), stream),
                late: (error) => state.count(error),
                complete: state.succeeded
            }));
            return recover(stream, recovery);
        },
        embed: mapEmbed(provider.embed, (embed) => (request, options) => retried(embed(request, options)))
    });
};
/** Waits at least as long as the provider asks and a little more, as long as the budget lasts. */
const polite = (schedule, budget) => Schedule.identity().pipe(Schedule.intersect(schedule), Schedule.check(() => budget?.take() ?? true), Schedule.modifyDelayEffect(([error], delay) => Effect.map(Random.next, (random) => Duration.times(Duration.max(delay, error.retryAfter ?? Duration.zero), 1 + random / 4))));
/** A schedule that is begun at the first failure, as most calls have none. */
class Waits {
    schedule;
    begun;
    constructor(schedule) {
        this.schedule = schedule;
    }
    /** Waits until it is time to try again; fails when the schedule is over. */
    next(error) {
        return Effect.gen(this, function* () {
            this.begun ??= yield* Schedule.driver(this.schedule);
            yield* this.begun.next(error);
        });
    }
}
/** The attempts of one call. */
class Attempts {
    rateLimits;
    networks;
    maxWait;
    budget;
    made = 1;
    constructor(rateLimits, networks, maxWait, budget) {
        this.rateLimits = rateLimits;
        this.networks = networks;
        this.maxWait = maxWait;
        this.budget = budget;
    }
    /** Notes that the call was answered. */
    succeeded = Effect.sync(() => this.budget?.refill());
    /** Puts the number of requests made into a failure. */
    count(error) {
        return withAttempts(error, this.made);
    }
    /** Waits until it is time to try again, or fails with the failure itself. */
    waitOrFail(error) {
        return Effect.suspend(() => {
            const giveUp = Effect.fail(this.count(error));
            if (!isRetryable(error) || !isTransient(error))
                return giveUp;
            if (Duration.greaterThan(error.retryAfter ?? Duration.zero, this.maxWait))
                return giveUp;
            this.made++;
            const annotated = Effect.annotateCurrentSpan("llm_connectivity.attempts", this.made);
            const wait = error._tag === "RateLimitError" ? this.rateLimits.next(error) : this.networks.next(error);
            return Effect.zipRight(Effect.catchAll(wait, () => giveUp), annotated);
        });
    }
}
/** What callers get who say nothing: retries with the defaults. */
const defaultPolicy = /*@__PURE__*/ retry();

/** How long to wait for a provider. */
/** Fills in the defaults. */
const limitsOf = (timeouts, isStream) => ({
    headers: Duration.toMillis(timeouts?.headers ?? "60 seconds"),
    firstContent: Duration.toMillis(timeouts?.firstContent ?? "120 seconds"),
    idle: Duration.toMillis(timeouts?.idle ?? "60 seconds"),
    total: Duration.toMillis(timeouts?.total ?? (isStream ? Number.POSITIVE_INFINITY : "10 minutes"))
});
/** Lets one set of clocks override another, clock by clock. */
const merge = (base, over) => ({
    headers: over?.headers ?? base?.headers,
    firstContent: over?.firstContent ?? base?.firstContent,
    idle: over?.idle ?? base?.idle,
    total: over?.total ?? base?.total
});

/** Watches one answer for those who want to know how it went: what it took, and the span that traces it. */
/** Watches a stream. */
const observeStream = (stream, observers) => make$5(Effect.flatMap(observers, (all) => {
    const open = openOf(stream);
    return all.length === 0 ? open : watched(open, all);
}));
const watched = (open, observers) => Effect.gen(function* () {
    const span = spanOf(observers);
    const within = (effect) => span === undefined ? effect : Effect.withParentSpan(effect, span);
    let failure;
    const failed = (error) => {
        failure = Exit.fail(error);
    };
    yield* Effect.addFinalizer((exit) => Effect.forEach(observers, (observer) => observer.onEnd(failure ?? withoutReaders(exit)), { discard: true }));
    const pull = yield* Effect.tapError(within(open), (error) => Effect.sync(() => failed(error)));
    return Effect.mapBoth(within(pull), {
        onSuccess: (chunks) => {
            for (const chunk of chunks)
                for (const observer of observers)
                    observer.onChunk(chunk);
            return chunks;
        },
        onFailure: (error) => {
            failed(error);
            return error;
        }
    });
});
/** How a run ended as far as we are concerned: why the reader stopped is the reader's affair, and not for our span. */
const withoutReaders = (exit) => Exit.isInterrupted(exit) ? Exit.interrupt(FiberId.none) : Exit.void;
const spanOf = (observers) => observers.find((observer) => observer.span !== undefined)?.span;
/** Watches a whole answer. */
const observeResponse = (response, observers) => Effect.flatMap(observers, (all) => {
    const span = spanOf(all);
    return all.length === 0
        ? response
        : (span === undefined ? response : Effect.withParentSpan(response, span)).pipe(Effect.tap((whole) => {
            for (const observer of all)
                observer.onResponse(whole);
        }), Effect.onExit((exit) => Effect.forEach(all, (observer) => observer.onEnd(exit), { discard: true })));
});

/** Reports what a call took, once, however it ends. */
/** Makes the observer of one call to a model. */
const usageObserver = (asked, onUsage) => {
    let origin = asked;
    let usage = null;
    let isExact = false;
    return {
        onChunk: (chunk) => {
            usage = chunk.usage ?? usage;
            if (chunk.finishReason === null)
                return;
            origin = chunk.origin ?? origin;
            isExact = chunk.usage !== null;
        },
        onResponse: (response) => {
            origin = { provider: response.provider, model: response.model };
            usage = response.usage;
            isExact = response.usage !== null;
        },
        onEnd: () => Effect.suspend(() => onUsage({ ...origin, usage, isExact }))
    };
};

/** Makes a client of one provider and one model. */
/** Serves a provider's model. */
const serve = (provider, options) => {
    const { model, policy = defaultPolicy } = options;
    const behaving = policy(provider);
    const answering = (call) => call?.policy === undefined ? behaving : call.policy(provider);
    const complete = (request) => request?.model === undefined ? { ...request, model } : request;
    const forCall = (call) => Effect.map(Effect.serviceOption(Catalogue), (inContext) => {
        const catalogue = Option.getOrElse(inContext, () => options.catalogue);
        return {
            timeouts: merge(options.timeouts, call?.timeouts),
            costOf: catalogue === undefined ? undefined : from(catalogue)
        };
    });
    const observers = (request, call) => observersOf(provider.name, request, { ...options, ...call });
    return {
        chat: (request, call) => {
            const completed = complete(request);
            const response = Effect.flatMap(forCall(call), (own) => answering(call).chat(completed, own));
            return observeResponse(response, observers(completed, call));
        },
        chatStream: (request, call) => {
            const completed = complete(request);
            const stream = make$5(Effect.flatMap(forCall(call), (own) => openOf(answering(call).chatStream(completed, own))));
            return observeStream(stream, observers(completed, call));
        },
        embed: (request, call) => Effect.flatMap(Effect.all([embedding, forCall(call)]), ([{ embedAll }, own]) => embedAll(answering(call), complete(request), { ...call, ...own }))
    };
};
// Loaded when they are used: who only chats, or traces nothing, bundles neither.
const embedding = /*@__PURE__*/ Effect.promise(() => import('./embedAll.js'));
const tracing = /*@__PURE__*/ Effect.promise(() => import('./spanObserver.js'));
// Effect always has a tracer; this one only keeps spans for nobody to read.
const silentTracer = /*@__PURE__*/ Context.get(DefaultServices.liveServices, Tracer.Tracer);
const observersOf = (provider, request, { onUsage, traceContent = false }) => Effect.suspend(() => {
    const asked = { provider, model: request?.model ?? "" };
    const usage = onUsage === undefined ? [] : [usageObserver(asked, onUsage)];
    return Effect.flatMap(Effect.tracer, (tracer) => tracer === silentTracer
        ? Effect.succeed(usage)
        : Effect.flatMap(tracing, ({ spanObserver }) => Effect.map(spanObserver(asked, request, traceContent), (span) => [span, ...usage])));
});

/** The service that applications depend on. */
const LLMClient = /*@__PURE__*/ (() => (class LLMClient extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/LLMClient")() {
    /**
     * Serves the model that a string names, with the key that the provider's variable holds. A missing key is a
     * `ConfigError`, a wrong model string a `ValidationError` that lists the known providers. Answers carry their `cost` by
     * the `Catalogue` in context, or else by the one that comes with the library, which is loaded here.
     */
    static layer = (options) => Layer.scoped(LLMClient, Effect.gen(function* () {
        const { provider, model } = yield* load(options.model);
        const catalogue = yield* Effect.flatMap(Effect.serviceOption(Catalogue), Option.match({ onNone: () => Catalogue.snapshot, onSome: Effect.succeed }));
        return serve(provider, { ...options, model, catalogue, policy: yield* policyOf$1(options.policy) });
    }));
    /** Serves one provider and bundles no other, nor prices: answers have a `cost` where a `Catalogue` is in context. */
    static fromProvider = (tag, options) => Layer.effect(LLMClient, Effect.gen(function* () {
        return serve(yield* tag, { ...options, policy: yield* policyOf$1(options.policy) });
    }));
    /** Asks the client in context for a whole answer in one piece. */
    static chat = (request, options) => Effect.flatMap(LLMClient, (client) => client.chat(request, options));
    /** Streams an answer of the client in context; it ends with one chunk that has a finish reason, or fails. */
    static chatStream = (request, options) => 
    // Not `Stream.unwrap`, which would put one more channel between the socket and every read.
    Stream.fromChannel(Channel.unwrap(Effect.map(LLMClient, (client) => Stream.toChannel(client.chatStream(request, options)))));
    /** Turns texts into vectors with the client in context. */
    static embed = (request, options) => Effect.flatMap(LLMClient, (client) => client.embed(request, options));
    /**
     * Asks for an answer that fits a schema, and decodes it. An answer that does not is a `ProviderError` that says where,
     * with the answer beside it: `LLMError.partial(error)`.
     */
    static chatObject = (schema, request, options) => Effect.flatMap(LLMClient.chat(asking(schema, request), options), decoder(schema));
}))();
/** One that holds state is an effect of a policy, to be run once. */
const policyOf$1 = (policy) => (Effect.isEffect(policy) ? policy : Effect.succeed(policy));

/** Says in one sentence, without quoting a value, what is wrong with a request. */
/** Makes the check of a request; an unknown field is an error too, as it would otherwise be dropped in silence. */
const validator = (schema) => {
    // Made at the first request: an import should not wait for it.
    let validate;
    return (request) => {
        validate ??= Schema.validateEither(schema, { onExcessProperty: "error" });
        return Either.mapLeft(validate(request), firstIssue);
    };
};
/** The error of a request that was not sent. */
const refused = (problem, provider, model) => new ValidationError({
    provider,
    model: typeof model === "string" ? model : "",
    message: `the request is wrong: ${problem}`
});
const firstIssue = (error) => {
    const issues = ParseResult.ArrayFormatter.formatErrorSync(error);
    const issue = issues.find((each) => each._tag !== "Forbidden") ?? issues[0];
    const path = issue === undefined ? "" : pathOf(issue.path);
    if (issue?._tag === "Unexpected")
        return `${path} is not a field of a request; is it misspelt?`;
    if (issue?._tag === "Missing")
        return `${path} is missing`;
    return `${path} ${withoutValue(issue?.message ?? "is not valid")}`;
};
const pathOf = (path) => path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`))
    .join("");
/** The formatter quotes what it found, which may be a prompt. */
const withoutValue = (message) => message.startsWith("Expected ")
    ? `must be ${message.slice("Expected ".length).replace(/, actual[\s\S]*$/, "")}`
    : message;

/** What an application asks of a model: plain data, so that it can be stored, compared and sent elsewhere. */
const isEffectSchema = () => Schema.declare((value) => Schema.isSchema(value));
const jsonObject$1 = () => Schema.Record({ key: Schema.String, value: Schema.Unknown }).pipe(says("must be an object"));
const anySchema = () => Schema.Union(isEffectSchema(), jsonObject$1()).pipe(says("must be a JSON Schema object or an effect/Schema"));
const tool = () => Schema.Struct({
    name: Schema.NonEmptyString.pipe(says("must be the name of a function")),
    description: maybe(Schema.String),
    parameters: anySchema(),
    cache: maybe(CacheMark)
});
const toolChoice = () => Schema.Union(Schema.Literal("auto", "none", "required"), Schema.Struct({ name: Schema.String })).pipe(says('must be "auto", "none", "required" or { name: "a tool\'s name" }'));
const responseFormat = () => Schema.Union(Schema.Struct({ type: Schema.Literal("text") }), Schema.Struct({ type: Schema.Literal("json"), schema: maybe(anySchema()), name: maybe(Schema.String) })).pipe(says('must be { type: "text" } or { type: "json", schema? }'));
const reasoning = () => Schema.Struct({
    effort: maybe(oneOf("none", "minimal", "low", "medium", "high", "xhigh")),
    budgetTokens: maybe(positive$1())
});
/** The schema of a request. */
const ChatRequest = /*@__PURE__*/ later(() => Schema.Struct({
    messages: Schema.Array(Message).pipe(Schema.filter((messages) => messages.length > 0 || 'is empty; give at least one, such as { role: "user", content: "Hello" }')),
    model: maybe(Schema.NonEmptyString.pipe(says("must be the provider's id of a model"))),
    maxTokens: maybe(positive$1()),
    temperature: maybe(between(0, 2)),
    topP: maybe(between(0, 1)),
    stop: maybe(Schema.Union(Schema.String, Schema.Array(Schema.String)).pipe(says("must be a text or a list of texts"))),
    seed: maybe(Schema.Int.pipe(says("must be a whole number"))),
    tools: maybe(Schema.Array(tool())),
    toolChoice: maybe(toolChoice()),
    responseFormat: maybe(responseFormat()),
    reasoning: maybe(reasoning()),
    providerOptions: maybe(Schema.Record({ key: Schema.String, value: jsonObject$1() }))
}));
const validate$1 = /*@__PURE__*/ validator(ChatRequest);
/** Checks a request on entry; the error names the field and says what to write instead, without quoting a value. */
const check = (request, provider) => Either.mapLeft(Either.flatMap(checkShape(request), () => validate$1(request)), (problem) => refused(problem, provider, request?.model));
// What the schema would report with every branch of a union, where a person wants to hear of one thing.
const checkShape = (request) => {
    if (typeof request !== "object" || request === null)
        return Either.left("it must be an object with messages");
    if (request.messages === undefined)
        return Either.left("messages is missing");
    if (!Array.isArray(request.messages))
        return Either.left("messages must be a list of { role, content }");
    const index = request.messages.findIndex((message) => !roles.includes(message?.role));
    return index === -1 ? Either.void : Either.left(`messages[${index}].role must be one of ${roles.join(", ")}`);
};

/** Texts as vectors: what is asked for, and what comes back. */
const jsonObject = () => Schema.Record({ key: Schema.String, value: Schema.Unknown });
/** The schema of a request. */
const EmbedRequest = /*@__PURE__*/ later(() => Schema.Struct({
    input: Schema.Union(Schema.NonEmptyString, Schema.Array(Schema.NonEmptyString).pipe(Schema.filter((texts) => texts.length > 0))).pipe(says("must be a text or a list of texts, none of them empty")),
    model: maybe(Schema.NonEmptyString.pipe(says("must be the provider's id of a model"))),
    dimensions: maybe(positive$1()),
    providerOptions: maybe(Schema.Record({ key: Schema.String, value: jsonObject() }))
}));
const validate = /*@__PURE__*/ validator(EmbedRequest);
/** Checks a request on entry. */
const checkEmbed = (request, provider) => Either.mapLeft(validate(request), (problem) => refused(problem, provider, request?.model));

/** The arguments that a model wrote for a tool. */
/**
 * Parses and decodes the arguments of a call. No key of theirs reaches a prototype: `__proto__` is left out. Arguments
 * that do not fit are a `ValidationError` that says where, to be told to the model as the tool's answer.
 */
const toolArguments = (call, schema) => Either.try(() => JSON.parse(call.arguments === "" ? "{}" : call.arguments, withoutPrototype)).pipe(Either.mapLeft(() => "are no JSON"), Either.flatMap((json) => Either.mapLeft(Schema.decodeUnknownEither(schema)(json), whereOf)), Either.mapLeft((problem) => new ValidationError({ provider: "", model: "", message: `the arguments of the tool ${call.name} ${problem}` })));
const withoutPrototype = (key, value) => (key === "__proto__" ? undefined : value);
const whereOf = (error) => {
    const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error);
    const path = issue?.path.map(String).join(".") ?? "";
    return path === "" ? "do not fit its schema" : `do not fit its schema at ${path}`;
};

/** Everything that chunks add up to; made new for each answer and then added to in place, once per chunk. */
class ChatFold {
    content = "";
    reasoning = "";
    calls = new Map();
    providerData = [];
    positions = [];
    usage = null;
    last;
    /** Adds one chunk. */
    add(chunk) {
        this.content += chunk.content;
        this.reasoning += chunk.reasoning;
        for (const delta of chunk.toolCalls)
            this.addToolCall(delta);
        if (chunk.usage !== null)
            this.usage = chunk.usage;
        if (chunk.providerData !== undefined) {
            this.providerData.push(chunk.providerData);
            this.positions.push({
                reasoning: this.reasoning.length,
                content: this.content.length,
                toolCalls: this.calls.size
            });
        }
        if (chunk.finishReason !== null)
            this.last = chunk;
    }
    addToolCall(delta) {
        const call = this.calls.get(delta.index);
        if (call === undefined) {
            this.calls.set(delta.index, { id: delta.id ?? "", name: delta.name ?? "", arguments: delta.arguments });
            return;
        }
        if (call.id === "")
            call.id = delta.id ?? "";
        if (call.name === "")
            call.name = delta.name ?? "";
        call.arguments += delta.arguments;
    }
    /** What has arrived so far. */
    partial() {
        return {
            content: this.content,
            reasoning: this.reasoning,
            toolCalls: Array.from(this.calls.values(), (call) => ({ ...call })),
            usage: this.usage
        };
    }
    /** The whole answer, or `undefined` while no chunk with a finish reason has arrived. */
    response() {
        if (this.last === undefined || this.last.finishReason === null)
            return undefined;
        const origin = this.last.origin ?? { provider: "", model: "" };
        return {
            ...this.partial(),
            finishReason: this.last.finishReason,
            cost: this.last.cost ?? null,
            ...origin,
            message: this.message(origin.provider),
            rawResponse: this.last.rawChunk
        };
    }
    message(provider) {
        const { content, reasoning, toolCalls } = this.partial();
        const providerData = this.positions.map((after, index) => ({ provider, data: this.providerData[index], after }));
        return {
            role: "assistant",
            content,
            ...(reasoning === "" ? {} : { reasoning }),
            ...(toolCalls.length === 0 ? {} : { toolCalls }),
            ...(providerData.length === 0 ? {} : { providerData })
        };
    }
}

/** Folds a stream into the answer that it adds up to. */
/**
 * Reads a stream to its end and gives the whole answer, in linear time. When the stream fails, what had arrived is kept
 * beside the failure: `LLMError.partial(error)`. A stream whose last chunk brings no cost is priced by the `Catalogue` in
 * context, if there is one.
 */
const collect = (stream) => Effect.suspend(() => {
    const fold = new ChatFold();
    return Stream.runForEachChunk(stream, (chunks) => Effect.sync(() => {
        for (const chunk of chunks)
            fold.add(chunk);
    })).pipe(Effect.flatMap(() => {
        const response = fold.response();
        return response === undefined ? cut : priced(response);
    }), Effect.mapError((error) => keepPartial(error, fold.partial())));
});
const priced = (response) => {
    const { cost, usage } = response;
    if (cost !== null || usage === null)
        return Effect.succeed(response);
    return Effect.map(Effect.serviceOption(Catalogue), Option.match({
        onNone: () => response,
        onSome: (catalogue) => ({ ...response, cost: from(catalogue)(usage, response) })
    }));
};
// A part of a stream (after `take`, say) is no answer.
const cut = /*@__PURE__*/ Effect.suspend(() => Effect.fail(new NetworkError({
    provider: "",
    model: "",
    reason: "Truncated",
    message: "the stream ended without a finish reason; collect the whole stream, not a part of it"
})));

/** Makes what a model wrote harmless to a terminal, which would obey control characters in it. */
// A sequence that never ends would otherwise swallow the rest of the answer.
const longestSequence = 4096;
/**
 * Takes text as it arrives and gives it without control characters and without escape sequences, also where a sequence
 * is split between two pieces. Line ends and tabs stay.
 */
class TerminalText {
    state = "text";
    length = 0;
    /** Takes the next piece. */
    push(piece) {
        let shown = "";
        for (const character of piece)
            if (this.shows(character))
                shown += character;
        return shown;
    }
    shows(character) {
        const code = character.codePointAt(0) ?? 0;
        if (this.state === "text")
            return this.showsText(code);
        this.length += 1;
        // In the order of ECMA-48: the second byte, a control sequence, and a string that BEL or ESC \ ends.
        if (this.state === "escape")
            this.state = afterEscape(character);
        else if (this.state === "sequence")
            this.state = code >= 0x40 && code <= 0x7e ? "text" : "sequence";
        else if (code === 0x07 || code === 0x9c)
            this.state = "text";
        else if (code === 0x1b)
            this.state = "escape";
        if (this.length > longestSequence)
            this.state = "text";
        return false;
    }
    showsText(code) {
        this.length = 0;
        if (code === 0x1b)
            this.state = "escape";
        else if (code === 0x9b)
            this.state = "sequence";
        else if (code === 0x90 || (code >= 0x9d && code <= 0x9f))
            this.state = "string";
        return code === 0x0a || code === 0x09 || (code >= 0x20 && code !== 0x7f && !(code >= 0x80 && code <= 0x9f));
    }
}
const afterEscape = (character) => {
    if (character === "[")
        return "sequence";
    if ("]PX^_".includes(character))
        return "string";
    // Intermediate characters, after which one more ends the sequence.
    return character >= " " && character <= "/" ? "escape" : "text";
};

/** Prints an answer as it arrives. */
/**
 * Prints the text of a stream to `process.stdout` (or elsewhere) as it passes: without what a terminal would obey where
 * it is one, as it is where it is piped.
 */
const printing = (to = globalThis.process.stdout) => (stream) => Stream.suspend(() => {
    const harmless = new TerminalText();
    return Stream.tap(stream, ({ content }) => Effect.sync(() => {
        if (content !== "")
            to.write(to.isTTY === true ? harmless.push(content) : content);
    }));
});
/** Prints a stream to its end. */
const print = (stream, to) => Stream.runDrain(printing(to)(stream));

const usual = [
    "RateLimitError",
    "NetworkError",
    "AuthenticationError",
    "InsufficientCreditsError",
    "ModelNotFoundError"
];
function fallback(next, options = {}) {
    return typeof next === "string"
        ? Effect.map(load(next), (loaded) => policyOf(loaded, options))
        : policyOf(next, options);
}
const policyOf = (next, { on = usual }) => (provider) => {
    const other = next.provider ?? provider;
    const applies = (error) => (typeof on === "function" ? on(error) : on.includes(error._tag));
    const countingBoth = (first) => (error) => withAttempts(error, first.attempts + error.attempts);
    return {
        ...provider,
        chat: (request, options) => Effect.catchIf(provider.chat(request, options), applies, (error) => Effect.mapError(other.chat(changed(next, request), options), countingBoth(error))),
        chatStream: (request, options) => recover(provider.chatStream(request, options), Effect.sync(() => {
            let first;
            const late = (error) => (first === undefined ? error : countingBoth(first)(error));
            const early = (error) => {
                if (first !== undefined || !applies(error))
                    return Effect.fail(late(error));
                first = error;
                return Effect.succeed(other.chatStream(changed(next, request), options));
            };
            return { early, late };
        }))
    };
};
const changed = ({ model, change = identity }, request) => change(model === undefined ? request : { ...request, model });

/** A bound on the retries of many calls together. */
/** Makes a budget to give to `retry({ budget })`; when it is empty, failures come at once. */
const retryBudget = ({ capacity = 10, refill = 0.1 } = {}) => Effect.sync(() => {
    let left = capacity;
    return {
        take: () => {
            if (left < 1)
                return false;
            left -= 1;
            return true;
        },
        refill: () => {
            left = Math.min(capacity, left + refill);
        }
    };
});

/** Sums of money by provider and model, with what is held for requests under way; exact, and plain data inside. */
/** The sums. Every method is one step that nothing can come between. */
class Ledger {
    accounts = new Map();
    limits;
    constructor({ total, providers = {}, models = {} }) {
        this.limits = new Map([
            ...(total === undefined ? [] : [[everything, total]]),
            ...Object.entries(providers),
            ...Object.entries(models)
        ]);
    }
    /** Whether any budget applies. */
    isLimited(payer) {
        return namesOf(payer).some((name) => this.limits.has(name));
    }
    /** Holds money for a request, unless that could break a budget: then it says which. */
    hold(payer, amount) {
        for (const name of namesOf(payer)) {
            const budget = this.limits.get(name);
            const { spent, held } = this.account(name);
            if (budget !== undefined && spent + held + amount > fromDollars(budget)) {
                return { of: name, budget, spent: toDollars(spent), held: toDollars(held) };
            }
        }
        for (const name of namesOf(payer))
            this.account(name).held += amount;
        return undefined;
    }
    /** Lets go of what was held, and adds what the request has cost whoever answered it. */
    settle(held, answered, bill) {
        for (const name of namesOf(held))
            this.account(name).held -= held.amount;
        for (const name of namesOf(answered)) {
            const account = this.account(name);
            account.requests++;
            if (bill.cost === null)
                account.unpriced++;
            else
                account.spent += bill.cost;
            if (bill.cost !== null && !bill.isExact)
                account.estimated++;
        }
    }
    /** All sums. */
    summary() {
        const names = Array.from(this.accounts.keys()).filter((name) => this.account(name).requests > 0);
        const pick = (isPicked) => Object.fromEntries(names.filter(isPicked).map((name) => [name, spentOf(this.account(name))]));
        return {
            total: spentOf(this.account(everything)),
            providers: pick((name) => name !== everything && !name.includes("/")),
            models: pick((name) => name.includes("/"))
        };
    }
    account(name) {
        const account = this.accounts.get(name) ?? { spent: 0n, held: 0n, requests: 0, estimated: 0, unpriced: 0 };
        this.accounts.set(name, account);
        return account;
    }
}
const everything = "";
// The narrowest first, as that is the budget to tell of.
const namesOf = ({ provider, model }) => [`${provider}/${model}`, provider, everything];
const spentOf = ({ spent, requests, estimated, unpriced }) => ({
    dollars: toDollars(spent),
    requests,
    estimated,
    unpriced
});

/** What one request has taken, however it ended. */
/** Reads the chunks of an answer, and knows at any time what it has taken. */
class Meter {
    promptTokens;
    usage = null;
    origin;
    isComplete = false;
    hasOutput = false;
    isUnbilled = false;
    // Counted only if the provider does not do it.
    text = "";
    /** `promptTokens` estimates the prompt. */
    constructor(promptTokens) {
        this.promptTokens = promptTokens;
    }
    /** Takes a chunk. */
    add = (chunk) => {
        const calls = chunk.toolCalls.map((delta) => `${delta.name ?? ""}${delta.arguments}`).join("");
        this.text += `${chunk.reasoning}${chunk.content}${calls}`;
        this.hasOutput ||= hasOutput(chunk);
        this.usage = chunk.usage ?? this.usage;
        if (chunk.finishReason === null)
            return;
        this.isComplete = chunk.usage !== null;
        this.origin = chunk.origin;
    };
    /** Takes a whole answer. */
    addAnswer = (answer) => {
        this.text += answer.content ?? "";
        this.hasOutput = true;
        this.usage = answer.usage;
        this.isComplete = answer.usage !== null;
        this.origin = { provider: answer.provider, model: answer.model };
    };
    /** Takes the failure that ended it. */
    fail = (error) => {
        this.isUnbilled = !this.hasOutput && !mayBeBilled(error);
    };
    /**
     * What was taken. Where the provider did not count to the end, the prompt and the text that had arrived are counted by
     * estimate: providers bill what they have read and written, whoever stopped listening.
     */
    taken() {
        if (this.isUnbilled)
            return { origin: undefined, usage: make$6({ promptTokens: 0, completionTokens: 0 }), isExact: true };
        const said = this.usage ?? make$6({ promptTokens: this.promptTokens(), completionTokens: 0 });
        if (this.isComplete)
            return { origin: this.origin, usage: said, isExact: true };
        const completionTokens = Math.max(said.completionTokens, countText(this.text, weigh));
        return { origin: this.origin, usage: make$6({ ...said, completionTokens }), isExact: false };
    }
}
/** Nobody bills a refusal; of a silence that was not waited for, or an answer that was cut, nobody knows. */
const mayBeBilled = (error) => error._tag === "NetworkError" && (error.reason === "Timeout" || error.reason === "Truncated");

/** Decides whether a request may be sent, and books what it has cost. */
/** Guards all requests with one ledger. */
class SpendingGuard {
    catalogue;
    options;
    ledger;
    constructor(catalogue, options) {
        this.catalogue = catalogue;
        this.options = options;
        this.ledger = new Ledger(options.budget ?? {});
    }
    /** What was spent so far. */
    spent = Effect.sync(() => this.ledger.summary());
    /** Whether any budget applies to a model. */
    isLimited = (answered) => this.ledger.isLimited(this.payerOf(answered));
    /** Holds what a request may cost, or refuses it; one step, so that requests at the same time see each other. */
    admit = (wanted) => Effect.suspend(() => {
        const payer = this.payerOf(wanted);
        const most = this.ledger.isLimited(payer) ? this.mostOf(payer, wanted) : 0n;
        if (most === null && this.options.unpriced !== "allow")
            return withoutPrice(payer);
        const amount = most ?? 0n;
        const excess = this.ledger.hold(payer, amount);
        return excess === undefined
            ? Effect.succeed({ ...payer, amount, meter: new Meter(wanted.promptTokens) })
            : overBudget(payer, amount, excess);
    });
    /** Puts what a request has taken in the place of what was held for it. */
    settle = (admitted) => Effect.sync(() => {
        const { origin = admitted, usage, isExact } = admitted.meter.taken();
        const answered = { provider: origin.provider, model: origin.model, asked: admitted.model };
        const bill = { cost: this.costOf(usage, answered), isExact };
        this.ledger.settle(admitted, this.payerOf(answered), bill);
    });
    payerOf(answered) {
        return { provider: answered.provider, model: nameOf(this.catalogue, answered) };
    }
    mostOf(payer, { promptTokens, answerTokens }) {
        const facts = Option.getOrUndefined(this.catalogue.find(payer.provider, payer.model));
        const assumed = this.options.assumedAnswerTokens ?? 4096;
        const completionTokens = answerTokens ?? Math.min(assumed, facts?.limits?.output ?? assumed);
        return exactCost(make$6({ promptTokens: promptTokens(), completionTokens }), facts);
    }
    costOf(usage, answered) {
        // Nothing taken is nothing to pay, even of a model without a price.
        return usage.totalTokens === 0 ? 0n : exactCost(usage, Option.getOrUndefined(factsOf(this.catalogue, answered)));
    }
}
const overBudget = (payer, amount, excess) => refuse(payer, `it may cost $${written(toDollars(amount))}, and of the budget of $${written(excess.budget)} for ` +
    `${excess.of === "" ? "everything" : excess.of} $${written(excess.spent)} are spent and ` +
    `$${written(excess.held)} held for requests under way; raise the budget, lower maxTokens or ask a cheaper model`);
const withoutPrice = (payer) => refuse(payer, "a budget applies to it, but the catalogue has no price for it; add one, or set unpriced to allow what has none");
const refuse = ({ provider, model }, why) => Effect.fail(new InsufficientCreditsError({ provider, model, message: `${provider}/${model} was not asked: ${why}` }));
/** Without an exponent, and without more digits than anyone reads. */
const written = (dollars) => Number(dollars.toFixed(6)).toString();

/** Sums what requests cost, and refuses those that could break a budget before they are sent. */
const make$4 = (options) => Effect.map(Catalogue, (catalogue) => {
    const guard = new SpendingGuard(catalogue, options);
    return { spent: guard.spent, policy: (provider) => guarded(guard, provider) };
});
/**
 * The service that sums what requests cost.
 *
 * Its policy holds, while a request is under way, what it may cost at most: its prompt, counted by the `TokenCounter` in
 * context, and an answer of `maxTokens`. A request for which a budget has no room left is not sent, but fails with an
 * `InsufficientCreditsError` that tells budget and sum: as with a provider's own, time does not help, and a fallback to
 * a cheaper model does. A budget can be exceeded by as much as the prompt was miscounted or written to a cache, and by
 * answers without `maxTokens` that are longer than assumed.
 *
 * Put it last in `flow`, outside of retries and fallbacks, so that each answer is summed once, under the model that gave
 * it. An answer that is interrupted, cut or timed out is summed by estimate: the prompt, and the text that had arrived.
 */
const Spending = /*@__PURE__*/ (() => (class Spending extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/Spending")() {
    /** Serves sums that begin at nothing, by the prices of the `Catalogue`. */
    static layer = (options = {}) => Layer.effect(Spending, make$4(options));
    /** Makes the same without a layer. */
    static make = make$4;
    /** What was spent so far. */
    static spent = /*@__PURE__*/ Effect.flatMap(Spending, (spending) => spending.spent);
    /** The policy that sums and guards. */
    static policy = /*@__PURE__*/ Effect.map(Spending, (spending) => spending.policy);
}))();
const guarded = (guard, provider) => {
    const admitted = (wanted) => Effect.flatMap(wanted, (known) => Effect.acquireRelease(guard.admit(known), guard.settle));
    const answered = (wanted, ask) => Effect.scoped(Effect.flatMap(admitted(wanted), ({ meter }) => Effect.tapBoth(ask, {
        onSuccess: (answer) => Effect.sync(() => meter.addAnswer(answer)),
        onFailure: (error) => Effect.sync(() => meter.fail(error))
    })));
    return {
        ...provider,
        chat: (request, options) => answered(wantedBy(guard, provider, request), provider.chat(request, options)),
        chatStream: (request, options) => make$5(Effect.gen(function* () {
            const { meter } = yield* admitted(wantedBy(guard, provider, request));
            const failed = (error) => Effect.sync(() => meter.fail(error));
            const pull = yield* Effect.tapError(openOf(provider.chatStream(request, options)), failed);
            return Effect.tapBoth(pull, {
                onSuccess: (chunks) => Effect.sync(() => chunks.forEach(meter.add)),
                onFailure: failed
            });
        })),
        embed: mapEmbed(provider.embed, (embed) => (request, options) => answered(wantedByTexts(guard, provider, request), embed(request, options)))
    };
};
/** What a request wants; its prompt is counted before it is sent only where a budget applies. */
const wantedBy = (guard, { name }, request) => Effect.flatMap(check(request, name), ({ model = "", maxTokens }) => Effect.map(promptOf(guard, { provider: name, model }, request, () => countRequest(request, weigh)), (promptTokens) => ({ provider: name, model, promptTokens, answerTokens: maxTokens })));
const wantedByTexts = (guard, { name }, request) => Effect.flatMap(checkEmbed(request, name), ({ model = "", input }) => {
    const text = typeof input === "string" ? input : input.join("\n");
    return Effect.map(promptOf(guard, { provider: name, model }, text, () => countText(text, weigh)), (promptTokens) => ({ provider: name, model, promptTokens, answerTokens: 0 }));
});
/** Counts with the counter in context; by estimate where that asks around and fails, as that is no reason not to ask. */
const promptOf = (guard, payer, content, estimate) => guard.isLimited(payer)
    ? TokenCounter.count(content, `${payer.provider}/${payer.model}`).pipe(Effect.map(({ tokens }) => () => tokens), Effect.orElseSucceed(() => estimate))
    : Effect.succeed(estimate);

/** Says whether a value is an object (and no list). */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** Parses an object or a list; anything else is `undefined`. */
const parseJson = (text) => {
    try {
        const json = JSON.parse(text);
        return typeof json === "object" && json !== null ? json : undefined;
    }
    catch {
        return undefined;
    }
};

/** Rewrites the schemas that stand in a schema, but not what only looks like one: a property may have any name. */
const mapSchemas = (schema, rewrite) => {
    const one = (value) => Array.isArray(value) ? value.map(one) : isObject(value) ? rewrite(value) : value;
    const all = (value) => isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, one(inner)])) : value;
    return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [
        keyword,
        maps.has(keyword) ? all(value) : nested.has(keyword) ? one(value) : value
    ]));
};
const maps = /*@__PURE__*/ new Set(["properties", "patternProperties", "$defs", "definitions"]);
const nested = /*@__PURE__*/ new Set(["items", "prefixItems", "additionalItems", "additionalProperties", "anyOf", "oneOf", "allOf"]);
/** As OpenAI's own client knows them: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const unknownToStrict = /*@__PURE__*/ new Set([
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "contentMediaType",
    "contentSchema",
    "additionalItems",
    "prefixItems",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "uniqueItems"
]);
/**
 * Says whether a schema is one that OpenAI's strict mode takes: of known keywords, objects closed, every property
 * required, and nothing beside a reference.
 */
const isStrict = (schema) => {
    const { type, properties, required, additionalProperties, $ref: reference } = schema;
    const keywords = Object.keys(schema);
    if (keywords.some((keyword) => unknownToStrict.has(keyword)))
        return false;
    if (reference !== undefined && keywords.length > 1)
        return false;
    const names = isObject(properties) ? Object.keys(properties) : [];
    const isOpen = type === "object" &&
        (additionalProperties !== false || !names.every((name) => Array.isArray(required) && required.includes(name)));
    let areStrict = !isOpen;
    mapSchemas(schema, (inner) => {
        areStrict &&= isStrict(inner);
        return inner;
    });
    return areStrict;
};

/** Keeps the fields that an endpoint knows, as most refuse others. */
const pick = (body, fields) => Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)));
/** Reads the count of an answer; `undefined` when it has none. */
const readCount = (answer, field) => {
    const count = isObject(answer) ? answer[field] : undefined;
    return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
};

/** Bytes to server-sent events, a network read at a time; knows nothing of LLMs. */
/** The largest event by default, in UTF-16 code units: 8 Mi. */
const defaultMaxEventSize = 8 * 1024 * 1024;
// A provider that breaks off with a bare JSON error says it in far less.
const maxStraySize = 64 * 1024;
/** Splits one body into its events. */
class SseSplitter {
    maxEventSize;
    /** The events that the last `push` or `end` completed. */
    events = [];
    /** Whether an event was larger than allowed; nothing is read after it. */
    tooLarge = false;
    /** Lines that are no field of any event, as when a body turns out to be JSON or HTML. */
    stray = "";
    // Not fatal: a body cut inside a character is reported by what is missing, not by the character.
    decoder = new TextDecoder();
    parser;
    constructor(maxEventSize = defaultMaxEventSize) {
        this.maxEventSize = maxEventSize;
        this.parser = createParser({
            maxBufferSize: maxEventSize,
            onEvent: (event) => {
                if (event.data.length > maxEventSize)
                    this.tooLarge = true;
                else
                    this.events.push(event);
            },
            onError: (error) => {
                if (error.type === "max-buffer-size-exceeded")
                    this.tooLarge = true;
                else if (error.line !== undefined && this.stray.length < maxStraySize)
                    this.stray += `${error.line}\n`;
            }
        });
    }
    /** Takes the bytes of one network read. */
    push(bytes) {
        return this.feed(this.decoder.decode(bytes, { stream: true }));
    }
    /** Takes the end of the body: the last event may lack its blank line. */
    end() {
        return this.feed(`${this.decoder.decode()}\n\n`);
    }
    feed(text) {
        this.events = [];
        if (!this.tooLarge)
            this.parser.feed(text);
        return this.events;
    }
}

/** Where a provider is and how it is asked: an address and headers that have been checked once. */
/** Checks what a connection is made of; the error says what to change and quotes no key. */
const make$3 = (options) => Either.mapLeft(Either.gen(function* () {
    if (options.apiKey !== undefined && options.dangerouslyAllowBrowser !== true && isBrowser()) {
        return yield* Either.left("a key in a browser can be read by everyone who opens the page; ask through a server of your own, or set dangerouslyAllowBrowser");
    }
    const baseUrl = yield* checkBaseUrl(options.baseUrl, options.allowPlainHttp === true);
    const key = options.apiKey === undefined ? undefined : yield* checkKey(options.apiKey);
    const own = yield* checkHeaders(options.headers ?? {});
    return {
        provider: options.provider,
        baseUrl,
        bounds: {
            maxEventSize: options.maxEventSize ?? defaultMaxEventSize,
            maxAnswerBytes: options.maxAnswerBytes ?? 1024 ** 3
        },
        headers: Redacted.make({ ...(key === undefined ? {} : options.authorization(key)), ...own }),
        secrets: Redacted.make([...(key === undefined ? [] : [key]), ...Object.values(own).filter(isLong)])
    };
}), (problem) => new ValidationError({ provider: options.provider, model: "", message: `${options.provider}: ${problem}` }));
// Shorter header values are words such as a version, which an error may well repeat.
const isLong = (value) => value.length >= 8;
const isLoopback = (hostname) => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
const isBrowser = () => "window" in globalThis && "document" in globalThis;
const checkBaseUrl = (baseUrl, allowsPlainHttp) => {
    if (!URL.canParse(baseUrl))
        return Either.left("baseUrl is no URL; write one such as https://api.example.com/v1");
    const url = new URL(baseUrl);
    if (url.protocol !== "https:" && url.protocol !== "http:")
        return Either.left("baseUrl must begin with https://");
    if (url.username !== "" || url.password !== "") {
        return Either.left("baseUrl must hold no user name or password; put them in headers");
    }
    if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowsPlainHttp) {
        return Either.left("baseUrl is plain http, over which anyone can read the key and the prompts; use https, or set allowPlainHttp");
    }
    return Either.right(baseUrl.replace(/\/+$/, ""));
};
const checkKey = (apiKey) => {
    const key = Redacted.isRedacted(apiKey) ? Redacted.value(apiKey) : apiKey;
    if (key === "")
        return Either.left("the API key is empty");
    return /^[\x21-\x7e]+$/.test(key)
        ? Either.right(key)
        : Either.left("the API key has a space, a line end or another character that no key has; copy it again");
};
const checkHeaders = (headers) => {
    const given = Object.entries(headers).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]);
    const wrong = given.find(([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e]*$/.test(value));
    return wrong === undefined
        ? Either.right(Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])))
        : Either.left(`the header ${JSON.stringify(wrong[0])} has a character that no header may have`);
};

/**
 * Opens the body of a response. Reads the socket's own stream where the client shows it, which spares some 10 µs of
 * channels per read, and the response's `stream` otherwise.
 */
const open = (response) => {
    const source = Reflect.get(response, "source");
    if (source instanceof globalThis.Response)
        return Effect.sync(() => fromWeb(source));
    if (isReadable(source))
        return Effect.sync(() => fromReadable(source));
    const body = typeof source === "object" && source !== null ? Reflect.get(source, "body") : undefined;
    return isReadable(body) ? Effect.sync(() => fromReadable(body)) : fromStream(response.stream);
};
const fromWeb = (response) => {
    const reader = response.body?.getReader();
    return {
        next: (onBytes, onBroken) => {
            if (reader === undefined)
                onBytes(undefined);
            else
                reader.read().then((result) => onBytes(result.done ? undefined : result.value), onBroken);
        }
    };
};
const isReadable = (value) => typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "read") === "function" &&
    typeof Reflect.get(value, "on") === "function";
const fromReadable = (readable) => {
    let wake;
    let broken;
    const onEvent = () => {
        const waiting = wake;
        wake = undefined;
        waiting?.();
    };
    const onBreak = (cause) => {
        if (!readable.readableEnded)
            broken ??= { cause: cause ?? readable.errored };
        onEvent();
    };
    readable.on("readable", onEvent);
    readable.on("end", onEvent);
    readable.on("error", onBreak);
    readable.on("close", () => onBreak());
    // The socket may have broken between the headers and this call; those events will not come again.
    if (readable.destroyed)
        onBreak();
    const next = (onBytes, onBroken) => {
        const bytes = broken === undefined ? readable.read() : null;
        if (bytes !== null)
            onBytes(bytes);
        else if (broken !== undefined)
            onBroken(broken.cause);
        else if (readable.readableEnded)
            onBytes(undefined);
        else
            wake = () => next(onBytes, onBroken);
    };
    return { next };
};
const fromStream = (stream) => Effect.gen(function* () {
    const pull = yield* Stream.toPull(stream);
    const runtime = yield* Effect.runtime();
    let cancel;
    yield* Effect.addFinalizer(() => Effect.sync(() => cancel?.()));
    let rest = [];
    const next = (onBytes, onBroken) => {
        const [bytes, ...others] = rest;
        rest = others;
        if (bytes !== undefined)
            return onBytes(bytes);
        cancel = Runtime.runCallback(runtime)(pull, {
            onExit: Exit.match({
                onSuccess: (chunk) => {
                    rest = Chunk.toReadonlyArray(chunk);
                    next(onBytes, onBroken);
                },
                onFailure: (cause) => {
                    const failure = Cause.failureOption(cause);
                    if (Option.isSome(failure) && Option.isNone(failure.value))
                        onBytes(undefined);
                    else
                        onBroken(Option.isSome(failure) ? Option.getOrUndefined(failure.value) : Cause.squash(cause));
                }
            })
        });
    };
    return { next };
});
/** Says whether bytes begin a gzip, which no text does; the Node and Undici clients do not undo it. */
const isCompressed = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;
/** The most bytes to read as one text: twice as many characters, and adding to a string throws in V8. */
const longestText = 2 ** 28;
/** Reads at most so many bytes as text; a body that breaks off gives what had come. */
const readText = (body, maxBytes) => Effect.suspend(() => {
    const decoder = new TextDecoder();
    let text = "";
    let size = 0;
    const result = (end) => Effect.succeed({ text: text + decoder.decode(), end });
    const more = () => Effect.matchEffect(read$2(body), {
        onFailure: () => result("broken"),
        onSuccess: (bytes) => {
            if (bytes === undefined)
                return result("clean");
            if (size === 0 && isCompressed(bytes))
                return result("compressed");
            text += decoder.decode(bytes.subarray(0, maxBytes - size), { stream: true });
            size += bytes.length;
            return size > maxBytes ? result("tooLarge") : more();
        }
    });
    return more();
});
const read$2 = (body) => Effect.async((resume) => {
    body.next((bytes) => resume(Effect.succeed(bytes)), (cause) => resume(Effect.fail(cause)));
});
/**
 * Reads what is left after the end marker, so that the connection can be used again. A server that leaves it open is
 * not waited for; the timer is real time, as a socket is.
 */
const drain = (body, patienceMillis = 100) => Effect.async((resume) => {
    const timer = setTimeout(() => resume(Effect.void), patienceMillis);
    const done = () => {
        clearTimeout(timer);
        resume(Effect.void);
    };
    const next = () => body.next((bytes) => (bytes === undefined ? done() : next()), done);
    next();
    return Effect.sync(() => clearTimeout(timer));
});

/** Decides what kind of failure it is: by phrase, then by code, then by status, then by general code. */
const classify = (error, status, rules) => {
    const phrase = rules.phrases.find(([pattern]) => pattern.test(error.message));
    return (phrase?.[1] ??
        fromCodes(error.codes, rules.codes) ??
        fromStatus(error.status ?? status ?? 200) ??
        fromCodes(error.codes, rules.generalCodes ?? {}) ??
        "Provider");
};
const fromCodes = (codes, kinds) => {
    const known = codes.find((code) => Object.hasOwn(kinds, code));
    return known === undefined ? undefined : kinds[known];
};
const statuses = {
    400: "Validation",
    401: "Authentication",
    402: "InsufficientCredits",
    403: "Authentication",
    404: "ModelNotFound",
    408: "Server",
    409: "Server",
    413: "ContextWindowExceeded",
    422: "Validation",
    429: "RateLimit",
    // Groq's word for a lack of capacity: https://console.groq.com/docs/errors
    498: "Overloaded",
    // Anthropic's: https://docs.anthropic.com/en/api/errors
    529: "Overloaded"
};
const fromStatus = (status) => status < 300 ? undefined : (statuses[status] ?? (status >= 500 ? "Server" : "Provider"));

const longestQuote = 300;
// Letters and digits: long enough that ordinary words of an error message are no echo, short enough that an echo shows.
const window = 13;
const masked = "[…]";
/** Shortens a provider's sentence to one line of at most 300 characters without keys and without the prompt. */
const quote = (sentence, confidential) => {
    const oneLine = sentence.slice(0, 4000).replace(/\s+/g, " ").trim();
    const withoutEchoes = withoutPrompt(withoutKeys(oneLine, confidential.keys), confidential.texts());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
    const printable = withoutEchoes.replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
    return printable.length <= longestQuote ? printable : `${printable.slice(0, longestQuote - 1)}…`;
};
/** Takes the keys out, whole or masked by the provider. */
const withoutKeys = (sentence, keys) => keys
    .filter((key) => key !== "")
    .reduce((rest, key) => rest.replaceAll(key, masked), sentence)
    // Providers echo a part of a wrong key: "Incorrect API key provided: sk-abc***xyz".
    .replace(/\b(?:sk|gsk|xai|pplx|csk|fw|hf|AIza)[-_]?[\w-]*[*•.…]{2,}[\w-]*/g, masked)
    .replace(/((?:key|token)(?: provided)?:\s*)\S+/gi, `$1${masked}`);
const withoutPrompt = (sentence, texts) => {
    const echoed = new Uint8Array(sentence.length);
    const windows = windowsOf(sentence);
    for (const text of texts) {
        const letters = lettersOf(text);
        if (letters.length < window)
            markWhole(sentence, oneLineOf(text), echoed);
        else
            markWindows(letters, windows, echoed);
    }
    let result = "";
    for (let index = 0; index < sentence.length; index++) {
        if (echoed[index] === 0)
            result += sentence[index];
        else if (index === 0 || echoed[index - 1] === 0)
            result += masked;
    }
    return result;
};
const oneLineOf = (text) => text.replace(/\s+/g, " ").trim();
// What stands between the letters of a prompt changes on its way into an error: an echo in JSON has escapes for it.
const escaping = String.raw `\\+(?:u([0-9a-f]{4})|[nrtbf])?`;
const escapes = /*@__PURE__*/ new RegExp(escaping, "gi");
const escapeOrLetter = /*@__PURE__*/ new RegExp(String.raw `${escaping}|[\p{L}\p{N}]`, "giu");
const unescaped = (_, code) => code === undefined ? "" : String.fromCharCode(Number.parseInt(code, 16));
const lettersOf = (text) => text.replace(escapes, unescaped).replace(/[^\p{L}\p{N}]+/gu, "");
/** Every run of so many letters, with the places in the sentence where it stands. */
const windowsOf = (sentence) => {
    const spans = [];
    let letters = "";
    for (const { 0: found, 1: code, index } of sentence.matchAll(escapeOrLetter)) {
        for (const letter of lettersOf(code === undefined ? found : unescaped(found, code)).split("")) {
            letters += letter;
            spans.push([index, index + found.length]);
        }
    }
    const windows = new Map();
    for (let at = 0; at + window <= letters.length; at++) {
        const key = letters.slice(at, at + window);
        const span = [spans[at]?.[0] ?? 0, spans[at + window - 1]?.[1] ?? 0];
        const same = windows.get(key);
        if (same === undefined)
            windows.set(key, [span]);
        else
            same.push(span);
    }
    return windows;
};
const markWindows = (letters, windows, echoed) => {
    for (let at = 0; at + window <= letters.length && windows.size > 0; at++) {
        const key = letters.slice(at, at + window);
        for (const [start, end] of windows.get(key) ?? [])
            echoed.fill(1, start, end);
        // Once is enough, however often a prompt repeats itself.
        windows.delete(key);
    }
};
/** A short text counts as echoed only where it stands as words of its own. */
const markWhole = (sentence, text, echoed) => {
    if (text.length < 4)
        return;
    for (let at = sentence.indexOf(text); at !== -1; at = sentence.indexOf(text, at + 1)) {
        const around = `${sentence[at - 1] ?? ""}${sentence[at + text.length] ?? ""}`;
        if (!/\w/.test(around))
            echoed.fill(1, at, at + text.length);
    }
};

/** When and whether a provider wants to be asked again, read from every place where one says it. */
/**
 * Reads `x-should-retry`, `retry-after-ms`, `retry-after` (seconds, or an HTTP date against the response's own
 * `date`), a duration such as Google's `retryDelay`, and the words of the message. The first that is a positive,
 * finite time counts; zero, negative and unreadable ones are no hint.
 */
const read$1 = (headers, message, retryDelay) => {
    const millis = positive(number(headers["retry-after-ms"])) ??
        positive(fromRetryAfter(headers)) ??
        positive(fromText(retryDelay ?? "")) ??
        positive(fromWords(message));
    const said = headers["x-should-retry"]?.trim().toLowerCase();
    return {
        ...(millis === undefined ? {} : { retryAfter: Duration.millis(millis) }),
        ...(said === "true" || said === "false" ? { shouldRetry: said === "true" } : {})
    };
};
// Longer than a century is a mistake of the server's, and beyond what a Date or a timer can hold.
const longest = 100 * 365 * 24 * 3_600_000;
const positive = (millis) => millis !== undefined && millis > 0 && millis < Number.POSITIVE_INFINITY
    ? Math.min(Math.ceil(millis), longest)
    : undefined;
const number = (text) => text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
const fromRetryAfter = (headers) => {
    const text = headers["retry-after"];
    if (text === undefined)
        return undefined;
    const seconds = number(text);
    if (seconds !== undefined)
        return seconds * 1000;
    // Against the server's clock, as ours may differ by more than the wait; without its date the hint says nothing sure.
    return Date.parse(text) - Date.parse(headers["date"] ?? "");
};
const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const amount = String.raw `\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)(?![a-z])`;
const words = /*@__PURE__*/ new RegExp(String.raw `\b(?:try again|retry|retrying|wait)\s+(?:in|after|for)?\s*((?:${amount}[\s,]*(?:and\s+)?)+)`, "i");
const fromWords = (message) => fromText(words.exec(message)?.[1] ?? "");
/** Adds up `6m0.5s`, `114h18m`, `250ms` or `20 seconds`. */
const fromText = (text) => {
    const parts = Array.from(text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|mil|[smhd])/gi));
    if (parts.length === 0)
        return undefined;
    return parts.reduce((sum, [, value, unit]) => {
        const name = unit?.toLowerCase() === "mil" ? "ms" : (unit?.toLowerCase() ?? "");
        return sum + Number(value) * (units[name] ?? 0);
    }, 0);
};

/** From a failure on the wire to the error that the caller sees. */
const requestIdHeaders = [
    "x-request-id",
    "request-id",
    "x-goog-request-id",
    "apim-request-id",
    "x-ms-request-id",
    "cf-ray"
];
/** The fields that every error of an exchange shares. */
const about = (exchange) => {
    const requestId = requestIdHeaders.map((name) => exchange.headers[name]).find((id) => id !== undefined);
    return {
        provider: exchange.provider,
        model: exchange.model,
        ...(exchange.status === undefined ? {} : { status: exchange.status }),
        ...(requestId === undefined ? {} : { requestId: withoutKeys(requestId.slice(0, 200), exchange.keys) })
    };
};
/** Names the model as the user wrote it: `openai/gpt-4o-mini`. */
const named = (exchange) => exchange.model === "" ? exchange.provider : `${exchange.provider}/${exchange.model}`;
/** What a provider reported, as an error: the same one whether it came as a response or inside a stream. */
const reported = (exchange, error, rules) => {
    const hint = read$1(exchange.headers, error.message, error.retryDelay);
    const kind = retried(classify(error, exchange.status, rules), hint);
    const retryAfter = hint.retryAfter;
    const words = quote(error.message, exchange);
    const again = retryAfter === undefined ? "" : `; try again in ${Duration.format(retryAfter)}`;
    const message = `${named(exchange)} ${sentence(kind, exchange)}${again}${words === "" ? "" : ` (it says: ${words})`}`;
    const common = { ...about(exchange), message };
    const transient = {
        ...common,
        retryable: hint.shouldRetry ?? true,
        ...(retryAfter === undefined ? {} : { retryAfter })
    };
    switch (kind) {
        case "RateLimit":
        case "Overloaded":
            return new RateLimitError({ ...transient, reason: kind });
        case "Server":
            return new NetworkError({ ...transient, reason: kind });
        case "Authentication":
            return new AuthenticationError(common);
        case "InsufficientCredits":
            return new InsufficientCreditsError(common);
        case "ModelNotFound":
            return new ModelNotFoundError(common);
        case "ContextWindowExceeded":
            return new ContextWindowExceededError(common);
        case "Validation":
            return new ValidationError(common);
        case "Provider":
            return new ProviderError(common);
    }
};
/** An otherwise unclassified rejection that the provider itself calls passing is one. */
const retried = (kind, hint) => hint.shouldRetry === true && (kind === "Validation" || kind === "Provider") ? "Server" : kind;
const sentence = (kind, exchange) => {
    switch (kind) {
        case "RateLimit":
            return "is rate limited";
        case "Overloaded":
            return "is overloaded";
        case "Server":
            return `failed on the server's side${exchange.status === undefined ? "" : ` (HTTP ${exchange.status})`}`;
        case "Authentication":
            return "refused the API key or its rights; check the key and what it may use";
        case "InsufficientCredits":
            return "has no credits or quota left; add some or ask another provider";
        case "ModelNotFound":
            return "was not found; check the model's name, your access to it, and the base URL";
        case "ContextWindowExceeded":
            return "cannot take so much; shorten the messages or lower maxTokens";
        case "Validation":
            return "refused the request; change what it names";
        case "Provider":
            return `answered with an error${exchange.status === undefined ? "" : ` (HTTP ${exchange.status})`}`;
    }
};
/** The connection failed before there was a response. */
const unreachable = (exchange, cause) => new NetworkError({
    ...about(exchange),
    reason: "Connection",
    message: `${exchange.provider} could not be reached${reasonOf(cause, exchange)}; check the network and the base URL`
});
/** The answer broke off before it was complete. */
const truncated = (exchange, chunks, cause) => new NetworkError({
    ...about(exchange),
    reason: "Truncated",
    message: `${named(exchange)} broke off after ${chunks} chunks${reasonOf(cause, exchange)}`
});
const clockSentences = {
    headers: "sent no response",
    firstContent: "sent no content",
    idle: "went silent",
    total: "was not done"
};
/** One of the clocks ran out. */
const timedOut = (exchange, clock, afterMillis) => new NetworkError({
    ...about(exchange),
    reason: "Timeout",
    clock,
    message: `${named(exchange)} ${clockSentences[clock]} within ${Duration.format(Duration.millis(afterMillis))} (the ${clock} clock)`
});
/** The provider's reply is none that the family's documentation allows. */
const malformed = (exchange, what) => new ProviderError({ ...about(exchange), message: `${named(exchange)} sent a malformed reply: ${what}` });
/** Only the code, name and first words of a cause: the platform's errors hold the request and with it the key. */
const reasonOf = (cause, exchange) => {
    const root = rootOf(cause);
    if (root === undefined)
        return "";
    const code = Reflect.get(root, "code");
    const words = typeof code === "string" ? code : quote(String(Reflect.get(root, "message") ?? ""), exchange);
    return words === "" ? "" : ` (${words})`;
};
const rootOf = (cause, depth = 0) => {
    if (typeof cause !== "object" || cause === null)
        return undefined;
    const inner = Reflect.get(cause, "cause");
    return depth < 5 ? (rootOf(inner, depth + 1) ?? cause) : cause;
};
/** Says whether a body is a page for people, as gateways in trouble send them. */
const isPage = (text) => /^\s*<(?:!doctype|html|head|body|\?xml)/i.test(text);
/** A gateway answered with a page instead of the provider. */
const page = (exchange) => new NetworkError({
    ...about(exchange),
    reason: "Server",
    message: `a gateway answered for ${named(exchange)} with a page (HTTP ${exchange.status ?? "?"}); check the base URL`
});
/** The server wants to send the request elsewhere, which we refuse. */
const redirected = (exchange) => new ProviderError({
    ...about(exchange),
    message: `${named(exchange)} redirects to another address, which is not followed as it would get the key; set the base URL to the final address`
});
/** The provider sent more than the layer allows. */
const tooLarge = (exchange, what, limit) => new ProviderError({
    ...about(exchange),
    message: `${named(exchange)} sent ${what} of more than ${limit}; raise the layer's maxEventSize or maxAnswerBytes if that is right`
});
/** The reply is compressed, although it was asked for as it is. */
const compressed = (exchange) => new ProviderError({
    ...about(exchange),
    message: `${named(exchange)} sent a compressed reply, which this HTTP client does not undo; use the Fetch client or stop the proxy from compressing`
});

/** One request and the head of its response, with nothing of it left to leak. */
// An error is a sentence; more is a page or an attack.
const maxErrorBytes = 64 * 1024;
/** Makes the sender of one connection; what is no 2xx response fails with the error that it reports. */
const poster = (errors, connection, client) => {
    const send = sender(client, connection);
    return (encoded, exchange, limits, isStream) => Effect.gen(function* () {
        const body = yield* encodeBody(encoded, exchange);
        const sentAt = (yield* Effect.clock).unsafeCurrentTimeMillis();
        const [clock, millis] = soonest(limits, isStream ? ["headers", "firstContent", "total"] : ["total"]);
        const { response, exchange: answered } = yield* Effect.timeoutFail(send(encoded.path, body, exchange), {
            duration: millis,
            onTimeout: () => timedOut(exchange, clock, millis)
        });
        // An answer in one piece is first content as a whole.
        const [last, afterMillis] = soonest(limits, isStream ? ["firstContent", "total"] : ["total"]);
        const deadline = { clock: last, afterMillis, at: sentAt + afterMillis };
        const received = { response, exchange: { ...answered, deadline } };
        if (response.status >= 200 && response.status < 300)
            return received;
        return yield* yield* rejection(errors, received, limits);
    });
};
/** What can be said of an exchange before there is a response; `sent` is what errors must not repeat. */
const begin$1 = (connection, model, sent) => ({
    provider: connection.provider,
    model,
    headers: {},
    keys: Redacted.value(connection.secrets),
    texts: () => textsIn(sent)
});
/** A request that cannot be sent as it is. */
const invalid = (exchange, problem) => new ValidationError({ ...about(exchange), message: `${exchange.provider}: ${problem}` });
/** Reads the body of a whole answer as JSON, as long as its clock runs. */
const readAnswer = (body, exchange, { maxAnswerBytes }) => Effect.flatMap(timeLeft(exchange), (duration) => Effect.timeoutFail(readJson(body, exchange, Math.min(maxAnswerBytes, longestText)), {
    duration,
    onTimeout: () => timedOut(exchange, exchange.deadline.clock, exchange.deadline.afterMillis)
}));
const timeLeft = ({ deadline }) => Effect.map(Effect.clock, (clock) => Math.max(0, deadline.at - clock.unsafeCurrentTimeMillis()));
const readJson = (body, exchange, maxBytes) => Effect.flatMap(readText(body, maxBytes), ({ text, end }) => {
    const json = end === "clean" ? parseJson(text) : undefined;
    if (json !== undefined)
        return Effect.succeed(json);
    if (end === "tooLarge")
        return tooLarge(exchange, "an answer", maxBytes);
    if (end === "compressed")
        return compressed(exchange);
    if (isPage(text))
        return page(exchange);
    // What begins as JSON and does not end as it has been cut.
    return end === "broken" || text === "" || /^\s*[[{]/.test(text)
        ? truncated(exchange, 0)
        : malformed(exchange, "it is no JSON");
});
/** The clock that runs out first of those that run. */
const soonest = (limits, clocks) => clocks.map((clock) => [clock, limits[clock]]).reduce((first, each) => (each[1] < first[1] ? each : first));
const sender = (client, connection) => {
    // Not traced by the platform: its span ends with an error that holds the request and with it the key, and its trace
    // headers are of no use to a provider and refused by browsers' CORS.
    const scoped = client.pipe(HttpClient.withScope, HttpClient.withTracerDisabledWhen(() => true));
    const headers = Redacted.value(connection.headers);
    const redactedNames = Object.keys(headers);
    return (path, body, exchange) => Effect.gen(function* () {
        const init = yield* Effect.serviceOption(FetchHttpClient.RequestInit);
        const response = yield* HttpClientRequest.post(`${connection.baseUrl}${path}`, {
            body,
            // The Node and Undici clients do not decompress.
            headers: { "accept-encoding": "identity", ...headers }
        }).pipe(scoped.execute, Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, ...redactedNames]), 
        // A redirect would take the key and the prompt to another host.
        Effect.provideService(FetchHttpClient.RequestInit, { ...Option.getOrUndefined(init), redirect: "manual" }), Effect.mapError((error) => unreachable(exchange, error)));
        return { response, exchange: { ...exchange, status: response.status, headers: response.headers } };
    });
};
const encodeBody = (encoded, exchange) => Either.try({
    try: () => HttpBody.text(JSON.stringify(encoded.body), "application/json"),
    catch: () => invalid(exchange, "the request holds something that is no JSON (a cycle or a bigint)")
});
/** The error that a response with another status is; its body is read, bounded, and thereby released. */
const rejection = (errors, { response, exchange }, limits) => Effect.gen(function* () {
    if (response.status < 400)
        return redirected(exchange);
    const text = yield* Effect.flatMap(open(response), (body) => readText(body, maxErrorBytes)).pipe(Effect.timeoutTo({
        duration: Math.min(limits.idle, yield* timeLeft(exchange)),
        onTimeout: () => "",
        onSuccess: (read) => read.text
    }));
    if (response.status >= 500 && isPage(text))
        return page(exchange);
    const words = isPage(text) ? "" : text;
    const error = errors.reportedError(parseJson(text)) ?? { message: words, codes: [] };
    return reported(exchange, error, errors.failureRules);
});
/** Every text that was sent, however deep. */
function* textsIn(value) {
    if (typeof value === "string")
        yield value;
    else if (typeof value === "object" && value !== null)
        for (const inner of Object.values(value))
            yield* textsIn(inner);
}

/** Makes of a request what dialects encode: checked, its model named, its schemas written as JSON Schema. */
/** Checks a request on entry. */
const ask = (request, connection) => Effect.gen(function* () {
    const { model, tools, responseFormat, ...others } = yield* check(request, connection.provider);
    const exchange = begin$1(connection, model ?? "", others.messages);
    if (model === undefined)
        return yield* invalid(exchange, "no model is named; set one in the layer or the request");
    const plain = yield* Effect.mapError(Effect.all({ tools: Effect.forEach(tools ?? [], plainTool), responseFormat: plainFormat(responseFormat) }), (problem) => invalid(exchange, problem));
    return { question: { ...others, ...plain, model }, exchange };
});
const plainTool = (tool) => Effect.map(jsonSchemaOf(tool.parameters, `tools: ${tool.name}`), (parameters) => ({ ...tool, parameters }));
const plainFormat = (format) => {
    if (format === undefined || format.type === "text")
        return Effect.succeed(format);
    const { schema, ...others } = format;
    if (schema === undefined)
        return Effect.succeed(others);
    return Effect.map(jsonSchemaOf(schema, "responseFormat"), (json) => ({
        ...others,
        schema: json,
        isMade: Schema.isSchema(schema)
    }));
};
const jsonSchemaOf = (schema, where) => Schema.isSchema(schema)
    ? Effect.flatMap(Effect.promise(() => import('./madeSchema.js')), (made) => made.make(schema, where))
    : Effect.succeed(schema);

/** Makes the counting of a dialect, an address and a client. */
const make$2 = (dialect, connection, client) => {
    const post = poster(dialect, connection, client);
    return (request, options) => Effect.gen(function* () {
        const { question, exchange } = yield* ask(request, connection);
        const encoded = dialect.encode(question);
        if (Either.isLeft(encoded))
            return yield* invalid(exchange, encoded.left);
        const received = yield* post(encoded.right, exchange, limitsOf(options?.timeouts, false), false);
        const answer = yield* readAnswer(yield* open(received.response), received.exchange, connection.bounds);
        const tokens = readCount(answer, dialect.field);
        return tokens === undefined
            ? yield* malformed(received.exchange, `${dialect.field} is not as documented`)
            : { tokens, isExact: dialect.isExact };
    }).pipe(Effect.scoped);
};

/**
 * A fast check that a value fits a Schema, made once out of closures from the Schema's own AST. `Schema.is` takes 1.4 µs
 * for one chat event, more than parsing its JSON; this takes 0.1 µs. What it rejects is given to the Schema for the report.
 */
/** Makes the check of a schema; says the same as `Schema.is`. */
const compile = (schema) => {
    const check = checkOf(schema.ast);
    return (value) => check(value);
};
const checkOf = (ast) => {
    // A declaration or a check of the caller's own, known only to the Schema.
    const bySchema = () => ParseResult.is(Schema.make(ast));
    switch (ast._tag) {
        case "UnknownKeyword":
        case "AnyKeyword":
            return () => true;
        case "StringKeyword":
            return (value) => typeof value === "string";
        case "NumberKeyword":
            return (value) => typeof value === "number";
        case "BooleanKeyword":
            return (value) => typeof value === "boolean";
        case "UndefinedKeyword":
            return (value) => value === undefined;
        case "Literal":
            return (value) => value === ast.literal;
        case "Union":
            return anyOf(ast.types.map(checkOf));
        case "TupleType":
            return ast.elements.length === 0 && ast.rest.length === 1 ? listOf(ast.rest.map((rest) => rest.type)) : bySchema();
        case "TypeLiteral":
            return ast.indexSignatures.length === 0 && ast.propertySignatures.length > 0
                ? structOf(ast.propertySignatures)
                : bySchema();
        default:
            return bySchema();
    }
};
const anyOf = (checks) => {
    const [first, second, third] = checks;
    // Two or three alternatives, such as a string, null or undefined, are nearly all there are.
    if (first !== undefined && second !== undefined && third !== undefined && checks.length === 3) {
        return (value) => first(value) || second(value) || third(value);
    }
    return (value) => checks.some((check) => check(value));
};
const listOf = ([type]) => {
    const check = type === undefined ? () => true : checkOf(type);
    return (value) => Array.isArray(value) && value.every(check);
};
const structOf = (signatures) => {
    const properties = signatures.map(({ name, type, isOptional }) => ({ name, check: checkOf(type), isOptional }));
    return (value) => {
        if (!isRecord(value))
            return false;
        for (const { name, check, isOptional } of properties) {
            const property = value[name];
            if (property === undefined && !(name in value)) {
                if (!isOptional)
                    return false;
            }
            else if (!check(property))
                return false;
        }
        return true;
    };
};
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Turns network reads into chunks, and keeps what a stream promises: complete or error, nothing twice, nothing lost. */
/** Reads one answer. Synchronous: the engine decides when to read, this decides what it means. */
class AnswerReader {
    dialect;
    isEvent;
    exchange;
    bounds;
    costOf;
    /** `"complete"` or the failure, once either is known; nothing is read after it. */
    outcome;
    /** Whether any content, reasoning or tool call has been read. */
    hasContent = false;
    splitter;
    state;
    chunks = [];
    count = 0;
    size = 0;
    finish;
    usage = null;
    model;
    constructor(dialect, isEvent, exchange, bounds, costOf) {
        this.dialect = dialect;
        this.isEvent = isEvent;
        this.exchange = exchange;
        this.bounds = bounds;
        this.costOf = costOf;
        this.splitter = new SseSplitter(bounds.maxEventSize);
        this.state = dialect.initial;
        this.model = exchange.model;
    }
    /** Takes one network read and returns the chunks that it completes. */
    push(bytes) {
        this.chunks = [];
        if (this.size === 0 && isCompressed(bytes))
            this.fail(compressed(this.exchange));
        this.size += bytes.length;
        for (const event of this.splitter.push(bytes))
            this.takeEvent(event);
        if (this.splitter.tooLarge)
            this.fail(tooLarge(this.exchange, "an event", this.bounds.maxEventSize));
        if (this.size > this.bounds.maxAnswerBytes) {
            this.fail(tooLarge(this.exchange, "an answer", this.bounds.maxAnswerBytes));
        }
        return this.chunks;
    }
    /** Takes the clean end of the body. After a finish reason it is complete, before it is cut. */
    end() {
        this.chunks = [];
        // What is left over may be half an event: then it is no malformed one, the answer is cut.
        for (const event of this.splitter.end()) {
            if (event.data === this.dialect.endMarker || parseJson(event.data) !== undefined)
                this.takeEvent(event);
        }
        if (this.splitter.stray !== "")
            this.takeStray(this.splitter.stray);
        if (this.finish !== undefined)
            this.complete();
        this.fail(truncated(this.exchange, this.count));
        return this.chunks;
    }
    /** Takes a whole answer. */
    pushAnswer(answer) {
        this.chunks = [];
        const error = this.dialect.reportedError(answer);
        if (error !== undefined)
            this.fail(reported(this.exchange, error, this.dialect.failureRules));
        for (const event of this.dialect.eventsOfAnswer(answer))
            this.takeJson(event);
        if (this.finish !== undefined || this.hasContent)
            this.complete();
        this.fail(malformed(this.exchange, "there is no answer in it"));
        return this.chunks;
    }
    /** Takes a break of the connection: the answer is cut, unless its end marker had come. */
    breakOff(cause) {
        this.fail(truncated(this.exchange, this.count, cause));
    }
    /** Ends the answer with a failure, unless it has ended. */
    fail(error) {
        this.outcome ??= error;
    }
    takeEvent(event) {
        if (this.outcome !== undefined || event.data === "" || isPing(event.event))
            return;
        if (event.data === this.dialect.endMarker)
            return this.complete();
        const json = parseJson(event.data);
        if (event.event === "error")
            return this.takeError(json, event.data);
        if (json === undefined)
            return this.fail(malformed(this.exchange, "an event is no JSON object"));
        this.takeJson(json);
    }
    takeError(json, data) {
        const error = this.dialect.reportedError(json) ?? { message: json === undefined ? data : "", codes: [] };
        this.fail(reported(this.exchange, error, this.dialect.failureRules));
    }
    takeJson(json) {
        if (this.outcome !== undefined)
            return;
        if (!this.isEvent(json))
            return this.fail(malformed(this.exchange, this.whatIsWrong(json)));
        const step = this.dialect.step(this.state, json);
        this.state = step.state;
        if (step.model)
            this.model = step.model;
        if (step.chunk !== undefined)
            this.takeChunk(step.chunk);
        this.takeOutcome(step);
    }
    takeOutcome(step) {
        if (step.malformed !== undefined) {
            this.fail(malformed(this.exchange, this.wrongAt(step.malformed)));
        }
        else if (step.failure !== undefined) {
            this.fail(reported(this.exchange, step.failure, this.dialect.failureRules));
        }
        else if (step.isEnd === true)
            this.complete();
    }
    takeChunk(chunk) {
        if (chunk.usage !== null)
            this.usage = chunk.usage;
        const shows = hasOutput(chunk);
        if (shows)
            this.hasContent = true;
        if (chunk.finishReason === null) {
            // After the finish reason events only add to the last chunk, but nothing that carries something is withheld.
            if (shows || chunk.providerData !== undefined || this.finish === undefined)
                this.emit(chunk);
            return;
        }
        if (shows)
            this.emit({ ...chunk, finishReason: null });
        // A repeated finish takes the first one's place, but not that of what it carried.
        else if (this.finish?.providerData !== undefined)
            this.emit({ ...this.finish, finishReason: null });
        this.finish = shows ? { ...chunk, providerData: undefined } : chunk;
    }
    emit(chunk) {
        this.count++;
        this.chunks.push(chunk);
    }
    complete() {
        if (this.outcome !== undefined)
            return;
        const { finishReason, rawChunk, providerData } = this.finish ?? { finishReason: "other", rawChunk: null };
        const origin = { provider: this.exchange.provider, model: this.model };
        const asked = this.exchange.model;
        const cost = this.usage === null ? null : (this.costOf?.(this.usage, { ...origin, asked }) ?? null);
        this.emit({
            content: "",
            reasoning: "",
            toolCalls: [],
            finishReason,
            usage: this.usage,
            rawChunk,
            ...(providerData === undefined ? {} : { providerData }),
            origin,
            ...(cost === null ? {} : { cost })
        });
        this.outcome = "complete";
    }
    /** A body that is no stream of events: a bare JSON error, or a gateway's page. */
    takeStray(stray) {
        if (this.outcome !== undefined)
            return;
        const error = this.dialect.reportedError(parseJson(stray));
        if (error !== undefined)
            this.fail(reported(this.exchange, error, this.dialect.failureRules));
        else if (this.finish === undefined && isPage(stray))
            this.fail(page(this.exchange));
    }
    /** The path of the first thing that is not as documented, but not its value. */
    whatIsWrong(json) {
        const result = Schema.validateEither(this.dialect.event())(json);
        const issue = result._tag === "Left" ? ParseResult.ArrayFormatter.formatErrorSync(result.left)[0] : undefined;
        return this.wrongAt(issue?.path.map(String).join(".") || "the event");
    }
    wrongAt(path) {
        return `${path} of a ${this.dialect.eventName} event is not as documented`;
    }
}
/** Makes the readers of a dialect, whose check of an event is prepared once. */
const readers = (dialect, bounds) => {
    const isEvent = compile(dialect.event());
    return (exchange, costOf) => new AnswerReader(dialect, isEvent, exchange, bounds, costOf);
};
const isPing = (name) => name !== undefined && /^(?:ping|keep-?alive|heartbeat)$/i.test(name);

/** The clocks of one stream: they run only while we wait for the provider. */
/**
 * One sleeping fiber watches all clocks; starting and stopping them costs two reads of the time, where racing every
 * read against a sleep costs 33 µs.
 */
class Clocks {
    clock;
    limits;
    waited;
    onExpired;
    startedAt = 0;
    hasHeard = false;
    hasContent = false;
    /** `waited` is the time in milliseconds that the request has taken so far. */
    constructor(clock, limits, waited) {
        this.clock = clock;
        this.limits = limits;
        this.waited = waited;
    }
    /** Starts to wait for a read. */
    start(onExpired) {
        this.startedAt = this.clock.unsafeCurrentTimeMillis();
        this.onExpired = onExpired;
    }
    /** Something was read, be it a keep-alive: from now on the idle clock runs too. */
    stop() {
        this.onExpired = undefined;
        this.hasHeard = true;
        this.waited += this.clock.unsafeCurrentTimeMillis() - this.startedAt;
    }
    /** The first content was read. */
    stopFirstContent() {
        this.hasContent = true;
    }
    /** Watches until it is interrupted. */
    watch = Effect.suspend(() => Effect.sleep(this.expire())).pipe(Effect.forever);
    /** Expires the clock that has run out, if one has; returns how long none can. */
    expire() {
        const { firstContent, idle, total } = this.limits;
        const waiting = this.onExpired === undefined ? 0 : this.clock.unsafeCurrentTimeMillis() - this.startedAt;
        const left = [
            ["firstContent", firstContent, this.hasContent ? Number.POSITIVE_INFINITY : firstContent - this.waited - waiting],
            ["idle", idle, this.hasHeard ? idle - waiting : Number.POSITIVE_INFINITY],
            ["total", total, total - this.waited - waiting]
        ];
        const [clock, limit, millis] = left.reduce((first, each) => (each[2] < first[2] ? each : first));
        const onExpired = this.onExpired;
        if (millis <= 0 && onExpired !== undefined) {
            this.onExpired = undefined;
            onExpired(clock, limit);
        }
        // Never longer than the idle clock, which may start the moment after we look.
        return Math.min(Math.max(millis, 1), idle, longestSleep);
    }
}
// Beyond this a timer of JavaScript fires at once.
const longestSleep = 2 ** 31 - 1;

/** Makes a provider of a dialect, an address and a client. */
const make$1 = (dialect, connection, client) => {
    const line = {
        open: opener(dialect, connection, client),
        newReader: readers(dialect, connection.bounds),
        bounds: connection.bounds
    };
    return {
        name: connection.provider,
        chatStream: (request, options) => make$5(Effect.suspend(() => begin(line, request, options))),
        chat: (request, options) => Effect.suspend(() => Effect.scoped(chat(line, request, options)))
    };
};
const opener = (dialect, connection, client) => {
    const post = poster(dialect, connection, client);
    return (request, isStream, limits) => Effect.gen(function* () {
        const { question, exchange } = yield* ask(request, connection);
        const encoded = dialect.encode(question, isStream);
        return yield* Either.isLeft(encoded)
            ? invalid(exchange, encoded.left)
            : post(encoded.right, exchange, limits, isStream);
    });
};
const begin = ({ open: open$1, newReader, bounds }, request, options) => Effect.gen(function* () {
    const limits = limitsOf(options?.timeouts, true);
    const clock = yield* Effect.clock;
    const sentAt = clock.unsafeCurrentTimeMillis();
    const { response, exchange } = yield* open$1(request, true, limits);
    const reader = newReader(exchange, options?.costOf);
    const body = yield* open(response);
    if (/\bjson\b/.test(response.headers["content-type"] ?? ""))
        return whole(reader, yield* readAnswer(body, exchange, bounds), body);
    const clocks = new Clocks(clock, limits, clock.unsafeCurrentTimeMillis() - sentAt);
    yield* Effect.forkScoped(clocks.watch);
    return pullOf({ reader, body, clocks, exchange });
});
const chat = ({ open: open$1, newReader, bounds }, request, options) => Effect.gen(function* () {
    const { response, exchange } = yield* open$1(request, false, limitsOf(options?.timeouts, false));
    const reader = newReader(exchange, options?.costOf);
    const chunks = reader.pushAnswer(yield* readAnswer(yield* open(response), exchange, bounds));
    const fold = new ChatFold();
    for (const chunk of chunks)
        fold.add(chunk);
    if (reader.outcome !== undefined && reader.outcome !== "complete")
        return yield* reader.outcome;
    return fold.response() ?? (yield* truncated(exchange, chunks.length));
});
/** Reads until a chunk is complete or the answer has ended. */
const pullOf = (pulled) => {
    const { reader, body, clocks } = pulled;
    const pull = Effect.flatMap(readOf(pulled), (bytes) => {
        if (reader.outcome !== undefined)
            return endOf(reader, body);
        const chunks = bytes === undefined ? reader.end() : reader.push(bytes);
        if (reader.hasContent)
            clocks.stopFirstContent();
        if (chunks.length > 0)
            return Effect.succeed(chunks);
        return reader.outcome === undefined ? pull : endOf(reader, body);
    });
    return Effect.suspend(() => (reader.outcome === undefined ? pull : endOf(reader, body)));
};
/** Waits for one network read; a clock that runs out and a connection that breaks end the answer. */
const readOf = ({ reader, body, clocks, exchange }) => Effect.async((resume) => {
    clocks.start((clock, afterMillis) => {
        reader.fail(timedOut(exchange, clock, afterMillis));
        resume(Effect.succeed(undefined));
    });
    body.next((bytes) => {
        clocks.stop();
        resume(Effect.succeed(bytes));
    }, (cause) => {
        clocks.stop();
        reader.breakOff(cause);
        resume(Effect.succeed(undefined));
    });
});
const endOf = (reader, body) => reader.outcome === undefined || reader.outcome === "complete"
    ? Effect.as(drain(body), [])
    : Effect.fail(reader.outcome);
/** A provider that answered a streamed request with a whole answer: its chunks at once. */
const whole = (reader, answer, body) => {
    let chunks = reader.pushAnswer(answer);
    return Effect.suspend(() => {
        if (chunks.length === 0)
            return endOf(reader, body);
        const all = chunks;
        chunks = [];
        return Effect.succeed(all);
    });
};

/** Reads the key and the address of a provider from the environment, and names the variable that is missing. */
/** Reads both; a missing key is a `ConfigError`. */
const read = ({ key, baseUrl }) => Effect.all({
    apiKey: Effect.mapError(readKey(key), (error) => (ConfigError.isMissingDataOnly(error) ? missing(key) : error)),
    baseUrl: readOptional(baseUrl)
});
/** Reads the address alone, and the key where there is one: a server of one's own may want none. */
const readKeyless = ({ key, baseUrl }) => Effect.all({ apiKey: Config.withDefault(readKey(key), undefined), baseUrl: readOptional(baseUrl) }).pipe(Effect.map(({ apiKey, baseUrl: found }) => ({ baseUrl: found, ...(apiKey === undefined ? {} : { apiKey }) })));
// Not `Config.redacted`, whose error hides even that the variable is missing; a text is hidden as soon as it is read.
const readKey = ([first, ...others]) => Config.map(others.reduce((config, name) => Config.orElse(config, () => Config.string(name)), Config.string(first)), Redacted.make);
const missing = (names) => ConfigError.MissingData([names[0]], `set ${names.join(" or ")} to your API key`);
const readOptional = (name) => Config.withDefault(Config.string(name), undefined);

const loaded = /*@__PURE__*/ Effect.promise(() => import('./embedder.js'));
/** Makes the embeddings of a dialect, an address and a client. */
const make = (dialect, connection, client) => {
    const embed = (request, options) => Effect.flatMap(loaded, ({ embedder }) => embedder(dialect, connection, client)(request, options));
    return Object.assign(embed, { batchSize: dialect.batchSize });
};

/**
 * A counter that asks a provider, one request for each count; a text is counted as the one message of a user. What
 * another provider would be sent, and what streams, is estimated, as is all where a provider counts nothing.
 */
const serviceOf = ({ name, countTokens }) => ({
    count: (content, model) => {
        const asked = split(model);
        return countTokens === undefined || asked.provider !== name
            ? TokenCounter.approximate.count(content, model)
            : countTokens({ model: asked.model, ...requestOf(content) });
    },
    running: TokenCounter.approximate.running
});
const requestOf = (content) => typeof content === "string" ? { messages: [{ role: "user", content }] } : content;
/** Counts by the providers themselves: OpenAI, Anthropic and Google count what they would be sent. */
const ProviderTokens = {
    /** Serves `TokenCounter` by the provider of a model string, with the key of its variable. */
    layer: (model) => Layer.scoped(TokenCounter, Effect.map(load(model), ({ provider }) => serviceOf(provider))),
    /** Serves `TokenCounter` by one given provider. */
    fromProvider: (tag) => Layer.effect(TokenCounter, Effect.map(tag, serviceOf))
};

export { AssistantMessage, AuthenticationError, Catalogue, ChatRequest, ContextWindowExceededError, Cost, EmbedRequest, FinishReason, InsufficientCreditsError, LLMClient, LLMError, Message, ModelNotFoundError, NetworkError, ProviderError, ProviderTokens, RateLimitError, RunningCount, Spending, StreamChunk, TokenCounter, ToolCall, Usage, ValidationError, begin$1 as begin, check, checkEmbed, collect, countRequest, defaultPolicy, fallback, invalid, isLLMError, isObject, isPlainTalk, isRetryable, isStrict, isTransient, limitsOf, make$6 as make, make$3 as make$1, make$2, make$1 as make$3, make as make$4, malformed, mapSchemas, open, parse, parseJson, pick, poster, print, printing, read, readAnswer, readKeyless, retry, retryBudget, textOf, toolArguments };
//# sourceMappingURL=core.js.map
