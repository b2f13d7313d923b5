import { Context, Effect, identity, Layer, Stream, Duration, Either, Deferred, Exit, Fiber, Option, Clock, ConfigProvider } from 'effect';
import { LLMClient, collect, check, ProviderError, isLLMError, StreamChunk, isObject, make as make$2, parseJson } from '../chunks/core.js';
import { HttpIncomingMessage, HttpServerRequest, HttpServerResponse, HttpMiddleware } from '@effect/platform';

/** Answers that say what they are told, for tests without a network and on `TestClock`. */
/** Scripted answers, and the requests that they saw. */
const Scripted = /*@__PURE__*/ (() => (class Scripted extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/Scripted")() {
    /** The requests that the scripted provider in context has seen, in their order. */
    static requests = /*@__PURE__*/ Effect.flatMap(Scripted, (scripted) => scripted.requests);
    /** Serves `LLMClient` with scripted answers, and without retries: a scripted failure is what the program sees. */
    static layer = (answers) => {
        const provider = Scripted.provider(ScriptedProvider, answers);
        return LLMClient.fromProvider(ScriptedProvider, { model: "scripted", policy: identity }).pipe(Layer.provideMerge(provider));
    };
    /** Serves one provider's tag, such as `OpenAI`, with scripted answers; policies act on it as on the real one. */
    static provider = (tag, answers) => Layer.effectContext(Effect.sync(() => {
        const seen = [];
        const provider = make$1(nameOf(tag.key), answers, seen);
        const scripted = Scripted.of({ requests: Effect.sync(() => [...seen]) });
        return Context.make(tag, provider).pipe(Context.add(Scripted, scripted));
    }));
}))();
class ScriptedProvider extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/Scripted/Provider")() {
}
/** `openai` of `llm-connectivity/OpenAI`. */
const nameOf = (key) => (key.split("/").pop() ?? key).toLowerCase();
const make$1 = (name, answers, seen) => {
    const chatStream = (request) => Stream.unwrap(Effect.map(check(request, name), (checked) => {
        const index = seen.push(checked) - 1;
        const answer = typeof answers === "function" ? answers(checked, index) : answers[index];
        const origin = { provider: name, model: checked.model ?? "scripted" };
        return answer === undefined ? Stream.fail(exhausted(origin, index)) : play$1(answer, origin);
    }));
    return { name, chatStream, chat: (request, options) => collect(chatStream(request)) };
};
const play$1 = (answer, origin) => {
    const steps = isList(answer) ? answer : [answer];
    const chunks = steps.filter(isChunk);
    const callsTool = chunks.some((chunk) => (chunk.toolCalls ?? []).length > 0);
    const ends = steps.some((step) => isLLMError(step) || (isChunk(step) && (step.finishReason ?? null) !== null));
    const ending = ends ? [] : [{ finishReason: callsTool ? "tool_calls" : "stop" }];
    return Stream.fromIterable([...steps, ...ending]).pipe(Stream.flatMap((step) => {
        if (typeof step === "string")
            return Stream.succeed(StreamChunk.make({ content: step }));
        if (isLLMError(step))
            return Stream.fail(step);
        if (!isChunk(step))
            return Stream.drain(Stream.fromEffect(Effect.sleep(step.pause)));
        return Stream.succeed(StreamChunk.make((step.finishReason ?? null) === null ? step : { origin, ...step }));
    }));
};
const isList = (answer) => Array.isArray(answer);
const isChunk = (step) => typeof step === "object" && !isLLMError(step) && !("pause" in step);
const exhausted = (origin, index) => new ProviderError({
    ...origin,
    message: `the script has no answer left for request ${index + 1}; give Scripted one more, or a function`
});

/** A script being played. */
class Script {
    script;
    queue = [];
    index = 0;
    constructor(script) {
        this.script = script;
        if (typeof script !== "function")
            this.add(script);
    }
    /** Adds replies after those that are left. */
    add(replies) {
        this.queue.push(...replies.map(replyOf));
    }
    /** The reply to a request. */
    next(request) {
        const queued = this.queue.shift();
        const index = this.index++;
        if (queued !== undefined || typeof this.script !== "function")
            return queued ?? {};
        return replyOf(this.script(request, index) ?? {});
    }
    /** Takes the next reply if it is to refuse the connection, which happens before there is a request. */
    takeRefusal() {
        const refuses = faultsOf(this.queue[0] ?? {}).some((fault) => fault.type === "refuse");
        if (refuses)
            this.queue.shift();
        return refuses;
    }
}
/** The faults of a reply as a list. */
const faultsOf = ({ fault }) => fault === undefined ? [] : "type" in fault ? [fault] : fault;
const replyOf = (reply) => typeof reply === "string" ? { content: reply } : reply;

/** What the user said last, be it in several parts. */
const promptOf = ({ turns }) => {
    const last = turns.findLastIndex((turn) => turn.role === "user");
    const before = turns.slice(0, last + 1).findLastIndex((turn) => turn.role !== "user");
    return turns
        .slice(before + 1, last + 1)
        .map((turn) => turn.text)
        .filter((text) => text !== "")
        .join("\n");
};

/** Reads fields of JSON that may be anything. */
/** The value if it is a text. */
const text = (value) => (typeof value === "string" ? value : undefined);
/** The value if it is a number. */
const number = (value) => (typeof value === "number" ? value : undefined);
/** The value if it is an object, or else an empty one. */
const object = (value) => (isObject(value) ? value : {});
/** The value if it is a list, or else an empty one. */
const list = (value) => (Array.isArray(value) ? value : []);
/** The objects of a list. */
const objects = (value) => list(value).filter(isObject);
/** The texts of a list, or of one text that stands for a list. */
const texts = (value) => typeof value === "string" ? [value] : list(value).filter((each) => typeof each === "string");

/** Example values that fit a JSON Schema, with what the prompt offers for them. */
/** An example value of a schema. */
const exampleOf = (schema, prompt) => valueFor(schema, "", { prompt, root: schema, depth: 0 });
const valueFor = (schema, name, source) => {
    const known = resolve(object(schema), source.root);
    if (source.depth > 8)
        return null;
    const given = [known["const"], known["default"], list(known["examples"])[0], list(known["enum"])[0]];
    const first = given.find((each) => each !== undefined);
    if (first !== undefined)
        return mentioned(list(known["enum"]), source.prompt) ?? first;
    const branches = [...objects(known["anyOf"]), ...objects(known["oneOf"])];
    const branch = branches.find((each) => typeOf(resolve(each, source.root)) !== "null");
    if (branch !== undefined)
        return valueFor(branch, name, source);
    if (known["allOf"] !== undefined)
        return valueFor(Object.assign({}, ...objects(known["allOf"])), name, source);
    return plain$1(known, name, { ...source, depth: source.depth + 1 });
};
const plain$1 = (schema, name, source) => {
    switch (typeOf(schema)) {
        case "object":
            return objectOf(schema, source);
        case "array":
            return arrayOf(schema, name, source);
        case "integer":
            return numberOf(schema, source.prompt, true);
        case "number":
            return numberOf(schema, source.prompt, false);
        case "boolean":
            return true;
        case "null":
            return null;
        default:
            return textOf$1(schema, name, source.prompt);
    }
};
const resolve = (schema, root) => {
    const reference = text(schema["$ref"]);
    if (reference === undefined)
        return schema;
    const steps = reference.split("/").slice(1);
    const meant = object(steps.reduce((inside, step) => object(inside)[step.replaceAll("~1", "/")], root));
    const { $ref: _, ...own } = schema;
    return { ...meant, ...own };
};
/** The type, of several the first that is not null; Google writes it in capitals. */
const typeOf = (schema) => {
    const named = texts(schema["type"]).map((type) => type.toLowerCase());
    const type = named.find((each) => each !== "null") ?? named[0];
    return type ?? (schema["properties"] === undefined ? undefined : "object");
};
const objectOf = (schema, source) => {
    const properties = Object.entries(object(schema["properties"]));
    const required = texts(schema["required"]);
    const wanted = required.length === 0 ? properties : properties.filter(([name]) => required.includes(name));
    return Object.fromEntries(wanted.map(([name, property]) => [name, valueFor(property, name, source)]));
};
const arrayOf = (schema, name, source) => {
    const tuple = list(schema["prefixItems"]);
    if (tuple.length > 0)
        return tuple.map((item) => valueFor(item, name, source));
    const length = Math.min(Math.max(number(schema["minItems"]) ?? 1, 1), number(schema["maxItems"]) ?? 20, 20);
    return Array.from({ length }, () => valueFor(schema["items"], name.replace(/s$/, ""), source));
};
const numberOf = (schema, prompt, isWhole) => {
    const said = Number(/-?\d+(?:\.\d+)?/.exec(prompt)?.[0] ?? Number.NaN);
    const least = number(schema["minimum"]) ?? exclusive(schema["exclusiveMinimum"], 1);
    const most = number(schema["maximum"]) ?? exclusive(schema["exclusiveMaximum"], -1);
    const wanted = Number.isNaN(said) || (isWhole && !Number.isInteger(said)) ? (least ?? 1) : said;
    return Math.min(Math.max(wanted, least ?? wanted), most ?? Number.MAX_SAFE_INTEGER);
};
const exclusive = (bound, step) => {
    const value = number(bound);
    return value === undefined ? undefined : value + step;
};
const formats = {
    date: "2025-01-31",
    time: "12:00:00Z",
    "date-time": "2025-01-31T12:00:00Z",
    email: "ada@example.com",
    uri: "https://example.com",
    uuid: "123e4567-e89b-42d3-a456-426614174000",
    duration: "PT1H",
    ipv4: "192.0.2.1",
    hostname: "example.com"
};
const textOf$1 = (schema, name, prompt) => {
    const format = text(schema["format"]) ?? "";
    if (Object.hasOwn(formats, format))
        return formats[format] ?? "";
    const value = saidFor(name, prompt);
    const longer = value.padEnd(number(schema["minLength"]) ?? 0, "x");
    return longer.slice(0, number(schema["maxLength"]) ?? longer.length);
};
/** What the prompt says that may be meant: something quoted, or a name after a preposition. */
const saidFor = (name, prompt) => {
    const quoted = /["“]([^"”]{1,80})["”]/.exec(prompt)?.[1];
    if (quoted !== undefined)
        return quoted;
    const named = /\b(?:in|of|for|from|to|at|about|called|named)\s+(\p{Lu}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’-]*)*)/u.exec(prompt);
    if (named?.[1] !== undefined)
        return named[1];
    if (/city|location|place|town/i.test(name))
        return "Paris";
    if (/name|author|person/i.test(name))
        return "Ada Lovelace";
    if (/query|question|search|prompt|text/i.test(name))
        return prompt.slice(0, 80);
    return name === "" ? "example" : `example ${name}`;
};
const mentioned = (values, prompt) => values.find((value) => typeof value === "string" && prompt.toLowerCase().includes(value.toLowerCase()));
/** The example as the object that a call or a JSON answer is. */
const exampleObject = (schema, prompt) => {
    const example = exampleOf(schema, prompt);
    return isObject(example) ? example : {};
};

/** Numbers and ids that look random but follow from a text, so that the same question always gets the same ones. */
/** The FNV-1a hash of a text, as an unsigned number of 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const hash = (text) => {
    let value = 0x811c9dc5;
    for (let index = 0; index < text.length; index++) {
        value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
    }
    return value >>> 0;
};
/** Numbers from 0 to 1 (excluded) that follow from a text: https://en.wikipedia.org/wiki/Xorshift */
function* numbers(seed) {
    // Xorshift stands still at 0.
    let state = hash(seed) || 1;
    while (true) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        yield (state >>> 0) / 2 ** 32;
    }
}
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** An id of so many letters and digits. */
const idOf = (seed, length) => {
    const source = numbers(seed);
    let id = "";
    while (id.length < length)
        id += alphabet[Math.floor(source.next().value * alphabet.length)];
    return id;
};

/** Cuts text into pieces of about four characters at the starts of words, as a tokenizer does; one piece, one token. */
// A word of up to ten letters or six letters of a longer one, each with the space before it; up to three digits or signs;
// the rest of the white space.
const piece = / ?\p{Script=Han}| ?[\p{L}\p{M}]{1,10}(?![\p{L}\p{M}])| ?[\p{L}\p{M}]{6}| ?\p{N}{1,3}| ?[^\s\p{L}\p{M}\p{N}]{1,3}|\s+/gu;
/** The pieces of a text; together they are the text. */
const piecesOf = (text) => text.match(piece) ?? [];
/** How many tokens a text has. */
const tokensOf = (text) => piecesOf(text).length;

// As OpenAI's: nothing shorter is cached, and then in steps: https://platform.openai.com/docs/guides/prompt-caching
const leastCached = 1024;
const cacheStep = 128;
// As OpenAI counts an image at low detail.
const mediaTokens = 85;
/**
 * Counts a prompt. What the model had read before it last spoke is cached when it is long; where the caller marked
 * the prompt (Anthropic), what stands before the mark is written at first, and read once the model has spoken.
 */
const promptTokensOf = (asked) => {
    const lengths = asked.turns.map((turn) => tokensOf(turn.text) + turn.media * mediaTokens);
    const toolTokens = asked.tools.reduce((sum, tool) => sum + tokensOf(tool.name) + tokensOf(tool.description), 0);
    const until = (end) => lengths.slice(0, end).reduce((sum, length) => sum + length, toolTokens);
    const spoken = asked.turns.findLastIndex((turn) => turn.role === "assistant");
    return { promptTokens: Math.max(1, until(lengths.length)), ...cached(asked.turns, Math.max(spoken, 0), until) };
};
const cached = (turns, spoken, until) => {
    const marked = turns.findLastIndex((turn) => turn.isCacheMark) + 1;
    if (marked > 0) {
        const read = until(turns.slice(0, spoken).findLastIndex((turn) => turn.isCacheMark) + 1);
        const cachedPromptTokens = turns.slice(0, spoken).some((turn) => turn.isCacheMark) ? read : 0;
        return { cachedPromptTokens, cacheWriteTokens: until(marked) - cachedPromptTokens };
    }
    const before = spoken === 0 ? 0 : until(spoken);
    return { cachedPromptTokens: before < leastCached ? 0 : before - (before % cacheStep), cacheWriteTokens: 0 };
};

/** What the Simulator knows: numbers as words, a few lists and a few facts, enough for an answer worth watching. */
const small = /*@__PURE__*/ "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const tens = /*@__PURE__*/ "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
/** A whole number from 0 to 100 in words. */
const numberInWords = (value) => {
    if (value >= 100)
        return "one hundred";
    const word = small[value];
    if (word !== undefined)
        return word;
    const rest = value % 10;
    const ten = tens[Math.floor(value / 10) - 2] ?? "";
    return rest === 0 ? ten : `${ten}-${small[rest]}`;
};
const values = /*@__PURE__*/ new Map(/*@__PURE__*/ Array.from({ length: 101 }, (_, value) => [numberInWords(value), value]));
/** The number that digits or a word name, if it is one. */
const numberNamed = (text) => /^\d+$/.test(text) ? Number(text) : values.get(text.toLowerCase());
/** Things that can be listed, by a word that their name holds. */
const lists = [
    [
        /languages?.*(?:program|cod)|(?:program|cod)\w* languages?/i,
        ["TypeScript", "Python", "Rust", "Go", "Haskell", "Kotlin", "Elixir", "Java", "Swift", "C"]
    ],
    [/languages?/i, ["English", "Spanish", "Mandarin", "Arabic", "Hindi", "French", "Swahili", "Japanese"]],
    [/colou?rs?/i, ["red", "green", "blue", "yellow", "orange", "purple", "white", "black"]],
    [/fruits?/i, ["apple", "pear", "cherry", "mango", "banana", "grape", "orange", "fig"]],
    [/vegetables?/i, ["carrot", "leek", "tomato", "onion", "spinach", "pepper", "bean", "beetroot"]],
    [/planets?/i, ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"]],
    [/animals?/i, ["fox", "otter", "heron", "hare", "badger", "whale", "bee", "lynx"]],
    [/countr(?:y|ies)/i, ["Chile", "Norway", "Kenya", "Japan", "Portugal", "Canada", "India", "Ghana"]],
    [/cit(?:y|ies)/i, ["Paris", "Lima", "Nairobi", "Kyoto", "Lisbon", "Toronto", "Mumbai", "Accra"]],
    [/names?/i, ["Ada", "Grace", "Alan", "Barbara", "Edsger", "Margaret", "Donald", "Frances"]],
    [
        /(?:books?|novels?)/i,
        ["Middlemarch", "Emma", "Ulysses", "Beloved", "Dracula", "Walden", "Frankenstein", "The Trial"]
    ]
];
/** Capitals of a few countries. */
const capitals = {
    france: "Paris",
    germany: "Berlin",
    italy: "Rome",
    spain: "Madrid",
    portugal: "Lisbon",
    japan: "Tokyo",
    norway: "Oslo",
    kenya: "Nairobi",
    canada: "Ottawa",
    england: "London"
};
/** What a few things are. */
const facts = {
    effect: "Effect is a TypeScript library for programs whose errors, dependencies and concurrency are in their types.",
    typescript: "TypeScript is JavaScript with types that are checked before the program runs.",
    streaming: "Streaming means to send an answer piece by piece while it is written, so that nobody waits for its end.",
    llm: "An LLM is a large language model: a program that has learnt from much text how texts go on.",
    token: "A token is the piece of text that a model reads and writes at a time, about four characters of English.",
    recursion: "Recursion is when a function calls itself on a smaller part of its problem until the part is trivial.",
    backpressure: "Backpressure is how a slow reader makes a fast writer wait, so that nothing piles up between them.",
    fiber: "A fiber is a thread that a library runs instead of the system: cheap to start, and easy to interrupt.",
    monad: "A monad is a way to chain steps whose results come with something more, such as a failure or a wait.",
    "rate limit": "A rate limit is how many requests a server takes in a while before it asks its callers to wait.",
    "server-sent event": "Server-sent events are lines of text that a server keeps sending on one open response."
};
/** Sentences to fill a long text with. */
const sentences = [
    "The lamp at the end of the pier was lit before anyone had asked for it.",
    "A boat came in with the tide, slowly, and its crew said nothing at first.",
    "Somebody counted the crates, and somebody else wrote the numbers down.",
    "By noon the fog had gone, and the hills stood closer than the day before.",
    "They talked about the weather, because the weather was all that had changed.",
    "In the evening the harbour was quiet, and the water kept its own time.",
    "Nobody knew who had painted the door blue, but everybody had an opinion.",
    "The letter arrived a week late and was read aloud twice.",
    "When the clock struck, three people looked up and one smiled.",
    "It was a small town, and small towns remember everything."
];

/** What the Simulator says by default: something sensible enough to be watched, and always the same for a prompt. */
const itself = "I am a simulated model: a small server on this machine that speaks the wire of the real providers, with no network, " +
    "no key and no cost.";
const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const shortened = (text, length) => {
    const line = text.replace(/\s+/g, " ").trim();
    return line.length <= length ? line : `${line.slice(0, length).replace(/\s\S*$/, "")}…`;
};
const count$1 = (from, to, inWords) => {
    const length = Math.min(Math.abs(to - from), 100) + 1;
    const numbers = Array.from({ length }, (_, index) => from + Math.sign(to - from) * index);
    return inWords ? `${capitalized(numbers.map(numberInWords).join(", "))}.` : numbers.join(", ");
};
const countTo = (match, prompt) => {
    const to = numberNamed(match.groups?.["to"] ?? "");
    const from = numberNamed(match.groups?.["from"] ?? "1");
    if (to === undefined || from === undefined)
        return undefined;
    return count$1(Math.min(from, 100), Math.min(to, 100), /\bwords?\b/i.test(prompt));
};
const countDown = (match, prompt) => {
    const from = numberNamed(match.groups?.["from"] ?? "");
    return from === undefined ? undefined : count$1(Math.min(from, 100), 0, /\bwords?\b/i.test(prompt));
};
const listOf = (match) => {
    const wanted = numberNamed(match.groups?.["count"] ?? "");
    const things = (match.groups?.["things"] ?? "").replace(/[.?!].*$/s, "").trim();
    if (wanted === undefined || things === "")
        return undefined;
    const known = lists.find(([pattern]) => pattern.test(things))?.[1] ?? [];
    const items = Array.from({ length: Math.min(wanted, 100) }, (_, index) => known[index] ?? `Example ${index + 1}`);
    return items.map((item, index) => `${index + 1}. ${capitalized(item)}`).join("\n");
};
const sum = (match) => {
    const [left, right] = [Number(match.groups?.["left"]), Number(match.groups?.["right"])];
    const sign = match.groups?.["sign"] ?? "+";
    const results = {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        x: left * right,
        "/": left / right
    };
    return `${left} ${sign} ${right} = ${Number((results[sign] ?? 0).toFixed(6))}`;
};
/** So many words, the sentences in an order that follows from the prompt. */
const longText = (words, prompt) => {
    const first = hash(prompt);
    const text = [];
    for (let index = 0; text.length < words; index++) {
        text.push(...(sentences[(first + index * 7) % sentences.length] ?? "").split(" "));
    }
    return text
        .slice(0, words)
        .join(" ")
        .replace(/[,.]?$/, ".");
};
const explain = (match) => {
    const said = (match.groups?.["thing"] ?? "").replace(/[.?!].*$/s, "").trim();
    const thing = said.replace(/\s+(?:in|with|to|using|as|like|briefly|simply|please)\b.*$/is, "");
    const name = singular(thing.replace(/^(?:an?|the)\s+/i, "").toLowerCase());
    if (name === "")
        return undefined;
    const known = Object.entries(facts).find(([fact]) => singular(fact) === name);
    return (known?.[1] ??
        `In a sentence: ${shortened(thing, 80)} is what a real model would explain now; a simulated one only shows how the words arrive.`);
};
const singular = (name) => name.replace(/s$/, "");
const rules = [
    [/\bcount\w*\s+down\b.*?\bfrom\s+(?<from>[\w-]+)/is, countDown],
    [/\bcount\w*\b.*?(?:\bfrom\s+(?<from>[\w-]+)\s+)?(?:up\s+)?\bto\s+(?<to>[\w-]+)/is, countTo],
    [
        /\b(?:list|name|give(?:\s+me)?|suggest|recommend|write)\s+(?:the\s+)?(?:first\s+)?(?<count>[\w-]+)\s+(?!words?\b)(?<things>.+)/is,
        listOf
    ],
    [
        /\b(?<count>\d+)[\s-]words?\b/i,
        (match, prompt) => longText(Math.min(Number(match.groups?.["count"]), 5000), prompt)
    ],
    [
        /(?:\bwhat(?:\s+is|['’]s)|\bcalculate|\bcompute|\bhow much is|^)\s*(?<left>-?\d+(?:\.\d+)?)\s*(?<sign>[-+*x/])\s*(?<right>\d+(?:\.\d+)?)/i,
        sum
    ],
    [/\bcapital of (?:the )?(?<country>\w+)/i, (match) => capitalOf(match.groups?.["country"] ?? "")],
    [/\b(?:who|what) are you\b|\byour name\b|\bwho am i talking to\b|\bintroduce yourself\b/i, () => itself],
    [/\bhaiku\b/i, () => "Tokens, one by one,\na small server on this desk\nspeaks like all the rest."],
    [/\bjoke\b/i, () => "Why did the stream never lose an argument? It always had one more chunk."],
    [/\b(?:stor(?:y|ies)|essay|poem|article|in detail|long answer)\b/i, (_, prompt) => longText(150, prompt)],
    [/\b(?:say|repeat|reply with|echo)\b[^"“]*["“](?<quoted>[^"”]+)["”]/i, (match) => match.groups?.["quoted"]],
    [/\bsay\s+(?<word>[\p{L}'’-]+)\s*[.!?]?\s*$/iu, (match) => `${capitalized(match.groups?.["word"] ?? "")}!`],
    [/^\W*(?:hi|hello|hey|good (?:morning|evening|day))\b/i, () => "Hello! How can I help you today?"],
    [/\b(?:what(?:\s+is|\s+are|['’]s)|who (?:is|was)|explain|define|describe|tell me about)\s+(?<thing>.+)/is, explain]
];
const capitalOf = (country) => {
    const name = country.toLowerCase();
    const capital = Object.hasOwn(capitals, name) ? capitals[name] : undefined;
    return capital === undefined ? undefined : `The capital of ${capitalized(name)} is ${capital}.`;
};
/** Answers a prompt. */
const sayTo = (prompt) => {
    // Patterns are for what a person asks, not for a document that is sent along.
    const start = prompt.slice(0, 2000);
    for (const [pattern, say] of rules) {
        const match = start.match(pattern);
        const said = match === null ? undefined : say(match, start);
        if (said !== undefined)
            return said;
    }
    if (start.trim() === "")
        return "I have read what you sent, and it holds no words that I could answer.";
    return `You wrote: “${shortened(start, 120)}” A real model would answer that now; I am a simulated one, and can only confirm that the question has arrived.`;
};
/** Thinks aloud about a prompt. */
const thinkAbout = (prompt) => `The user asks: “${shortened(prompt, 60)}”. I look at what is wanted, settle on the simplest answer, and check it once.`;

/** Which tools the Simulator calls, and with what. */
/** The calls for a question: those that must be, or else those that the prompt mentions; none after a tool's result. */
const callsFor = (asked, seed) => chosen(asked).map((tool, index) => callOf$1({ name: tool.name, arguments: exampleObject(tool.parameters, promptOf(asked)) }, seed, index));
/** A call of a script. */
const callOf$1 = (call, seed, index) => {
    const json = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments ?? {});
    return {
        id: call.id ?? idOf(`${seed}\n${index} ${call.name}`, 24),
        isGivenId: call.id !== undefined,
        name: call.name,
        arguments: json,
        pieces: piecesOf(json)
    };
};
const chosen = (asked) => {
    const { tools, toolChoice, toolResults } = asked;
    if (toolChoice === "none" || toolResults.length > 0)
        return [];
    if (typeof toolChoice === "object")
        return tools.filter((tool) => tool.name === toolChoice.name);
    const prompt = promptOf(asked).toLowerCase();
    const mentioned = tools.filter((tool) => isMentioned(tool.name, prompt));
    return mentioned.length === 0 && toolChoice === "required" ? tools.slice(0, 1) : mentioned;
};
// Words that say nothing of what a tool is about.
const verbs = /*@__PURE__*/ new Set(["get", "set", "fetch", "read", "find", "look", "lookup", "current", "and", "the", "for", "tool"]);
/** A name is mentioned as a whole, or by one of its words: `get_weather` by "weather", `calculator` by "calculate". */
const isMentioned = (name, prompt) => {
    if (prompt.includes(name.toLowerCase()))
        return true;
    const words = name
        .replace(/([a-z])([A-Z])/g, "$1 $2")
        .toLowerCase()
        .match(/\p{L}{3,}/gu) ?? [];
    return words.some((word) => !verbs.has(word) && new RegExp(stemOf(word), "u").test(prompt));
};
const stemOf = (word) => (word.length < 6 ? `\\b${word}s?\\b` : `\\b${word.slice(0, -2)}`);

/** Answers a question, as a script says or by default. */
const answerTo = (asked, reply) => {
    const said = isScripted(reply) ? scripted(asked, reply) : spontaneous(asked, reply);
    const reasoningTokens = said.reasoning.length;
    const callTokens = said.toolCalls.reduce((sum, call) => sum + tokensOf(call.name) + call.pieces.length, 0);
    const counted = {
        ...promptTokensOf(asked),
        completionTokens: Math.max(1, reasoningTokens + said.content.length + callTokens),
        reasoningTokens
    };
    return {
        id: idOf(seedOf(asked), 24),
        model: asked.model,
        ...said,
        showsReasoning: said.reasoning.length > 0 && (asked.showsReasoning || reply.reasoning !== undefined),
        finishReason: reply.finishReason ?? said.finishReason,
        usage: make$2({ ...counted, ...reply.usage })
    };
};
const isScripted = (reply) => reply.content !== undefined || reply.chunks !== undefined || reply.toolCalls !== undefined;
const scripted = (asked, reply) => {
    const toolCalls = (reply.toolCalls ?? []).map((call, index) => callOf$1(call, seedOf(asked), index));
    return {
        reasoning: piecesOf(reply.reasoning ?? ""),
        content: reply.chunks ?? piecesOf(reply.content ?? ""),
        toolCalls,
        finishReason: toolCalls.length === 0 ? "stop" : "tool_calls",
        stopSequence: null
    };
};
const spontaneous = (asked, reply) => {
    const prompt = promptOf(asked);
    const thoughts = reply.reasoning ?? (asked.wantsReasoning ? thinkAbout(prompt) : "");
    const calls = callsFor(asked, seedOf(asked));
    const budget = asked.maxTokens ?? Number.POSITIVE_INFINITY;
    const reasoning = piecesOf(thoughts).slice(0, budget);
    if (calls.length > 0) {
        return { reasoning, content: [], toolCalls: calls, finishReason: "tool_calls", stopSequence: null };
    }
    const [kept, stopSequence] = stoppedAt(contentFor(asked, prompt), asked.stop);
    const pieces = piecesOf(kept);
    const content = pieces.slice(0, Math.max(0, budget - reasoning.length));
    const isCut = content.length < pieces.length;
    return {
        reasoning,
        content,
        toolCalls: [],
        finishReason: isCut ? "length" : "stop",
        stopSequence: isCut ? null : stopSequence
    };
};
const contentFor = (asked, prompt) => {
    if (asked.format?.schema !== undefined)
        return JSON.stringify(exampleOf(asked.format.schema, prompt));
    const text = asked.toolResults.length > 0 ? fromTools(asked) : sayTo(prompt);
    return asked.format === undefined ? text : JSON.stringify({ answer: text });
};
const fromTools = (asked) => asked.toolResults.map(({ name, text }) => `${name} says: ${text.slice(0, 500)}`).join("\n");
const stoppedAt = (text, stop) => {
    const found = stop
        .filter((sequence) => sequence !== "" && text.includes(sequence))
        .map((sequence) => [text.indexOf(sequence), sequence])
        .sort(([left], [right]) => left - right)[0];
    return found === undefined ? [text, null] : [text.slice(0, found[0]), found[1]];
};
/** What ids follow from: they differ from turn to turn, and are the same when the same is asked again. */
const seedOf = (asked) => asked.turns.map((turn) => `${turn.role}: ${turn.text}`).join("\n");

/** The errors of OpenAI's APIs: https://platform.openai.com/docs/guides/error-codes */
const rows$2 = {
    authentication: {
        status: 401,
        type: "invalid_request_error",
        code: "invalid_api_key",
        message: "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."
    },
    permission: {
        status: 403,
        type: "invalid_request_error",
        code: "unsupported_country_region_territory",
        message: "Country, region, or territory not supported"
    },
    insufficientCredits: {
        status: 429,
        type: "insufficient_quota",
        code: "insufficient_quota",
        message: "You exceeded your current quota, please check your plan and billing details."
    },
    rateLimit: {
        status: 429,
        type: "requests",
        code: "rate_limit_exceeded",
        message: "Rate limit reached for MODEL in organization org-simulated on requests per min (RPM): Limit 3, Used 3."
    },
    overloaded: {
        status: 503,
        type: "server_error",
        code: null,
        message: "The engine is currently overloaded, please try again later"
    },
    modelNotFound: {
        status: 404,
        type: "invalid_request_error",
        code: "model_not_found",
        message: "The model `MODEL` does not exist or you do not have access to it."
    },
    contextWindow: {
        status: 400,
        type: "invalid_request_error",
        code: "context_length_exceeded",
        message: "This model's maximum context length is 128000 tokens. Please reduce the length of the messages."
    },
    invalidRequest: {
        status: 400,
        type: "invalid_request_error",
        code: null,
        message: "We could not parse the JSON body of your request."
    },
    notFound: { status: 404, type: "invalid_request_error", code: null, message: "Invalid URL" },
    server: {
        status: 500,
        type: "server_error",
        code: null,
        message: "The server had an error while processing your request. Sorry about that!"
    }
};
/** What stands under `error`. */
const errorOf$1 = (error, model) => {
    const { type, code, message } = rows$2[error.kind];
    const again = error.retryAfter === undefined ? "" : ` Please try again in ${Duration.toSeconds(error.retryAfter)}s.`;
    return { message: error.message ?? `${message.replace("MODEL", model)}${again}`, type, param: null, code };
};
/** The header that says how long to wait. */
const retryHeaders = ({ retryAfter }) => retryAfter === undefined ? {} : { "retry-after": String(Duration.toSeconds(retryAfter)) };
/** The failed response. */
const error$2 = (reported, model) => ({
    status: rows$2[reported.kind].status,
    headers: retryHeaders(reported),
    body: { error: errorOf$1(reported, model) }
});

const rows$1 = {
    authentication: [401, "authentication_error", "invalid x-api-key"],
    permission: [403, "permission_error", "Your API key does not have permission to use the specified resource."],
    insufficientCredits: [
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."
    ],
    rateLimit: [
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 50 requests per minute."
    ],
    overloaded: [529, "overloaded_error", "Overloaded"],
    modelNotFound: [404, "not_found_error", "model: MODEL"],
    contextWindow: [400, "invalid_request_error", "prompt is too long: 212000 tokens > 200000 maximum"],
    invalidRequest: [400, "invalid_request_error", "The request body is not valid JSON."],
    notFound: [404, "not_found_error", "Not Found"],
    server: [500, "api_error", "Internal server error"]
};
/** The JSON of an error, in a response and in an event. */
const errorBody = (reported, model) => {
    const [, type, message] = rows$1[reported.kind];
    return { type: "error", error: { type, message: reported.message ?? message.replace("MODEL", model) } };
};
/** The failed response. */
const error$1 = (reported, model) => ({
    status: rows$1[reported.kind][0],
    headers: retryHeaders(reported),
    body: errorBody(reported, model)
});

/** Signatures of reasoning, which the Simulator knows again when they come back, as the real providers do. */
const checkLength = 8;
/** Signs a text. */
const signatureOf = (text) => {
    const body = idOf(`signature ${text}`, 56);
    return `${body}${idOf(body, checkLength)}`;
};
/** Says whether a signature is one of ours. */
const isSignature = (signature) => typeof signature === "string" && idOf(signature.slice(0, -checkLength), checkLength) === signature.slice(-checkLength);

/** What is wrong with a request, if anything is. */
const problemOf$2 = (body, address) => {
    const messages = objects(body["messages"]);
    if (address.headers["anthropic-version"] === undefined)
        return "anthropic-version: header is required";
    if (text(body["model"]) === undefined)
        return "model: Field required";
    if (!address.isCount && number(body["max_tokens"]) === undefined)
        return "max_tokens: Field required";
    if (body["messages"] === undefined)
        return "messages: Field required";
    if (messages.length === 0)
        return "messages: at least one message is required";
    const wrong = messages.findIndex((message) => message["role"] !== "user" && message["role"] !== "assistant");
    if (wrong !== -1)
        return `messages.${wrong}.role: Input should be 'user' or 'assistant'`;
    const empty = messages.findIndex(({ content }) => content === "" || list(content).some(isEmptyText));
    if (empty !== -1)
        return `messages.${empty}: text content blocks must be non-empty`;
    return toolProblem(messages) ?? thinkingProblem(body, messages);
};
const isEmptyText = (block) => object(block)["type"] === "text" && object(block)["text"] === "";
const toolProblem = (messages) => {
    for (const [index, message] of messages.entries()) {
        const calls = objects(message["content"]).filter((block) => block["type"] === "tool_use");
        const next = objects(messages[index + 1]?.["content"]).filter((block) => block["type"] === "tool_result");
        const lonely = calls.find((call) => !next.some((result) => result["tool_use_id"] === call["id"]));
        if (lonely !== undefined) {
            return `messages.${index + 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${lonely["id"]}.`;
        }
        const stray = next.find((result) => !calls.some((call) => call["id"] === result["tool_use_id"]));
        if (stray !== undefined) {
            return `messages.${index + 1}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray["tool_use_id"]}.`;
        }
    }
    return undefined;
};
const thinkingProblem = (body, messages) => {
    const thinking = object(body["thinking"]);
    const budget = number(thinking["budget_tokens"]) ?? 0;
    const isEnabled = thinking["type"] === "enabled";
    if (isEnabled && budget < 1024) {
        return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
    }
    if (isEnabled && budget >= (number(body["max_tokens"]) ?? Number.POSITIVE_INFINITY)) {
        return "`max_tokens` must be greater than `thinking.budget_tokens`.";
    }
    const index = messages.findLastIndex((message) => message["role"] === "assistant");
    const blocks = objects(messages[index]?.["content"]);
    const first = text(blocks[0]?.["type"]) ?? "";
    if (isEnabled && blocks.some((block) => block["type"] === "tool_use") && !first.endsWith("thinking")) {
        return `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`;
    }
    const forged = messages.findIndex((message) => objects(message["content"]).some(isForged));
    return forged === -1 ? undefined : `messages.${forged}.content.0: Invalid \`signature\` in \`thinking\` block`;
};
const isForged = (block) => block["type"] === "thinking" && !isSignature(block["signature"]);

/** A text, unless it is empty. */
const turnOf = (role, said, isCacheMark = false) => said === "" ? [] : [{ role, text: said, media: 0, isCacheMark }];
/** A call that the model made. */
const callTurn = (name, json) => turnOf("assistant", `${text(name) ?? ""}${canonical(json)}`);
/** A content: a string, or parts, of which those without a text are images or files. */
const contentTurns = (role, content) => typeof content === "string" ? turnOf(role, content) : objects(content).flatMap((part) => partTurns(role, part));
const partTurns = (role, part) => {
    const said = text(part["text"]) ?? text(part["refusal"]);
    const isCacheMark = part["cache_control"] != null;
    return said === undefined ? [{ role, text: "", media: 1, isCacheMark }] : turnOf(role, said, isCacheMark);
};
/** The text of a content. */
const textOfContent = (content) => contentTurns("user", content)
    .map((turn) => turn.text)
    .join("");
/** The same JSON written the same way, as some families carry as text what others carry as an object. */
const canonical = (json) => {
    try {
        return JSON.stringify(JSON.parse(json));
    }
    catch {
        return json;
    }
};

/** Reads what a request for Messages asks, as strictly as Anthropic does where clients go wrong. */
/** Reads a request, or says what it lacks. */
const read$3 = (body, address) => {
    const problem = problemOf$2(body, address);
    if (problem !== undefined)
        return Either.left({ kind: "invalidRequest", message: problem });
    const messages = objects(body["messages"]);
    return Either.right({
        model: text(body["model"]) ?? "",
        isStream: body["stream"] === true,
        turns: [...contentTurns("system", body["system"]), ...messages.flatMap(turnsOf$3)],
        toolResults: toolResultsOf$3(messages),
        tools: objects(body["tools"]).map(toolOf$3),
        toolChoice: toolChoiceOf$3(object(body["tool_choice"])),
        format: formatOf$3(body),
        ...reasoningOf$2(object(body["thinking"])),
        isStored: false,
        wantsSealedReasoning: false,
        maxTokens: number(body["max_tokens"]),
        stop: texts(body["stop_sequences"]),
        includesUsage: true
    });
};
/** The blocks of a message; a string is one block of text. */
const blocksOf$1 = (message) => {
    const content = message?.["content"];
    return typeof content === "string" ? [{ type: "text", text: content }] : objects(content);
};
const turnsOf$3 = (message) => {
    const role = message["role"] === "assistant" ? "assistant" : "user";
    return blocksOf$1(message).flatMap((block) => {
        switch (block["type"]) {
            case "tool_use":
                return callTurn(block["name"], JSON.stringify(block["input"] ?? {}));
            case "tool_result":
                return turnOf("tool", resultOf$1(block), block["cache_control"] != null);
            case "thinking":
            case "redacted_thinking":
                return [];
            default:
                return contentTurns(role, [block]);
        }
    });
};
const resultOf$1 = (block) => canonical(textOfContent(block["content"]));
const toolResultsOf$3 = (messages) => {
    const spoken = messages.findLastIndex((message) => message["role"] === "assistant");
    const calls = blocksOf$1(messages[spoken]);
    return messages
        .slice(spoken + 1)
        .flatMap(blocksOf$1)
        .filter((block) => block["type"] === "tool_result")
        .map((block) => {
        const call = calls.find((each) => each["type"] === "tool_use" && each["id"] === block["tool_use_id"]);
        return { name: text(call?.["name"]) ?? "the tool", text: resultOf$1(block) };
    });
};
const toolOf$3 = (tool) => ({
    name: text(tool["name"]) ?? "",
    description: text(tool["description"]) ?? "",
    parameters: object(tool["input_schema"])
});
const toolChoiceOf$3 = (choice) => {
    switch (choice["type"]) {
        case "any":
            return "required";
        case "none":
            return "none";
        case "tool":
            return { name: text(choice["name"]) ?? "" };
        default:
            return "auto";
    }
};
/** `output_format` is the older name, of the beta. */
const formatOf$3 = (body) => {
    const format = object(object(body["output_config"])["format"] ?? body["output_format"]);
    return format["type"] === "json_schema" ? { schema: object(format["schema"]) } : undefined;
};
const reasoningOf$2 = (thinking) => {
    const wantsReasoning = thinking["type"] === "enabled" || thinking["type"] === "adaptive";
    return { wantsReasoning, showsReasoning: wantsReasoning && thinking["display"] !== "omitted" };
};

/** When every answer was made: a fixed time, so that the same question gets the same bytes. */
const createdAt = 1_750_000_000;
/** An event of data alone. */
const dataEvent = (data) => `data: ${JSON.stringify(data)}\n\n`;
/** An event with its name, which the data repeats as `type`. */
const namedEvent = (data) => `event: ${data.type}\n${dataEvent(data)}`;

const stopReasons = {
    stop: "end_turn",
    length: "max_tokens",
    tool_calls: "tool_use",
    content_filter: "refusal",
    other: "pause_turn"
};
const stopOf = (answer) => {
    const isStopped = answer.finishReason === "stop" && answer.stopSequence !== null;
    return {
        stop_reason: isStopped ? "stop_sequence" : stopReasons[answer.finishReason],
        stop_sequence: isStopped ? answer.stopSequence : null
    };
};
/** What was read and written of the cache stands beside the input here, not in it. */
const inputOf = ({ usage }) => ({
    input_tokens: usage.promptTokens - usage.cachedPromptTokens - usage.cacheWriteTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedPromptTokens
});
const outputOf = ({ usage }) => ({
    output_tokens: usage.completionTokens,
    ...(usage.reasoningTokens === 0 ? {} : { output_tokens_details: { thinking_tokens: usage.reasoningTokens } })
});
const beside = ({ usage: { cacheWriteTokens, cacheWriteHourTokens = 0 } }) => ({
    cache_creation: {
        ephemeral_5m_input_tokens: cacheWriteTokens - cacheWriteHourTokens,
        ephemeral_1h_input_tokens: cacheWriteHourTokens
    },
    service_tier: "standard"
});
const messageOf = (answer, fields) => ({
    id: `msg_${answer.id}`,
    type: "message",
    role: "assistant",
    model: answer.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...fields
});
const callId$1 = (call) => (call.isGivenId ? call.id : `toolu_${call.id}`);
const thinkingBlock = (answer) => {
    const thinking = answer.showsReasoning ? answer.reasoning : [];
    const signature = signatureOf(answer.reasoning.join(""));
    return {
        start: { type: "thinking", thinking: "", signature: "" },
        deltas: [
            ...thinking.map((piece) => ({ part: "piece", delta: { type: "thinking_delta", thinking: piece } })),
            { part: "frame", delta: { type: "signature_delta", signature } }
        ],
        whole: { type: "thinking", thinking: thinking.join(""), signature }
    };
};
const textBlock = (answer) => ({
    start: { type: "text", text: "" },
    deltas: answer.content.map((text) => ({ part: "piece", delta: { type: "text_delta", text } })),
    whole: { type: "text", text: answer.content.join("") }
});
const callBlock = (call) => {
    const block = { type: "tool_use", id: callId$1(call), name: call.name };
    const input = parseJson(call.arguments);
    const delta = (json) => ({ type: "input_json_delta", partial_json: json });
    return {
        start: { ...block, input: {} },
        deltas: [
            { part: "frame", delta: delta("") },
            // A call without arguments streams none.
            ...(call.arguments === "{}" ? [] : call.pieces).map((piece) => ({ part: "piece", delta: delta(piece) }))
        ],
        whole: { ...block, input: isObject(input) ? input : {} }
    };
};
const blocksOf = (answer) => [
    ...(answer.reasoning.length === 0 ? [] : [thinkingBlock(answer)]),
    ...(answer.content.length === 0 ? [] : [textBlock(answer)]),
    ...answer.toolCalls.map(callBlock)
];
const ping = 'event: ping\ndata: {"type": "ping"}\n\n';
const blockEvents = (block, index) => [
    { part: "frame", text: namedEvent({ type: "content_block_start", index, content_block: block.start }) },
    ...(index === 0 ? [{ part: "frame", text: ping }] : []),
    ...block.deltas.map(({ part, delta }) => ({ part, text: namedEvent({ type: "content_block_delta", index, delta }) })),
    { part: "frame", text: namedEvent({ type: "content_block_stop", index }) }
];
const events$4 = (answer) => {
    const started = { ...inputOf(answer), ...beside(answer), output_tokens: 1 };
    const usage = { ...inputOf(answer), ...outputOf(answer) };
    return [
        { part: "frame", text: namedEvent({ type: "message_start", message: messageOf(answer, { usage: started }) }) },
        ...blocksOf(answer).flatMap(blockEvents),
        { part: "finish", text: namedEvent({ type: "message_delta", delta: stopOf(answer), usage }) },
        { part: "frame", text: namedEvent({ type: "message_stop" }) }
    ];
};
/** The wire of Messages. */
const AnthropicWire = {
    read: read$3,
    events: events$4,
    whole: (answer) => messageOf(answer, {
        content: blocksOf(answer).map((block) => block.whole),
        ...stopOf(answer),
        usage: { ...inputOf(answer), ...beside(answer), ...outputOf(answer) }
    }),
    error: error$1,
    errorEvent: (reported, model) => namedEvent(errorBody(reported, model)),
    keepAlive: ping,
    unknownEvent: /*@__PURE__*/ namedEvent({ type: "simulated_unknown" }),
    requestIdHeader: "request-id"
};

/** Vectors that follow from their texts: texts that share words are near each other, so that a search finds them. */
// More would only cost time.
const mostWords = 256;
/** The vector of a text, of length 1: the sum of those of its words. */
const vectorOf = (text, dimensions) => {
    const words = new Set(text
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu)
        ?.slice(0, mostWords) ?? [""]);
    const sum = Array.from({ length: dimensions }, () => 0);
    for (const word of words) {
        const source = numbers(`word ${word}`);
        for (let index = 0; index < dimensions; index++)
            sum[index] = (sum[index] ?? 0) + source.next().value - 0.5;
    }
    const length = Math.hypot(...sum) || 1;
    return sum.map((each) => each / length);
};
const dimensionsOf = (model, wanted) => Math.max(1, number(wanted) ?? (/3-large|gemini-embedding/.test(model) ? 3072 : /004|005/.test(model) ? 768 : 1536));
const invalid$2 = (message) => Either.left({ kind: "invalidRequest", message });
const whole$3 = (body) => Either.right({ type: "whole", body, pieces: 0 });
/** OpenAI's: https://platform.openai.com/docs/api-reference/embeddings */
const embedOpenAI = (body) => {
    const model = text(body["model"]);
    if (model === undefined)
        return invalid$2("you must provide a model parameter");
    if (model.includes("unknown"))
        return Either.left({ kind: "modelNotFound" });
    const inputs = typeof body["input"] === "string" ? [body["input"]] : list(body["input"]);
    if (inputs.length === 0 || inputs.includes(""))
        return invalid$2("'$.input' is invalid. Please check the API reference.");
    // Tokens may stand for texts; a list of numbers is one of them.
    const texts = typeof inputs[0] === "number" ? [JSON.stringify(inputs)] : inputs.map(textOf);
    const encode = body["encoding_format"] === "base64" ? base64 : (vector) => vector;
    const tokens = texts.reduce((sum, each) => sum + tokensOf(each), 0);
    const data = texts.map((each, index) => ({
        object: "embedding",
        index,
        embedding: encode(vectorOf(each, dimensionsOf(model, body["dimensions"])))
    }));
    return whole$3({ object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } });
};
const textOf = (input) => (typeof input === "string" ? input : JSON.stringify(input));
/** 32-bit floats, as the official client asks for them: a quarter of the size. */
const base64 = (vector) => {
    const view = new DataView(new ArrayBuffer(vector.length * 4));
    for (const [index, value] of vector.entries())
        view.setFloat32(index * 4, value, true);
    return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(""));
};
/** Google's: https://ai.google.dev/api/embeddings */
const embedGoogle = (model) => (body) => {
    const requests = objects(body["requests"]);
    if (model.includes("unknown"))
        return Either.left({ kind: "modelNotFound" });
    if (requests.length === 0)
        return invalid$2("* BatchEmbedContentsRequest.requests: requests is not specified");
    const texts = requests.map((request) => objects(object(request["content"])["parts"])
        .map((part) => text(part["text"]) ?? "")
        .join(""));
    const tokens = texts.reduce((sum, each) => sum + tokensOf(each), 0);
    const embeddings = texts.map((each, index) => ({
        values: vectorOf(each, dimensionsOf(model, requests[index]?.["outputDimensionality"]))
    }));
    return whole$3({ embeddings, usageMetadata: { promptTokenCount: tokens, totalTokenCount: tokens } });
};

/** The errors of Google's Gemini API: https://ai.google.dev/gemini-api/docs/troubleshooting */
const rows = {
    // Not 401, as one would expect.
    authentication: [400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."],
    permission: [403, "PERMISSION_DENIED", "The caller does not have permission"],
    insufficientCredits: [
        429,
        "RESOURCE_EXHAUSTED",
        "Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing."
    ],
    rateLimit: [429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."],
    overloaded: [503, "UNAVAILABLE", "The model is overloaded. Please try again later."],
    modelNotFound: [
        404,
        "NOT_FOUND",
        "models/MODEL is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods."
    ],
    contextWindow: [
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
    ],
    invalidRequest: [400, "INVALID_ARGUMENT", "Invalid JSON payload received."],
    notFound: [404, "NOT_FOUND", "Not Found"],
    server: [500, "INTERNAL", "An internal error has occurred. Please retry or report it."]
};
const detailsOf = ({ kind, retryAfter }) => [
    ...(kind === "authentication"
        ? [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                reason: "API_KEY_INVALID",
                domain: "googleapis.com",
                metadata: { service: "generativelanguage.googleapis.com" }
            }
        ]
        : []),
    // The only place where this API says how long to wait.
    ...(retryAfter === undefined
        ? []
        : [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${Duration.toSeconds(retryAfter)}s` }])
];
/** The failed response. */
const error = (reported, model) => {
    const [code, status, message] = rows[reported.kind];
    const details = detailsOf(reported);
    return {
        status: code,
        headers: {},
        body: {
            error: {
                code,
                message: reported.message ?? message.replace("MODEL", model),
                status,
                ...(details.length === 0 ? {} : { details })
            }
        }
    };
};

/** Reads what a request for Gemini asks; the model and whether to stream stand in its address. */
/** Reads a request, or says what it lacks. */
const read$2 = (body, address) => {
    const contents = objects(body["contents"]);
    const problem = problemOf$1(body, contents, address.model);
    if (problem !== undefined)
        return Either.left({ kind: "invalidRequest", message: problem });
    const config = object(body["generationConfig"] ?? body["generation_config"]);
    const system = object(body["systemInstruction"] ?? body["system_instruction"]);
    return Either.right({
        model: address.model,
        isStream: address.isStream,
        turns: [...turnsOf$2({ role: "system", parts: system["parts"] ?? [] }), ...contents.flatMap(turnsOf$2)],
        toolResults: toolResultsOf$2(contents),
        tools: objects(body["tools"]).flatMap((tool) => objects(tool["functionDeclarations"]).map(toolOf$2)),
        toolChoice: toolChoiceOf$2(object(object(body["toolConfig"])["functionCallingConfig"])),
        format: formatOf$2(config),
        ...reasoningOf$1(object(config["thinkingConfig"])),
        isStored: false,
        wantsSealedReasoning: false,
        maxTokens: number(config["maxOutputTokens"]),
        stop: texts(config["stopSequences"]),
        includesUsage: true
    });
};
const known = /*@__PURE__*/ new Set([
    "model",
    "contents",
    "systemInstruction",
    "system_instruction",
    "tools",
    "toolConfig",
    "tool_config",
    "generationConfig",
    "generation_config",
    "safetySettings",
    "safety_settings",
    "cachedContent",
    "cached_content",
    "serviceTier",
    "store",
    "labels"
]);
const problemOf$1 = (body, contents, model) => {
    const unknown = Object.keys(body).find((name) => !known.has(name));
    if (unknown !== undefined)
        return `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`;
    if (contents.length === 0)
        return "* GenerateContentRequest.contents: contents is not specified\n";
    const wrong = contents.find(({ role }) => role !== undefined && !roles$1.has(String(role)));
    if (wrong !== undefined)
        return "Please use a valid role: user, model.";
    const parts = contents.flatMap((content) => objects(content["parts"]));
    const forged = parts.some((part) => part["thoughtSignature"] !== undefined && !isSignature(part["thoughtSignature"]));
    if (forged)
        return "Thought signature is not valid";
    const asked = contents.findLastIndex((content) => objects(content["parts"]).some((part) => "text" in part));
    const unsigned = contents.slice(asked + 1).some((content) => {
        const first = objects(content["parts"]).find((part) => part["functionCall"] !== undefined);
        return first !== undefined && first["thoughtSignature"] === undefined;
    });
    return unsigned && model.startsWith("gemini-3")
        ? "Function call is missing a thought_signature in functionCall parts."
        : undefined;
};
const roles$1 = /*@__PURE__*/ new Set(["user", "model", "function"]);
const turnsOf$2 = (content) => {
    const role = content["role"] === "model" ? "assistant" : content["role"] === "system" ? "system" : "user";
    return objects(content["parts"]).flatMap((part) => {
        const { functionCall, functionResponse } = part;
        if (part["thought"] === true)
            return [];
        if (functionCall !== undefined) {
            return callTurn(object(functionCall)["name"], JSON.stringify(object(functionCall)["args"] ?? {}));
        }
        if (functionResponse !== undefined)
            return turnOf("tool", resultOf(object(functionResponse)));
        const said = text(part["text"]);
        return said === undefined ? [{ role, text: "", media: 1, isCacheMark: false }] : turnOf(role, said);
    });
};
/** A response is an object here; one with a single text is that text wrapped. */
const resultOf = (functionResponse) => {
    const response = object(functionResponse["response"]);
    const [only, ...others] = Object.values(response);
    return others.length === 0 && typeof only === "string" ? canonical(only) : JSON.stringify(response);
};
const toolResultsOf$2 = (contents) => contents
    .slice(contents.findLastIndex((content) => content["role"] === "model") + 1)
    .flatMap((content) => objects(content["parts"]))
    .filter((part) => part["functionResponse"] !== undefined)
    .map((part) => object(part["functionResponse"]))
    .map((response) => ({ name: text(response["name"]) ?? "the tool", text: resultOf(response) }));
const toolOf$2 = (tool) => ({
    name: text(tool["name"]) ?? "",
    description: text(tool["description"]) ?? "",
    parameters: object(tool["parametersJsonSchema"] ?? tool["parameters"])
});
const toolChoiceOf$2 = (config) => {
    const [only, ...others] = texts(config["allowedFunctionNames"]);
    switch (config["mode"]) {
        case "NONE":
            return "none";
        case "ANY":
            return only !== undefined && others.length === 0 ? { name: only } : "required";
        default:
            return "auto";
    }
};
const formatOf$2 = (config) => {
    if (config["responseMimeType"] !== "application/json")
        return undefined;
    const schema = config["responseJsonSchema"] ?? config["responseSchema"];
    return { schema: schema === undefined ? undefined : object(schema) };
};
const reasoningOf$1 = (thinking) => {
    const { includeThoughts, thinkingBudget, thinkingLevel } = thinking;
    const isOff = thinkingBudget === 0;
    const wantsReasoning = !isOff && (includeThoughts === true || thinkingBudget !== undefined || thinkingLevel !== undefined);
    return { wantsReasoning, showsReasoning: wantsReasoning && includeThoughts === true };
};

// Calls are no reason of their own here.
const finishReasons$1 = {
    stop: "STOP",
    length: "MAX_TOKENS",
    tool_calls: "STOP",
    content_filter: "SAFETY",
    other: "OTHER"
};
/** Thoughts stand beside the candidates here, not in them; the counts grow from event to event. */
const usageOf$1 = ({ usage }, candidates, thoughts) => ({
    promptTokenCount: usage.promptTokens,
    ...(candidates === 0 ? {} : { candidatesTokenCount: candidates }),
    totalTokenCount: usage.promptTokens + candidates + thoughts,
    ...(usage.cachedPromptTokens === 0 ? {} : { cachedContentTokenCount: usage.cachedPromptTokens }),
    promptTokensDetails: [{ modality: "TEXT", tokenCount: usage.promptTokens }],
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts })
});
const finalUsage = (answer) => {
    const { completionTokens, reasoningTokens } = answer.usage;
    return usageOf$1(answer, completionTokens - reasoningTokens, reasoningTokens);
};
const responseOf$1 = (answer, parts, usage, finishReason) => ({
    candidates: [
        { content: { parts, role: "model" }, ...(finishReason === undefined ? {} : { finishReason }), index: 0 }
    ],
    usageMetadata: usage,
    modelVersion: answer.model,
    responseId: answer.id
});
/** The newer models think unasked, and want the signature of the first call back. */
const signs = (answer) => answer.reasoning.length > 0 || answer.model.startsWith("gemini-3");
const signed = (answer) => signs(answer) ? { thoughtSignature: signatureOf(answer.reasoning.join("")) } : {};
const callPart = (call, index, answer) => {
    const args = parseJson(call.arguments);
    const functionCall = {
        name: call.name,
        args: isObject(args) ? args : {},
        id: call.isGivenId ? call.id : call.id.slice(0, 8)
    };
    return { functionCall, ...(index === 0 ? signed(answer) : {}) };
};
const lastOf = (answer) => {
    const part = { text: "", ...(answer.toolCalls.length === 0 ? signed(answer) : {}) };
    return responseOf$1(answer, [part], finalUsage(answer), finishReasons$1[answer.finishReason]);
};
const events$3 = (answer) => {
    const thoughts = answer.showsReasoning ? answer.reasoning : [];
    const reasoned = answer.usage.reasoningTokens;
    const spoken = answer.content.length;
    const responses = [
        ...thoughts.map((text, index) => responseOf$1(answer, [{ text, thought: true }], usageOf$1(answer, 0, index + 1))),
        ...answer.content.map((text, index) => responseOf$1(answer, [{ text }], usageOf$1(answer, index + 1, reasoned))),
        ...answer.toolCalls.map((call, index) => responseOf$1(answer, [callPart(call, index, answer)], usageOf$1(answer, spoken + index + 1, reasoned)))
    ];
    return [
        ...responses.map((response) => ({ part: "piece", text: dataEvent(response) })),
        { part: "finish", text: dataEvent(lastOf(answer)) }
    ];
};
const whole$2 = (answer) => {
    const text = answer.content.join("");
    const parts = [
        ...(answer.showsReasoning ? [{ text: answer.reasoning.join(""), thought: true }] : []),
        ...(text === "" ? [] : [{ text, ...(answer.toolCalls.length === 0 ? signed(answer) : {}) }]),
        ...answer.toolCalls.map((call, index) => callPart(call, index, answer))
    ];
    return responseOf$1(answer, parts, finalUsage(answer), finishReasons$1[answer.finishReason]);
};
/** The wire of the Gemini API. */
const GoogleWire = {
    read: read$2,
    events: events$3,
    whole: whole$2,
    error,
    errorEvent: (reported, model) => dataEvent(error(reported, model).body),
    keepAlive: ": keep-alive\n\n",
    unknownEvent: /*@__PURE__*/ dataEvent({ simulatedUnknown: true }),
    requestIdHeader: "x-goog-request-id"
};

const keyHeaders = ["authorization", "x-api-key", "x-goog-api-key", "api-key", "proxy-authorization", "cookie"];
/** Says whether a request carries the key where its family wants it. */
const isAuthorized = (family, headers, path, apiKey) => {
    const bearer = headers["authorization"] === `Bearer ${apiKey}`;
    switch (family) {
        case "openai-chat":
        case "openai-responses":
            return bearer;
        case "anthropic-messages":
            return bearer || headers["x-api-key"] === apiKey;
        case "google-gemini":
            return bearer || headers["x-goog-api-key"] === apiKey || queryOf(path).get("key") === apiKey;
    }
};
/** The headers, `<redacted>` where a key stands. */
const withoutKeys = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, keyHeaders.includes(name) ? "<redacted>" : value]));
/** The query of a path. */
const queryOf = (path) => new URLSearchParams(path.split("?")[1] ?? "");
/** A path whose query holds no key. */
const withoutKeyInQuery = (path) => {
    const query = queryOf(path);
    if (!query.has("key"))
        return path;
    query.set("key", "<redacted>");
    return `${path.split("?")[0]}?${decodeURIComponent(query.toString())}`;
};

/** Reads what a request for chat completions asks. */
/** Reads a request, or says what it lacks. */
const read$1 = (body) => {
    if (body["model"] === undefined)
        return invalid$1("you must provide a model parameter");
    const model = text(body["model"]);
    if (model === undefined)
        return invalid$1("Invalid type for 'model': expected a string.");
    const messages = objects(body["messages"]);
    if (body["messages"] === undefined)
        return invalid$1("Missing required parameter: 'messages'.");
    if (messages.length === 0)
        return invalid$1("Invalid 'messages': empty array. Expected an array with minimum length 1.");
    const wrong = messages.findIndex((message) => !roles.has(text(message["role"]) ?? ""));
    if (wrong !== -1)
        return invalid$1(`Invalid value for 'messages[${wrong}].role'.`);
    const unanswered = unansweredCall(messages);
    if (unanswered !== undefined) {
        return invalid$1(`An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${unanswered}`);
    }
    return Either.right({
        model,
        isStream: body["stream"] === true,
        turns: messages.flatMap(turnsOf$1),
        toolResults: toolResultsOf$1(messages),
        tools: objects(body["tools"]).map(toolOf$1),
        toolChoice: toolChoiceOf$1(body["tool_choice"]),
        format: formatOf$1(object(body["response_format"])),
        ...reasoningOf(body),
        isStored: false,
        wantsSealedReasoning: false,
        maxTokens: number(body["max_completion_tokens"]) ?? number(body["max_tokens"]),
        stop: texts(body["stop"]),
        includesUsage: object(body["stream_options"])["include_usage"] === true
    });
};
const roles = /*@__PURE__*/ new Set(["system", "developer", "user", "assistant", "tool"]);
const unansweredCall = (messages) => messages
    .flatMap((message, index) => objects(message["tool_calls"]).map((call) => ({ id: text(call["id"]), index })))
    .find(({ id, index }) => !messages.slice(index + 1).some((message) => message["tool_call_id"] === id))?.id;
const invalid$1 = (message) => Either.left({ kind: "invalidRequest", message });
const turnsOf$1 = (message) => {
    const role = message["role"];
    const calls = objects(message["tool_calls"]).map((call) => object(call["function"]));
    if (role === "tool")
        return turnOf("tool", canonical(textOfContent(message["content"])));
    return [
        ...contentTurns(role === "assistant" ? role : role === "user" ? role : "system", message["content"] ?? ""),
        ...calls.flatMap((call) => callTurn(call["name"], text(call["arguments"]) ?? ""))
    ];
};
const toolResultsOf$1 = (messages) => {
    const spoken = messages.findLastIndex((message) => message["role"] === "assistant");
    const calls = objects(messages[spoken]?.["tool_calls"]);
    return messages
        .slice(spoken + 1)
        .filter((message) => message["role"] === "tool")
        .map((message) => {
        const call = calls.find((each) => each["id"] === message["tool_call_id"]);
        return {
            name: text(object(call?.["function"])["name"]) ?? "the tool",
            text: canonical(textOfContent(message["content"]))
        };
    });
};
const toolOf$1 = (tool) => {
    const { name, description, parameters } = object(tool["function"]);
    return { name: text(name) ?? "", description: text(description) ?? "", parameters: object(parameters) };
};
const toolChoiceOf$1 = (choice) => {
    if (choice === "none" || choice === "required")
        return choice;
    const name = text(object(object(choice)["function"])["name"]);
    return name === undefined ? "auto" : { name };
};
const formatOf$1 = (format) => {
    switch (format["type"]) {
        case "json_object":
            return { schema: undefined };
        case "json_schema":
            return { schema: object(object(format["json_schema"])["schema"]) };
        default:
            return undefined;
    }
};
/** OpenAI has an effort, and its vendors other names for the same wish. */
const reasoningOf = (body) => {
    const effort = body["reasoning_effort"] ?? object(body["reasoning"])["effort"];
    const wants = (effort != null && effort !== "none") ||
        body["enable_thinking"] === true ||
        object(body["thinking"])["type"] === "enabled" ||
        object(body["reasoning"])["enabled"] === true;
    return { wantsReasoning: wants, showsReasoning: wants };
};

const finishReasons = {
    stop: "stop",
    length: "length",
    tool_calls: "tool_calls",
    content_filter: "content_filter",
    other: "other"
};
const usageOf = (usage) => ({
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedPromptTokens, audio_tokens: 0 },
    completion_tokens_details: {
        reasoning_tokens: usage.reasoningTokens,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0
    }
});
const callId = (call) => (call.isGivenId ? call.id : `call_${call.id}`);
const headOf = (answer, kind) => ({
    id: `chatcmpl-${answer.id}`,
    object: kind,
    created: createdAt,
    model: answer.model,
    service_tier: "default",
    system_fingerprint: "fp_simulated"
});
/** The reasoning as far as it is sent. */
const shown = (answer) => (answer.showsReasoning ? answer.reasoning : []);
const events$2 = (answer, asked) => {
    const head = headOf(answer, "chat.completion.chunk");
    // With the option every chunk but the last has an empty usage; without it none has the field.
    const usage = asked.includesUsage ? { usage: null } : {};
    const event = (part, delta, finish = null) => ({
        part,
        text: dataEvent({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usage })
    });
    const opening = answer.toolCalls.length > 0 && answer.content.length === 0 ? null : "";
    return [
        event("frame", { role: "assistant", content: opening, refusal: null }),
        ...shown(answer).map((piece) => event("piece", { reasoning_content: piece })),
        ...answer.content.map((piece) => event("piece", { content: piece })),
        ...answer.toolCalls.flatMap((call, index) => [
            event("frame", {
                tool_calls: [{ index, id: callId(call), type: "function", function: { name: call.name, arguments: "" } }]
            }),
            ...call.pieces.map((piece) => event("piece", { tool_calls: [{ index, function: { arguments: piece } }] }))
        ]),
        event("finish", {}, finishReasons[answer.finishReason]),
        ...(asked.includesUsage
            ? [{ part: "frame", text: dataEvent({ ...head, choices: [], usage: usageOf(answer.usage) }) }]
            : []),
        { part: "frame", text: "data: [DONE]\n\n" }
    ];
};
const whole$1 = (answer) => ({
    ...headOf(answer, "chat.completion"),
    choices: [
        {
            index: 0,
            message: {
                role: "assistant",
                content: answer.toolCalls.length > 0 && answer.content.length === 0 ? null : answer.content.join(""),
                ...(!answer.showsReasoning ? {} : { reasoning_content: answer.reasoning.join("") }),
                ...(answer.toolCalls.length === 0 ? {} : { tool_calls: answer.toolCalls.map(wholeCall) }),
                refusal: null,
                annotations: []
            },
            logprobs: null,
            finish_reason: finishReasons[answer.finishReason]
        }
    ],
    usage: usageOf(answer.usage)
});
const wholeCall = (call) => ({
    id: callId(call),
    type: "function",
    function: { name: call.name, arguments: call.arguments }
});
/** The wire of chat completions. */
const OpenAIChatWire = {
    read: read$1,
    events: events$2,
    whole: whole$1,
    error: error$2,
    errorEvent: (reported, model) => dataEvent({ error: errorOf$1(reported, model) }),
    keepAlive: ": keep-alive\n\n",
    unknownEvent: /*@__PURE__*/ dataEvent({ object: "simulated.unknown", note: "no client knows this event" }),
    requestIdHeader: "x-request-id"
};

/** The items of an answer. */
const itemsOf = (answer, asked) => [
    ...(answer.reasoning.length === 0 ? [] : [reasoningItem(answer, asked)]),
    ...(answer.content.length === 0 && answer.toolCalls.length > 0 ? [] : [messageItem(answer)]),
    ...answer.toolCalls.map(callItem)
];
const event = (part, type, fields) => ({ part, type, fields });
const reasoningItem = (answer, asked) => {
    const id = `rs_${answer.id}`;
    const text = answer.reasoning.join("");
    const sealed = asked.wantsSealedReasoning ? { encrypted_content: signatureOf(text) } : {};
    const at = { summary_index: 0 };
    const type = "response.reasoning_summary";
    const item = { id, type: "reasoning", ...sealed };
    if (!answer.showsReasoning)
        return { id, added: { ...item, summary: [] }, events: [], done: { ...item, summary: [] } };
    return {
        id,
        added: { ...item, summary: [] },
        events: [
            event("frame", `${type}_part.added`, { ...at, part: { type: "summary_text", text: "" } }),
            ...answer.reasoning.map((delta) => event("piece", `${type}_text.delta`, { ...at, delta })),
            event("frame", `${type}_text.done`, { ...at, text }),
            event("frame", `${type}_part.done`, { ...at, part: { type: "summary_text", text } })
        ],
        done: { ...item, summary: [{ type: "summary_text", text }] }
    };
};
const messageItem = (answer) => {
    const id = `msg_${answer.id}`;
    const text = answer.content.join("");
    const at = { content_index: 0 };
    const isWhole = answer.finishReason === "stop" || answer.finishReason === "tool_calls";
    const item = { id, type: "message", role: "assistant" };
    const part = { type: "output_text", annotations: [], logprobs: [], text };
    return {
        id,
        added: { ...item, status: "in_progress", content: [] },
        events: [
            event("frame", "response.content_part.added", { ...at, part: { ...part, text: "" } }),
            ...answer.content.map((delta) => event("piece", "response.output_text.delta", { ...at, delta, logprobs: [] })),
            event("frame", "response.output_text.done", { ...at, text, logprobs: [] }),
            event("frame", "response.content_part.done", { ...at, part })
        ],
        done: { ...item, status: isWhole ? "completed" : "incomplete", content: [part] }
    };
};
const callItem = (call, index) => {
    const id = `fc_${call.id}${index}`;
    const { name, arguments: json } = call;
    const item = { id, type: "function_call", call_id: call.isGivenId ? call.id : `call_${call.id}`, name };
    const type = "response.function_call_arguments";
    return {
        id,
        added: { ...item, status: "in_progress", arguments: "" },
        events: [
            ...call.pieces.map((delta) => event("piece", `${type}.delta`, { delta })),
            event("frame", `${type}.done`, { arguments: json, name })
        ],
        done: { ...item, status: "completed", arguments: json }
    };
};

/** Reads what a request for Responses asks. */
/** Reads a request, or says what it lacks. */
const read = (body) => {
    const model = text(body["model"]);
    if (model === undefined)
        return invalid("Missing required parameter: 'model'.");
    const { input } = body;
    if (input === undefined)
        return invalid("Missing required parameter: 'input'.");
    const items = typeof input === "string" ? [{ role: "user", content: input }] : objects(input);
    const problem = problemOf(items);
    if (problem !== undefined)
        return invalid(problem);
    const reasoning = object(body["reasoning"]);
    const wantsReasoning = reasoning["effort"] != null ? reasoning["effort"] !== "none" : reasoning["summary"] != null;
    return Either.right({
        model,
        isStream: body["stream"] === true,
        turns: [...turnOf("system", text(body["instructions"]) ?? ""), ...items.flatMap(turnsOf)],
        toolResults: toolResultsOf(items),
        tools: objects(body["tools"])
            .filter((tool) => tool["type"] === "function")
            .map(toolOf),
        toolChoice: toolChoiceOf(body["tool_choice"]),
        format: formatOf(object(object(body["text"])["format"])),
        wantsReasoning,
        showsReasoning: wantsReasoning && reasoning["summary"] != null,
        isStored: body["store"] !== false,
        wantsSealedReasoning: texts(body["include"]).includes("reasoning.encrypted_content"),
        maxTokens: number(body["max_output_tokens"]),
        stop: [],
        includesUsage: true
    });
};
const invalid = (message) => Either.left({ kind: "invalidRequest", message });
const problemOf = (items) => {
    if (items.length === 0)
        return "Invalid 'input': empty array. Expected an array with minimum length 1.";
    const sealed = items.find((item) => item["type"] === "reasoning" && item["encrypted_content"] != null);
    if (sealed !== undefined && !isSignature(sealed["encrypted_content"])) {
        return "The encrypted content could not be verified.";
    }
    const calls = items.filter((item) => item["type"] === "function_call");
    const answered = new Set(outputs(items).map((item) => item["call_id"]));
    const lonely = calls.find((call) => !answered.has(call["call_id"]));
    if (lonely !== undefined)
        return `No tool output found for function call ${lonely["call_id"]}.`;
    const called = new Set(calls.map((item) => item["call_id"]));
    const stray = outputs(items).find((item) => !called.has(item["call_id"]));
    return stray === undefined
        ? undefined
        : `No tool call found for function call output with call_id ${stray["call_id"]}.`;
};
const outputs = (items) => items.filter((item) => item["type"] === "function_call_output");
const turnsOf = (item) => {
    switch (item["type"] ?? "message") {
        case "message": {
            const role = item["role"];
            return contentTurns(role === "assistant" || role === "user" ? role : "system", item["content"]);
        }
        case "function_call":
            return callTurn(item["name"], text(item["arguments"]) ?? "");
        case "function_call_output":
            return turnOf("tool", canonical(textOfContent(item["output"])));
        default:
            return [];
    }
};
const isSpoken = (item) => item["role"] === "assistant" || item["type"] === "function_call";
const toolResultsOf = (items) => outputs(items.slice(items.findLastIndex(isSpoken) + 1)).map((output) => {
    const call = items.find((item) => item["type"] === "function_call" && item["call_id"] === output["call_id"]);
    return { name: text(call?.["name"]) ?? "the tool", text: canonical(textOfContent(output["output"])) };
});
const toolOf = ({ name, description, parameters }) => ({
    name: text(name) ?? "",
    description: text(description) ?? "",
    parameters: object(parameters)
});
const toolChoiceOf = (choice) => {
    if (choice === "none" || choice === "required")
        return choice;
    const name = text(object(choice)["name"]);
    return name === undefined ? "auto" : { name };
};
const formatOf = (format) => {
    switch (format["type"]) {
        case "json_object":
            return { schema: undefined };
        case "json_schema":
            return { schema: object(format["schema"]) };
        default:
            return undefined;
    }
};

const responseOf = (id, model, fields) => ({
    id: `resp_${id}`,
    object: "response",
    created_at: createdAt,
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: "default",
    store: false,
    temperature: 1,
    text: { format: { type: "text" }, verbosity: "medium" },
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
    usage: null,
    user: null,
    metadata: {},
    ...fields
});
const incomplete = {
    length: "max_output_tokens",
    content_filter: "content_filter",
    other: "other"
};
const finished = (answer, asked, items) => {
    const { usage } = answer;
    const reason = incomplete[answer.finishReason];
    return responseOf(answer.id, answer.model, {
        store: asked.isStored,
        status: reason === undefined ? "completed" : "incomplete",
        completed_at: reason === undefined ? createdAt : null,
        incomplete_details: reason === undefined ? null : { reason },
        output: items.map((item) => item.done),
        usage: {
            input_tokens: usage.promptTokens,
            input_tokens_details: { cached_tokens: usage.cachedPromptTokens },
            output_tokens: usage.completionTokens,
            output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
            total_tokens: usage.totalTokens
        }
    });
};
const events$1 = (answer, asked) => {
    const items = itemsOf(answer, asked);
    const opened = responseOf(answer.id, answer.model, { store: asked.isStored });
    const last = finished(answer, asked, items);
    const frame = "frame";
    return [
        { part: frame, type: "response.created", fields: { response: opened } },
        { part: frame, type: "response.in_progress", fields: { response: opened } },
        ...items.flatMap((item, index) => [
            { part: frame, type: "response.output_item.added", fields: { output_index: index, item: item.added } },
            ...item.events.map(({ part, type, fields }) => ({
                part,
                type,
                fields: { item_id: item.id, output_index: index, ...fields }
            })),
            { part: frame, type: "response.output_item.done", fields: { output_index: index, item: item.done } }
        ]),
        { part: "finish", type: `response.${last["status"]}`, fields: { response: last } }
    ].map(({ part, type, fields }, sequence) => ({
        part,
        text: namedEvent({ type, sequence_number: sequence, ...fields })
    }));
};
/** The wire of Responses. */
const OpenAIResponsesWire = {
    read,
    events: events$1,
    whole: (answer, asked) => finished(answer, asked, itemsOf(answer, asked)),
    // This API answers an unknown model with 400.
    error: (reported, model) => {
        const failed = error$2(reported, model);
        return reported.kind === "modelNotFound" ? { ...failed, status: 400 } : failed;
    },
    // The real one says it twice: as an event of its own and as the state of the response.
    errorEvent: (reported, model) => {
        const { type, code, message, param } = errorOf$1(reported, model);
        const response = responseOf("failed", model, { status: "failed", error: { code: code ?? type, message } });
        return (namedEvent({ type: "error", sequence_number: 0, error: { type, code: code ?? type, message, param } }) +
            namedEvent({ type: "response.failed", sequence_number: 0, response }));
    },
    keepAlive: /*@__PURE__*/ namedEvent({ type: "keepalive", sequence_number: 0 }),
    unknownEvent: /*@__PURE__*/ namedEvent({ type: "response.simulated.unknown", sequence_number: 0 }),
    requestIdHeader: "x-request-id"
};

/** Which family an address belongs to, and what is answered there. */
/** The wires of the families. */
const wires = {
    "openai-chat": OpenAIChatWire,
    "openai-responses": OpenAIResponsesWire,
    "anthropic-messages": AnthropicWire,
    "google-gemini": GoogleWire
};
const events = "text/event-stream; charset=utf-8";
const chat = (wire, address, isList = false) => (body, reply) => Either.flatMap(wire.read(body, address), (asked) => {
    if (asked.model.includes("unknown"))
        return Either.left({ kind: "modelNotFound" });
    const answer = answerTo(asked, reply);
    if (!asked.isStream) {
        const pieces = answer.reasoning.length + answer.content.length;
        return Either.right({ type: "whole", body: wire.whole(answer, asked), pieces });
    }
    const stream = wire.events(answer, asked);
    return Either.right(isList
        ? { type: "stream", contentType: "application/json; charset=utf-8", events: listed(stream) }
        : { type: "stream", contentType: events, events: stream });
});
/** Gemini without `alt=sse`: one JSON list, written as it grows. */
const listed = (stream) => [
    ...stream.map((event, index) => ({
        ...event,
        text: `${index === 0 ? "[" : ",\r\n"}${event.text.slice("data: ".length).trimEnd()}`
    })),
    { part: "frame", text: "]" }
];
const count = (wire, address, bodyOf) => (body) => Either.map(wire.read(body, { ...address, isCount: true }), (asked) => ({
    type: "whole",
    body: bodyOf(promptTokensOf(asked).promptTokens),
    pieces: 0
}));
/** Finds what is served at a path. */
const endpointAt = (path, headers) => {
    const address = { model: "", isStream: false, isCount: false, headers };
    const at = (family, respond, model = "") => ({
        family,
        wire: wires[family],
        model,
        respond
    });
    const [name = ""] = path.split("?");
    switch (name) {
        case "/v1/chat/completions":
            return at("openai-chat", chat(OpenAIChatWire, address));
        case "/v1/embeddings":
            return at("openai-chat", embedOpenAI);
        case "/v1/responses":
            return at("openai-responses", chat(OpenAIResponsesWire, address));
        case "/v1/responses/input_tokens":
            return at("openai-responses", count(OpenAIResponsesWire, address, countedByOpenAI));
        case "/v1/messages":
            return at("anthropic-messages", chat(AnthropicWire, address));
        case "/v1/messages/count_tokens":
            return at("anthropic-messages", count(AnthropicWire, address, (tokens) => ({ input_tokens: tokens })));
        default: {
            const respond = google(name, queryOf(path).get("alt") !== "sse", address);
            return respond === undefined ? undefined : at("google-gemini", respond.respond, respond.model);
        }
    }
};
const countedByOpenAI = (tokens) => ({ object: "response.input_tokens", input_tokens: tokens });
const countedByGoogle = (tokens) => ({
    totalTokens: tokens,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: tokens }]
});
const google = (path, isList, address) => {
    const [, named = "", method] = /^\/v1(?:beta|alpha)?\/(?:models|tunedModels)\/([^:]+):(\w+)$/.exec(path) ?? [];
    const model = decodeURIComponent(named);
    switch (method) {
        case "generateContent":
            return { model, respond: chat(GoogleWire, { ...address, model }) };
        case "streamGenerateContent":
            return { model, respond: chat(GoogleWire, { ...address, model, isStream: true }, isList) };
        case "batchEmbedContents":
            return { model, respond: embedGoogle(model) };
        case "countTokens": {
            const counted = count(GoogleWire, { ...address, model }, countedByGoogle);
            // The request may stand whole inside, as the official client of Vertex sends it.
            return { model, respond: (body, reply) => counted(object(body["generateContentRequest"] ?? body)) };
        }
        default:
            return undefined;
    }
};
/** The family that was meant by a path that nobody serves. */
const familyOf = (path, headers) => {
    if (path.startsWith("/v1beta"))
        return "google-gemini";
    if (headers["anthropic-version"] !== undefined || path.startsWith("/v1/messages"))
        return "anthropic-messages";
    return path.startsWith("/v1/responses") ? "openai-responses" : "openai-chat";
};

// So that what has been sent arrives before the reset, which would overtake it on some systems.
const beforeReset = 10;
/** Sends a plan until it ends or the caller is gone; says how far it came. */
const perform = (plan, response) => Effect.gen(function* () {
    const closed = yield* Deferred.make();
    const progress = { chunks: 0, bytes: 0, closedBy: "caller" };
    response.on("close", () => Deferred.unsafeDone(closed, Effect.void));
    // A caller that is gone is no error; the response tells by closing.
    response.on("error", () => { });
    if (response.destroyed)
        Deferred.unsafeDone(closed, Effect.void);
    // Not a race, which never ends in a fiber that has been interrupted but may not be.
    const playing = yield* Effect.fork(Effect.interruptible(play(plan, response, progress)));
    playing.addObserver((exit) => {
        // A header that cannot be sent, for instance: better no response than none that ends.
        if (Exit.isFailure(exit))
            response.destroy();
    });
    yield* Deferred.await(closed);
    yield* Fiber.interrupt(playing);
    return progress;
});
const play = (plan, response, progress) => Effect.gen(function* () {
    if (plan.delayMillis > 0)
        yield* Effect.sleep(plan.delayMillis);
    if (plan.head !== undefined) {
        response.writeHead(plan.head.status, plan.head.headers);
        response.flushHeaders();
    }
    for (const step of stepsOf(plan.body)) {
        if (step.type === "write")
            yield* send(step, response, progress);
        // A timer of nothing takes a millisecond all the same.
        else if (step.millis > 0)
            yield* Effect.sleep(step.millis);
    }
    if (plan.ending === "reset" && plan.head !== undefined)
        yield* Effect.sleep(beforeReset);
    if (plan.ending === "open")
        return;
    progress.closedBy = "server";
    if (plan.ending === "end")
        response.end();
    else
        response.socket?.resetAndDestroy();
});
/** The steps in their order, with repeated ones for ever. */
function* stepsOf(body) {
    for (const step of body) {
        if (step.type !== "repeat")
            yield step;
        else
            while (true)
                yield* step.steps;
    }
}
/** Waits until the bytes have left: a slow reader slows the answer. */
const send = (step, response, progress) => Effect.async((resume) => {
    response.write(step.bytes, () => {
        progress.bytes += step.bytes.length;
        if (step.part === "piece")
            progress.chunks++;
        resume(Effect.void);
    });
});

/** A response before it is sent, as data, so that what goes wrong can be put into it at any place. */
const encoder = /*@__PURE__*/ new TextEncoder();
/** A step that sends a text. */
const write = (text, part = "frame") => ({
    type: "write",
    bytes: encoder.encode(text),
    part
});
/** A step that waits. */
const wait = (duration) => ({ type: "wait", millis: Duration.toMillis(duration) });
const plain = { delayMillis: 0, ending: "end", isResetOnReuse: false };
/** Sends the events of a stream, with a pause between its pieces. */
const streamed = (events, contentType, pace) => {
    const pause = wait(pace);
    const first = events.findIndex((event) => event.part === "piece");
    const body = events.flatMap((event, index) => {
        const step = write(event.text, event.part);
        return event.part === "piece" && index !== first && pause.millis > 0 ? [pause, step] : [step];
    });
    const headers = { "content-type": contentType, "cache-control": "no-cache" };
    return { ...plain, head: { status: 200, headers }, body };
};
/** Sends a text in one piece. */
const sent = (status, contentType, text) => {
    const step = write(text);
    const headers = { "content-type": contentType, "content-length": String(step.bytes.length) };
    return { ...plain, head: { status, headers }, body: text === "" ? [] : [step] };
};
/** Sends JSON. */
const json = (status, body) => sent(status, "application/json", JSON.stringify(body));
/** Sends a whole answer after the time that its pieces would have taken, in as many slices so that faults find them. */
const whole = (body, pieces, pace) => {
    const plan = json(200, body);
    const bytes = encoder.encode(JSON.stringify(body));
    const size = Math.ceil(bytes.length / (pieces + 1));
    const slices = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => {
        const isLast = (index + 1) * size >= bytes.length;
        return { type: "write", bytes: bytes.slice(index * size, (index + 1) * size), part: isLast ? "finish" : "piece" };
    });
    return { ...plan, delayMillis: Duration.toMillis(pace) * pieces, body: slices };
};
/** Adds or replaces headers. */
const withHeaders = (plan, headers) => plan.head === undefined ? plan : { ...plan, head: { ...plan.head, headers: { ...plan.head.headers, ...headers } } };
/** Takes the length back that was announced, as the body will have another. */
const withoutLength = (plan) => {
    if (plan.head === undefined)
        return plan;
    const { "content-length": _, ...headers } = plan.head.headers;
    return { ...plan, head: { ...plan.head, headers } };
};
/** What is sent before a position, and what after. */
const split = (body, position) => {
    if ("afterBytes" in position)
        return splitBytes(body, position.afterBytes);
    const at = "afterFinish" in position
        ? body.findLastIndex((step) => isPart(step, "finish")) + 1 || body.length
        : afterPieces(body, position.afterChunks);
    return [body.slice(0, at), body.slice(at)];
};
/** Says whether a step sends a part of an answer. */
const isPart = (step, part) => step.type === "write" && step.part === part;
const afterPieces = (body, pieces) => {
    const places = body.flatMap((step, index) => (isPart(step, "piece") ? [index] : []));
    if (pieces === 0)
        return places[0] ?? indexOrEnd(body, (step) => isPart(step, "finish"));
    const place = places[pieces - 1];
    return place === undefined ? body.length : place + 1;
};
const indexOrEnd = (body, matches) => {
    const index = body.findIndex(matches);
    return index === -1 ? body.length : index;
};
const splitBytes = (body, bytes) => {
    let left = bytes;
    for (const [index, step] of body.entries()) {
        if (step.type !== "write")
            continue;
        if (left < step.bytes.length) {
            const before = { ...step, bytes: step.bytes.slice(0, left), part: "frame" };
            const after = { ...step, bytes: step.bytes.slice(left) };
            return [
                [...body.slice(0, index), ...(left === 0 ? [] : [before])],
                [after, ...body.slice(index + 1)]
            ];
        }
        left -= step.bytes.length;
    }
    return [body, []];
};

/** The error as an object. */
const errorOf = (error) => typeof error === "string" ? { kind: error } : error;
const kinds = {
    401: "authentication",
    402: "insufficientCredits",
    403: "permission",
    404: "modelNotFound",
    413: "contextWindow",
    429: "rateLimit",
    503: "overloaded",
    529: "overloaded"
};
/** The kind that a status stands for. */
const kindOf = (status) => kinds[status] ?? (status >= 500 ? "server" : "invalidRequest");

/** Puts what goes wrong into the plan of a response. */
/** The plan with a fault in it. */
const applyFault = (plan, fault, context) => {
    switch (fault.type) {
        case "refuse":
        case "resetBeforeHeaders":
            return { ...plan, head: undefined, body: [], ending: "reset" };
        case "slowHeaders":
            return { ...plan, delayMillis: plan.delayMillis + Duration.toMillis(fault.delay) };
        case "slowFirstContent":
            return inserted(plan, { afterChunks: 0 }, [wait(fault.delay)]);
        case "stall":
            return { ...plan, body: split(plan.body, fault)[0], ending: "open" };
        case "reset":
            return { ...plan, body: split(plan.body, fault)[0], ending: "reset" };
        case "truncate":
            return { ...withoutLength(plan), body: split(plan.body, fault)[0] };
        case "cutCharacter":
            return {
                ...withoutLength(plan),
                body: cutInCharacter(plan.body, fault),
                ending: fault.ending === "reset" ? "reset" : "end"
            };
        case "malformedEvent":
            return inserted(plan, fault, [write('data: {"simulated": "no JSON"\n\n')]);
        case "errorEvent": {
            const event = context.wire.errorEvent(errorOf(fault.error ?? "overloaded"), context.model);
            return { ...withoutLength(plan), body: [...split(plan.body, fault)[0], write(event)] };
        }
        default:
            return applyToWhole(plan, fault, context);
    }
};
/** The faults that have no position. */
const applyToWhole = (plan, fault, context) => {
    switch (fault.type) {
        case "trickle":
            return { ...plan, body: plan.body.flatMap((step) => bytewise(step, fault.delay ?? 1)) };
        case "wrongContentType":
            return withHeaders(plan, { "content-type": fault.contentType ?? "text/plain" });
        case "page":
            return sent(fault.status ?? 200, "text/html; charset=utf-8", page);
        case "emptyBody":
            return withHeaders({ ...plan, body: [] }, { "content-length": "0" });
        case "redirect": {
            const location = fault.location ?? `${context.otherUrl}${context.path}`;
            return withHeaders(sent(fault.status ?? 307, "text/plain", ""), { location });
        }
        case "gzip":
            return compressed(plan, context.gzip);
        case "endlessEvent":
            return endlessEvent(plan);
        case "endlessStream":
            return endlessStream(plan);
        case "noise":
            return { ...plan, body: plan.body.flatMap((step) => [...noiseOf(step, context.wire), step]) };
        case "duplicateFinish":
            return { ...plan, body: plan.body.flatMap((step) => (isPart(step, "finish") ? [step, step] : [step])) };
        case "linger":
            return { ...withoutLength(plan), ending: "open" };
        case "resetOnReuse":
            return { ...plan, isResetOnReuse: true };
    }
};
/** Sends a keep-alive this often in every pause, and for ever where nothing more comes. */
const withKeepAlive = (plan, every, wire) => {
    const pause = wait(every);
    if (pause.millis <= 0 || plan.head === undefined)
        return plan;
    const keepAlive = write(wire.keepAlive);
    const body = plan.body.flatMap((step) => {
        if (step.type !== "wait")
            return [step];
        const times = Math.ceil(step.millis / pause.millis) - 1;
        const rest = { ...step, millis: step.millis - times * pause.millis };
        return [...Array.from({ length: times }, () => [pause, keepAlive]).flat(), rest];
    });
    const isOpen = plan.ending === "open";
    return { ...plan, body: isOpen ? [...body, { type: "repeat", steps: [pause, keepAlive] }] : body };
};
const inserted = (plan, position, steps) => {
    const [before, after] = split(plan.body, position);
    return { ...withoutLength(plan), body: [...before, ...steps, ...after] };
};
const firstOfSeveral = (bytes) => bytes.findIndex((byte) => byte >= 0xc0);
/** Ends the body after the first byte of a character of several; where none follows, one is begun in the next step. */
const cutInCharacter = (body, position) => {
    const [before, after] = split(body, position);
    const writes = after.filter((step) => step.type === "write");
    const index = writes.findIndex((step) => firstOfSeveral(step.bytes) !== -1);
    const found = writes[index];
    if (found !== undefined) {
        const bytes = found.bytes.slice(0, firstOfSeveral(found.bytes) + 1);
        return [...before, ...writes.slice(0, index), { ...found, bytes, part: "frame" }];
    }
    const next = writes[0]?.bytes ?? new Uint8Array();
    // The first two bytes of the three of a euro sign.
    const bytes = new Uint8Array([...next.slice(0, Math.floor(next.length / 2)), 0xe2, 0x82]);
    return [...before, { type: "write", bytes, part: "frame" }];
};
const bytewise = (step, delay) => {
    if (step.type !== "write")
        return [step];
    return Array.from(step.bytes, (byte, index) => {
        const part = index === step.bytes.length - 1 ? step.part : "frame";
        return [{ type: "write", bytes: Uint8Array.of(byte), part }, wait(delay)];
    }).flat();
};
const page = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>";
const compressed = (plan, gzip) => {
    const writes = plan.body.filter((step) => step.type === "write");
    const bytes = gzip(Uint8Array.from(writes.flatMap((step) => Array.from(step.bytes))));
    const headed = withHeaders(withoutLength(plan), { "content-encoding": "gzip" });
    return { ...headed, body: [{ type: "write", bytes, part: "finish" }] };
};
const endlessEvent = (plan) => {
    const more = write("x".repeat(16 * 1024));
    const [opening] = split(plan.body, { afterChunks: 0 });
    return {
        ...withoutLength(plan),
        body: [...opening, write('data: {"simulated":"'), { type: "repeat", steps: [more] }]
    };
};
const endlessStream = (plan) => {
    const [opening, rest] = split(plan.body, { afterChunks: 0 });
    const isPause = (step) => step.type === "wait";
    const steps = rest
        .filter((step) => step.type !== "repeat")
        .filter((step) => isPart(step, "piece") || isPause(step));
    return steps.length === 0 ? plan : { ...withoutLength(plan), body: [...opening, { type: "repeat", steps }] };
};
const noiseOf = (step, wire) => step.type === "write" ? [write(": noise\n\n"), write(wire.keepAlive), write(wire.unknownEvent)] : [];

/** Decides what is sent to a request: the script's body or error, or the answer, and what goes wrong with it. */
/** Plans the response to a request of an endpoint. */
const planOf = (endpoint, body, reply, surroundings) => {
    const { wire } = endpoint;
    const model = endpoint.model || (text(Reflect.get(parseJson(body) ?? {}, "model")) ?? "");
    const answered = repliedTo(endpoint, body, model, reply, surroundings);
    const plan = faultsOf(reply).reduce((planned, fault) => applyFault(planned, fault, { ...surroundings, wire, model }), withHeaders(answered, lowerCased(reply.headers ?? {})));
    return reply.keepAlive === undefined ? plan : withKeepAlive(plan, reply.keepAlive, wire);
};
/** Plans the refusal of a request. */
const refusal = (wire, error, model) => {
    const { status, headers, body } = wire.error(error, model);
    return withHeaders(json(status, body), headers);
};
const repliedTo = (endpoint, body, model, reply, surroundings) => {
    const { status } = reply;
    const stated = (plan) => status === undefined || plan.head === undefined ? plan : { ...plan, head: { ...plan.head, status } };
    if (reply.body !== undefined)
        return stated(given(reply.body));
    const error = reply.error ?? (status !== undefined && status >= 400 ? kindOf(status) : undefined);
    if (error !== undefined)
        return stated(refusal(endpoint.wire, errorOf(error), model));
    const json = parseJson(body);
    if (!isObject(json))
        return refusal(endpoint.wire, { kind: "invalidRequest" }, model);
    const pace = reply.pace ?? surroundings.pace;
    return Either.match(endpoint.respond(json, reply), {
        onLeft: (problem) => refusal(endpoint.wire, problem, model),
        onRight: (responded) => stated(responded.type === "stream"
            ? streamed(responded.events, responded.contentType, pace)
            : whole(responded.body, responded.pieces, pace))
    });
};
/** A script's own body; a string says by its beginning what it is. */
const given = (body) => {
    if (typeof body !== "string")
        return json(200, body);
    if (/^(?:data|event|id|retry)?:/.test(body))
        return sent(200, "text/event-stream; charset=utf-8", body);
    if (/^\s*</.test(body))
        return sent(200, "text/html; charset=utf-8", body);
    return sent(200, /^\s*[[{]/.test(body) ? "application/json" : "text/plain; charset=utf-8", body);
};
const lowerCased = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Makes the handler of all requests. */
const handlerOf = (desk) => {
    const doomed = new WeakSet();
    let count = 0;
    return (request, incoming, response) => Effect.gen(function* () {
        const { socket } = incoming;
        if (doomed.has(socket))
            return socket.resetAndDestroy();
        const body = yield* HttpIncomingMessage.withMaxBodySize(Effect.option(request.text), Option.none());
        // The caller left before it had said everything.
        if (Option.isNone(body))
            return;
        const closed = yield* Deferred.make();
        const call = callOf(request, body.value, Deferred.await(closed));
        desk.remember(call.request);
        const id = `req_${idOf(String(count++), 24)}`;
        const plan = withHeaders(planFor(call, desk), { [wires[call.request.family].requestIdHeader]: id });
        if (plan.isResetOnReuse)
            doomed.add(socket);
        yield* Deferred.succeed(closed, yield* perform(plan, response));
    }).pipe(
    // Interrupting is for the caller's closing, which `perform` sees itself, and so ends without a failure to report.
    Effect.uninterruptible, 
    // The platform leaves alone what has ended.
    Effect.ensuring(Effect.sync(() => response.end())));
};
const callOf = ({ method, url, headers }, text, closed) => {
    const endpoint = method === "POST" ? endpointAt(url, headers) : undefined;
    const family = endpoint?.family ?? familyOf(url, headers);
    const body = parseJson(text) ?? text;
    const request = { method, path: withoutKeyInQuery(url), family, headers: withoutKeys(headers), body, closed };
    return { request, endpoint, text, headers, path: url };
};
const planFor = (call, desk) => {
    const { family } = call.request;
    const wire = wires[family];
    if (call.endpoint === undefined) {
        return refusal(wire, { kind: "notFound", message: `Invalid URL (${call.request.method} ${call.request.path})` }, "");
    }
    if (!isAuthorized(family, call.headers, call.path, desk.apiKey))
        return refusal(wire, { kind: "authentication" }, "");
    const reply = desk.script.next(call.request);
    return planOf(call.endpoint, call.text, reply, { ...desk.surroundings, path: call.path });
};

// Only here, so that importing the library needs neither Node nor the optional peer.
const load = /*@__PURE__*/ Effect.orDie(/*@__PURE__*/ Effect.tryPromise({
    try: () => Promise.all([
        import('node:http'),
        import('node:zlib'),
        import('@effect/platform-node/NodeHttpServer'),
        import('@effect/platform-node/NodeHttpServerRequest')
    ]),
    catch: (cause) => new Error("the Simulator needs @effect/platform-node; install it beside effect", { cause })
}));
/** Serves until the scope closes, and gives the port. */
const listen = (options) => Effect.gen(function* () {
    const [{ createServer }, { gzipSync }, NodeHttpServer, NodeHttpServerRequest] = yield* load;
    const server = createServer();
    const http = yield* NodeHttpServer.make(() => server, { port: options.port, host: "127.0.0.1" }).pipe(Effect.mapError(({ cause }) => new Error(`the Simulator cannot listen on port ${options.port}`, { cause })), Effect.orDie);
    yield* watchConnections(server, options.script);
    const port = http.address._tag === "TcpAddress" ? http.address.port : options.port;
    const surroundings = { pace: options.pace, otherUrl: `http://localhost:${port}`, gzip: gzipSync };
    const handle = handlerOf({ ...options, surroundings });
    const app = Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest;
        const incoming = NodeHttpServerRequest.toIncomingMessage(request);
        yield* handle(request, incoming, NodeHttpServerRequest.toServerResponse(request));
        return HttpServerResponse.empty();
    });
    yield* http.serve(app).pipe(
    // A provider's server is no part of the caller's trace, and sockets keep real time whatever a test's clock says.
    HttpMiddleware.withTracerDisabledWhenEffect(() => true), Effect.withClock(Clock.make()));
    return port;
});
/** Refuses connections when the script says so, and closes those that are left at the end. */
const watchConnections = (server, script) => Effect.acquireRelease(Effect.sync(() => {
    const sockets = new Set();
    server.on("connection", (socket) => {
        if (script.takeRefusal())
            return socket.resetAndDestroy();
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
    });
    return sockets;
}), (sockets) => Effect.sync(() => {
    for (const socket of sockets)
        socket.destroy();
}));

/** A real HTTP server on loopback that speaks as the providers do, answers by itself, and fails as it is told. */
const make = (options) => Effect.gen(function* () {
    const { apiKey = "simulated-key", pace = 20, port: wanted = 0, remembers = 1000 } = options;
    const script = new Script(options.script ?? []);
    const requests = [];
    const remember = (request) => {
        requests.push(request);
        if (requests.length > remembers)
            requests.shift();
    };
    const port = yield* listen({ port: wanted, apiKey, pace, script, remember });
    const url = `http://127.0.0.1:${port}`;
    const baseUrls = { openai: `${url}/v1`, anthropic: url, google: `${url}/v1beta` };
    return Simulator.of({
        url,
        baseUrls,
        apiKey,
        environment: environmentOf(baseUrls, apiKey),
        requests: Effect.sync(() => [...requests]),
        script: (...replies) => Effect.sync(() => script.add(replies))
    });
});
/** The variables of the three providers, and of those that speak as OpenAI does. */
const environmentOf = (baseUrls, apiKey) => ({
    OPENAI_API_KEY: apiKey,
    OPENAI_BASE_URL: baseUrls.openai,
    ANTHROPIC_API_KEY: apiKey,
    ANTHROPIC_BASE_URL: baseUrls.anthropic,
    GOOGLE_AI_API_KEY: apiKey,
    GOOGLE_BASE_URL: baseUrls.google,
    GROQ_API_KEY: apiKey,
    GROQ_BASE_URL: baseUrls.openai
});
/**
 * A simulated provider of every family. It needs `@effect/platform-node`, which is loaded when the layer is built, and
 * keeps real time even where a test has another clock, as sockets do.
 */
const Simulator = /*@__PURE__*/ (() => (class Simulator extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/Simulator")() {
    /** Serves on 127.0.0.1 until the scope closes, and then closes every connection; dies if the port is taken. */
    static layer = (options = {}) => Layer.scoped(Simulator, make(options));
    /**
     * Serves, and is the configuration: below this layer `LLMClient.layer({ model: "openai/gpt-4o-mini" })` reaches the
     * Simulator. Variables that it does not set are read from the configuration that was there.
     */
    static layerConfig = (options = {}) => Layer.provideMerge(configuration, Simulator.layer(options));
    /** The requests that the Simulator in context has read. */
    static requests = /*@__PURE__*/ Effect.flatMap(Simulator, (simulator) => simulator.requests);
    /** Adds replies to the script of the Simulator in context. */
    static script = (...replies) => Effect.flatMap(Simulator, (simulator) => simulator.script(...replies));
}))();
const configuration = /*@__PURE__*/ Layer.unwrapEffect(/*@__PURE__*/ Effect.gen(function* () {
    const { environment } = yield* Simulator;
    const own = ConfigProvider.fromMap(new Map(Object.entries(environment)));
    return yield* Effect.configProviderWith((before) => Effect.succeed(Layer.setConfigProvider(ConfigProvider.orElse(own, () => before))));
}));

export { Scripted, Simulator };
//# sourceMappingURL=index.js.map
