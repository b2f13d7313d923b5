import { HttpClient } from '@effect/platform';
import { Either, Encoding, Schema, Context, Layer, Effect } from 'effect';
import { isObject, mapSchemas, parseJson, make as make$3, pick, read as read$1, make$1 as make$4, make$2 as make$5, make$3 as make$6 } from './core.js';

/** Codes and whole phrases: a long prompt, a limit that is too high and an empty balance share one code. */
const failureRules = {
    phrases: [
        [/\b(?:prompt|input) is too long\b/i, "ContextWindowExceeded"],
        [/\binput length and `?max_tokens`? exceed context limit\b/i, "ContextWindowExceeded"],
        [/\bcredit balance is too low\b/i, "InsufficientCredits"],
        [/\breached your specified (?:\w+ )?API usage limits\b/i, "InsufficientCredits"],
        [/\bmax_tokens: \d+ > \d+, which is the maximum allowed number of output tokens\b/i, "Validation"]
    ],
    codes: {
        rate_limit_error: "RateLimit",
        overloaded_error: "Overloaded",
        api_error: "Server",
        timeout_error: "Server",
        authentication_error: "Authentication",
        permission_error: "Authentication",
        not_found_error: "ModelNotFound",
        billing_error: "InsufficientCredits",
        request_too_large: "ContextWindowExceeded",
        invalid_request_error: "Validation"
    }
};
/** Reads the error of a body or of an event: `{ type: "error", error: { type, message } }`, or a gateway's form of it. */
const reportedError = (body) => {
    if (!isObject(body))
        return undefined;
    const { type, error } = body;
    if (isObject(error))
        return read(error);
    if (typeof error === "string" && error !== "")
        return read({ ...body, message: error });
    const message = body["message"] ?? body["detail"];
    // Amazon's and others' gateways say it without an `error`: { message }.
    if (typeof message === "string" && (type === undefined || type === "error"))
        return read(body);
    return undefined;
};
const read = (error) => {
    const message = error["message"] ?? error["detail"];
    return {
        message: typeof message === "string" ? message : message === undefined ? "" : JSON.stringify(message),
        codes: [error["type"], error["code"]].filter((each) => typeof each === "string")
    };
};

/** The form of an answer: https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
/** Writes the form, or says what of it Anthropic cannot hold an answer to. */
const formatOf = (format, provider) => {
    if (format === undefined || format.type === "text")
        return Either.right(undefined);
    const { schema } = format;
    if (schema === undefined) {
        return Either.left(`responseFormat needs a schema with ${provider}, which has no JSON mode without one`);
    }
    return Either.right({
        type: "json_schema",
        // A schema of the caller's own goes as it is: what Anthropic refuses of it, Anthropic says.
        schema: format.isMade === true ? withoutBounds(schema) : schema
    });
};
/** Bounds that are refused; the answer is decoded with the `effect/Schema` that has them, so nothing is lost. */
const bounds = /*@__PURE__*/ new Set([
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "maxItems",
    "uniqueItems"
]);
const isRefused = ([keyword, value]) => bounds.has(keyword) || (keyword === "minItems" && value !== 0 && value !== 1);
/** Tells the model the bounds in the description instead, as Anthropic's own client does. */
const withoutBounds = (schema) => {
    const entries = Object.entries(schema);
    const refused = entries.filter(isRefused).map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`);
    const kept = Object.fromEntries(entries.filter((entry) => !isRefused(entry)));
    const description = [schema["description"], `{${refused.join(", ")}}`].filter((part) => part !== undefined).join(" ");
    return mapSchemas(refused.length === 0 ? kept : { ...kept, description }, withoutBounds);
};

/** The blocks of a message: text, images and documents, and their cache marks. */
/** Writes a cache mark: https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
const cacheControl = (mark) => mark === undefined ? {} : { cache_control: { type: "ephemeral", ttl: mark } };
/** Writes the texts, or what of them stands between two offsets; Anthropic refuses empty ones, so they are left out. */
const textBlocks = (parts, from = 0, to = Number.POSITIVE_INFINITY) => {
    let start = 0;
    return parts.flatMap((part) => {
        const text = part.text.slice(Math.max(from - start, 0), Math.max(to - start, 0));
        start += part.text.length;
        // The mark stands at the end of its text.
        return text === "" ? [] : [{ type: "text", text, ...cacheControl(start <= to ? part.cache : undefined) }];
    });
};
/** Writes one part of what a user sends, or says why it cannot be. */
const blockOf = (part, where, provider) => {
    if (part.type === "text")
        return Either.right(textBlocks([part]));
    const source = part.type === "image" ? imageSource(part) : documentSource(part);
    if (source === undefined)
        return Either.left(`${where}: ${provider} ${accepted[part.type]}`);
    const title = part.type === "file" && part.filename !== undefined ? { title: part.filename } : {};
    const type = part.type === "image" ? "image" : "document";
    return Either.right([{ type, source, ...title, ...cacheControl(part.cache) }]);
};
const accepted = {
    image: "takes images as image/jpeg, image/png, image/gif or image/webp",
    file: "takes files as application/pdf, or as text/plain with base64 data"
};
const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];
/** https://platform.claude.com/docs/en/build-with-claude/vision */
const imageSource = (part) => {
    if (part.url !== undefined)
        return { type: "url", url: part.url };
    return imageTypes.includes(part.mediaType ?? "")
        ? { type: "base64", media_type: part.mediaType, data: part.data }
        : undefined;
};
/** https://platform.claude.com/docs/en/build-with-claude/pdf-support */
const documentSource = (part) => {
    if (part.mediaType === "application/pdf") {
        return part.url === undefined
            ? { type: "base64", media_type: part.mediaType, data: part.data }
            : { type: "url", url: part.url };
    }
    if (!/^text\/plain\b/.test(part.mediaType) || part.data === undefined)
        return undefined;
    const text = Either.getOrUndefined(Encoding.decodeBase64String(part.data));
    return text === undefined ? undefined : { type: "text", media_type: "text/plain", data: text };
};

/**
 * How much a model thinks and how long its answer may be, in the form that its generation takes:
 * https://platform.claude.com/docs/en/build-with-claude/thinking and https://platform.claude.com/docs/en/build-with-claude/effort
 */
/** Decides them for a request, or says which of its fields cannot be. */
const limitsOf = (request, provider) => {
    const { effort, budgetTokens } = request.reasoning ?? {};
    if (effort === "none") {
        return budgetTokens === undefined
            ? Either.right({ maxTokens: maxTokensOf(request), thinking: off(request.model) })
            : Either.left("reasoning.budgetTokens contradicts the effort none; leave one of them out");
    }
    const isAdaptive = generationOf(request.model) >= 406;
    const level = isAdaptive && effort !== undefined ? levelOf(request.model, effort) : undefined;
    if (budgetTokens !== undefined)
        return budgeted(request, budgetTokens, level, provider);
    if (effort === undefined)
        return Either.right({ maxTokens: maxTokensOf(request) });
    if (!isAdaptive)
        return budgeted(request, budgetFor(effort, request.maxTokens), undefined, provider);
    // Newer models leave the text of their reasoning out unless they are asked for it.
    const thinking = { type: "adaptive", display: "summarized" };
    return Either.right({ maxTokens: request.maxTokens ?? thinkingMaxTokens, thinking, effort: level });
};
const budgeted = (request, budget, effort, provider) => {
    if (budget < smallestBudget) {
        return Either.left(`reasoning.budgetTokens must be at least ${smallestBudget} with ${provider}`);
    }
    const maxTokens = request.maxTokens ?? maxTokensOf(request) + budget;
    if (maxTokens <= budget) {
        return Either.left(`maxTokens must be above the ${budget} tokens of reasoning, which ${provider} counts in it`);
    }
    return Either.right({ maxTokens, thinking: { type: "enabled", budget_tokens: budget }, effort });
};
/**
 * The generation that a model's name tells, 406 for 4.6; a Claude without a number is the newest, another's model like
 * Claude 4. The date at the end of a name is no part of it.
 */
const generationOf = (model) => {
    const [, major, minor] = /claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2}))?(?!\d)/.exec(model) ?? [];
    if (major !== undefined)
        return Number(major) * 100 + Number(minor ?? 0);
    return model.includes("claude") ? Number.POSITIVE_INFINITY : 400;
};
/**
 * The tokens of an answer for which none were asked, as Anthropic wants a number: enough for ordinary answers, and
 * within the 4,096 that Claude 3 takes at most, the 8,192 of 3.5, and the 64,000 or more of those that think unasked.
 */
const maxTokensOf = (request) => {
    if (request.maxTokens !== undefined)
        return request.maxTokens;
    const generation = generationOf(request.model);
    return generation < 305 ? 4096 : generation < 500 ? 8192 : thinkingMaxTokens;
};
const thinkingMaxTokens = 32_000;
const smallestBudget = 1024;
/** Models before 4.6 take a budget only; the largest leaves room for 8,192 tokens of answer in the 32,000 of Opus 4. */
const budgets = {
    minimal: smallestBudget,
    low: 2048,
    medium: 8192,
    high: 16_384,
    xhigh: 23_552
};
const budgetFor = (effort, maxTokens = Number.POSITIVE_INFINITY) => Math.max(smallestBudget, Math.min(budgets[effort], Math.floor(maxTokens * 0.8)));
/** Anthropic has no `minimal`, and 4.6 has `max` but not yet `xhigh`. */
const levelOf = (model, effort) => {
    if (effort === "minimal")
        return "low";
    return effort === "xhigh" && generationOf(model) === 406 ? "max" : effort;
};
/** Claude 4 only thinks when asked; the later ones must be told not to, and those that always think refuse it. */
const off = (model) => {
    if (/claude-sonnet-5-5/.test(model))
        return { type: "between_tools" };
    return model.includes("claude") && generationOf(model) < 500 ? undefined : { type: "disabled" };
};

/** The conversation as Anthropic takes it: user and assistant in turns, each a list of blocks. */
/** Writes the system messages, wherever they stand, as the blocks above the conversation. */
const systemOf = (messages) => messages.flatMap((message) => (message.role === "system" ? textBlocks(partsOf(message.content)) : []));
/** Writes the others as turns, or says where one cannot be written. */
const turnsOf = (messages, provider) => Either.map(Either.all(messages.map((message, index) => turnOf(message, `messages[${index}]`, provider))), joined);
const turnOf = (message, where, provider) => {
    switch (message.role) {
        case "system":
            return Either.right({ role: "user", content: [] });
        case "user": {
            const parts = typeof message.content === "string" ? partsOf(message.content) : message.content;
            const blocks = parts.map((part, index) => blockOf(part, `${where}.content[${index}]`, provider));
            return Either.map(Either.all(blocks), (content) => ({ role: "user", content: content.flat() }));
        }
        case "assistant":
            return Either.map(callsOf(message.toolCalls ?? [], where), (calls) => ({
                role: "assistant",
                content: withReasoning(message, calls, provider)
            }));
        case "tool":
            return Either.right({ role: "user", content: [resultOf(message)] });
    }
};
/** Turns must alternate, and the results of calls stand before what the user adds. */
const joined = (turns) => {
    const result = [];
    for (const { role, content } of turns) {
        // Anthropic refuses a turn without content.
        if (content.length === 0)
            continue;
        const last = result.at(-1);
        if (last?.role === role)
            last.content.push(...content);
        else
            result.push({ role, content: [...content] });
    }
    return result.map(({ role, content }) => ({
        role,
        content: [...content.filter(isResult), ...content.filter(isOther)]
    }));
};
const isResult = (block) => block["type"] === "tool_result";
const isOther = (block) => !isResult(block);
const partsOf = (content) => typeof content === "string" ? [{ type: "text", text: content }] : content;
const resultOf = (message) => {
    const parts = partsOf(message.content);
    const mark = parts.reduce((before, part) => part.cache ?? before, undefined);
    return {
        type: "tool_result",
        tool_use_id: message.toolCallId,
        content: parts.map((part) => part.text).join(""),
        ...cacheControl(mark)
    };
};
const callsOf = (calls, where) => Either.all(calls.map((call, index) => {
    const input = call.arguments.trim() === "" ? {} : parseJson(call.arguments);
    return isObject(input)
        ? Either.right({ type: "tool_use", id: call.id, name: call.name, input })
        : Either.left(`${where}.toolCalls[${index}].arguments must be the text of a JSON object`);
}));
/**
 * The blocks of an answer as they had stood: the provider wants its signed reasoning back in place and unchanged,
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
const withReasoning = (message, calls, provider) => {
    const parts = partsOf(message.content);
    const blocks = [];
    let from = { reasoning: 0, content: 0, toolCalls: 0 };
    for (const { provider: owner, data, after } of message.providerData ?? []) {
        const block = owner === provider ? thinkingBlock(data, message.reasoning?.slice(from.reasoning, after.reasoning)) : [];
        if (block.length === 0)
            continue;
        blocks.push(...textBlocks(parts, from.content, after.content), ...calls.slice(from.toolCalls, after.toolCalls));
        blocks.push(...block);
        from = after;
    }
    blocks.push(...textBlocks(parts, from.content), ...calls.slice(from.toolCalls));
    // Reasoning that nothing follows, as of an answer that was cut, is refused.
    return blocks.slice(0, blocks.findLastIndex(isVisible) + 1);
};
const thinkingBlock = (data, thinking = "") => {
    if (!isObject(data))
        return [];
    if (data["type"] === "signature")
        return [{ type: "thinking", thinking, signature: data["signature"] }];
    return data["type"] === "redacted_thinking" ? [{ type: "redacted_thinking", data: data["data"] }] : [];
};
const isVisible = (block) => block["type"] === "text" || block["type"] === "tool_use";

/** Writes a request as Anthropic's messages read it: https://platform.claude.com/docs/en/api/messages/create */
/** Writes a request, or says what this family cannot carry. */
const encode = (request, stream, { provider }) => Either.gen(function* () {
    const limits = yield* limitsOf(request, provider);
    yield* checkSampling(request, limits.thinking, provider);
    const system = systemOf(request.messages);
    const messages = yield* turnsOf(request.messages, provider);
    const tools = (request.tools ?? []).map(toolOf);
    const format = yield* formatOf(request.responseFormat, provider);
    yield* checkMarks([...tools, ...system, ...messages.flatMap((message) => message.content)], provider);
    const body = {
        model: request.model,
        max_tokens: limits.maxTokens,
        system: system.length === 0 ? undefined : system,
        messages,
        stream,
        temperature: request.temperature,
        top_p: request.topP,
        stop_sequences: typeof request.stop === "string" ? [request.stop] : request.stop,
        tools: tools.length === 0 ? undefined : tools,
        tool_choice: toolChoiceOf(request.toolChoice),
        thinking: limits.thinking,
        output_config: limits.effort === undefined && format === undefined ? undefined : { effort: limits.effort, format },
        ...request.providerOptions?.[provider]
    };
    return { path: "/v1/messages", body };
});
/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking#feature-compatibility */
const checkSampling = (request, thinking, provider) => {
    const { temperature, topP, toolChoice } = request;
    if (request.seed !== undefined)
        return Either.left(`${provider} has no seed; leave it out`);
    if (temperature !== undefined && temperature > 1) {
        return Either.left(`temperature must be a number from 0 to 1 with ${provider}`);
    }
    if (thinking?.type !== "enabled" && thinking?.type !== "adaptive")
        return Either.void;
    const instead = `with ${provider} while it reasons; leave it out, or leave reasoning out`;
    if (temperature !== undefined && temperature !== 1)
        return Either.left(`temperature cannot be chosen ${instead}`);
    if (topP !== undefined && topP < 0.95)
        return Either.left(`topP cannot be below 0.95 ${instead}`);
    if (toolChoice === "required" || typeof toolChoice === "object") {
        return Either.left(`toolChoice cannot force a call ${instead}`);
    }
    return Either.void;
};
const mostMarks = 4;
const checkMarks = (blocks, provider) => {
    const marks = blocks.filter((block) => block["cache_control"] !== undefined).length;
    return marks <= mostMarks
        ? Either.void
        : Either.left(`${provider} takes at most ${mostMarks} cache marks in a request, but there are ${marks}`);
};
const toolOf = (tool) => ({
    name: tool.name,
    description: tool.description,
    input_schema: tool.parameters,
    ...cacheControl(tool.cache)
});
const toolChoiceOf = (choice) => {
    if (choice === undefined)
        return undefined;
    if (typeof choice === "object")
        return { type: "tool", name: choice.name };
    return { type: choice === "required" ? "any" : choice };
};

/**
 * The JSON of Anthropic's messages that we read: https://platform.claude.com/docs/en/build-with-claude/streaming
 *
 * A schema cannot say "any type but these", so events, blocks and deltas are flat: every field that we read has its
 * type, wherever it stands, and may be left out or null. What a known event lacks is found by the step.
 */
const maybe = (schema) => Schema.optional(Schema.NullOr(schema));
/** What events that we do not know may hold under the name of an object that we do; in a known event it is wrong. */
const noObject = () => Schema.Union(Schema.String, Schema.Number, Schema.Literal(true, false, null), Schema.Array(Schema.Unknown));
const objectOr = (schema) => Schema.optional(Schema.Union(schema, noObject()));
/** A count of tokens, as reported; what the cache read and wrote is not in `input_tokens`. */
const usage = () => Schema.Struct({
    input_tokens: maybe(Schema.Number),
    cache_read_input_tokens: maybe(Schema.Number),
    cache_creation_input_tokens: maybe(Schema.Number),
    cache_creation: maybe(Schema.Struct({ ephemeral_1h_input_tokens: maybe(Schema.Number) })),
    output_tokens: maybe(Schema.Number),
    output_tokens_details: maybe(Schema.Struct({ thinking_tokens: maybe(Schema.Number) }))
});
/** The message that `message_start` opens, or a whole answer. */
const message$1 = () => Schema.Struct({
    model: maybe(Schema.String),
    stop_reason: maybe(Schema.String),
    usage: maybe(usage())
});
const block = () => Schema.Struct({
    type: maybe(Schema.String),
    text: maybe(Schema.String),
    thinking: maybe(Schema.String),
    signature: maybe(Schema.String),
    id: maybe(Schema.String),
    name: maybe(Schema.String),
    /** The arguments of a call; `{}` where deltas follow. */
    input: Schema.optional(Schema.Unknown),
    /** What a `redacted_thinking` block holds, and we only carry. */
    data: Schema.optional(Schema.Unknown)
});
/** What `content_block_delta` adds to a block, or `message_delta` to the message. */
const delta = () => Schema.Struct({
    type: maybe(Schema.String),
    text: maybe(Schema.String),
    thinking: maybe(Schema.String),
    signature: maybe(Schema.String),
    partial_json: maybe(Schema.String),
    stop_reason: maybe(Schema.String)
});
/** One event of a stream. */
const event = () => Schema.Struct({
    type: maybe(Schema.String),
    index: maybe(Schema.Number),
    message: objectOr(message$1()),
    content_block: objectOr(block()),
    delta: objectOr(delta()),
    usage: objectOr(usage()),
    error: Schema.optional(Schema.Unknown)
});

/** No calls yet. */
const none = { count: 0, blocks: /*@__PURE__*/ new Map() };
const keyOf = (index) => index ?? -1;
const withCall = (calls, key, call) => ({
    count: Math.max(calls.count, call.index + 1),
    blocks: new Map(calls.blocks).set(key, call)
});
/** A block begins that is a call. */
const start = (calls, index, block) => {
    const at = calls.count;
    const delta = { index: at, id: block.id || `call_${at}`, name: block.name ?? "", arguments: "" };
    return [withCall(calls, keyOf(index), { index: at, initial: argumentsOf(block.input) }), [delta]];
};
/** A block begins that is no call, so that deltas to it are none of ours. */
const otherBlock = (calls, index) => {
    if (!calls.blocks.has(keyOf(index)))
        return calls;
    const blocks = new Map(calls.blocks);
    blocks.delete(keyOf(index));
    return { ...calls, blocks };
};
/** A block gets more JSON; that of tools which the provider calls itself shows nothing. */
const append = (calls, index, json) => {
    const call = calls.blocks.get(keyOf(index));
    if (call === undefined || json === "")
        return [calls, []];
    const next = call.initial === "" ? calls : withCall(calls, keyOf(index), { ...call, initial: "" });
    return [next, [{ index: call.index, arguments: json }]];
};
/** A block ends: the arguments with which it started are all there are. */
const stop = (calls, index) => {
    const call = calls.blocks.get(keyOf(index));
    return call === undefined ? [calls, []] : append(calls, index, call.initial);
};
/** The message ends, and with it every block. */
const stopAll = (calls) => Array.from(calls.blocks.keys()).reduce(([before, deltas], key) => {
    const [after, more] = stop(before, key);
    return [after, [...deltas, ...more]];
}, [calls, []]);
const argumentsOf = (input) => {
    if (typeof input === "string")
        return input;
    if (typeof input !== "object" || input === null || Object.keys(input).length === 0)
        return "";
    return JSON.stringify(input);
};

/** Nothing read yet. */
const initial = { usage: {}, calls: none };
/** Turns one event into what it amounts to. */
const step = (state, event) => {
    switch (event.type) {
        case "ping":
            return { state };
        case "message_start":
        case "message":
            return message(state, event);
        case "content_block_start":
            return blockStart(state, event);
        case "content_block_delta":
            return blockDelta(state, event);
        case "content_block_stop": {
            const [calls, toolCalls] = stop(state.calls, event.index);
            return { state: withCalls(state, calls), chunk: { ...nothing, toolCalls, rawChunk: event } };
        }
        case "message_delta":
            return messageDelta(state, event);
        case "message_stop":
            return { state, isEnd: true };
        case "error":
            return { state, failure: reportedError(event) ?? { message: "", codes: [] } };
        default:
            return { state, chunk: shown(event, {}), failure: event.type == null ? reportedError(event) : undefined };
    }
};
const nothing = { content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null };
const shown = (event, parts) => ({ ...nothing, ...parts, rawChunk: event });
const carrying = (carried) => carried === undefined ? {} : { providerData: carried };
const withCalls = (state, calls) => (calls === state.calls ? state : { ...state, calls });
/** The object of a known event: `null` where the wire has null, `undefined` where it is missing or no object. */
const objectOf = (value) => isNoObject(value) ? (value === null ? null : undefined) : value;
const isNoObject = (value) => typeof value !== "object" || value === null || Array.isArray(value);
/** `message_start`, or the whole answer that closes its own blocks and tells why it ended. */
const message = (state, event) => {
    const message = objectOf(event.message);
    if (message === undefined)
        return { state, malformed: "message" };
    const [usage, known] = readUsage(state.usage, message?.usage);
    const isWhole = event.type === "message";
    const finishReason = isWhole ? finishReasonOf(message?.stop_reason) : null;
    return {
        state: { ...state, usage },
        chunk: { ...nothing, finishReason, usage: known, rawChunk: isWhole ? event.message : event },
        model: message?.model ?? ""
    };
};
const blockStart = (state, event) => {
    const block = objectOf(event.content_block);
    if (block === undefined)
        return { state, malformed: "content_block" };
    if (block?.type === "tool_use")
        return callStart(state, event, block);
    const next = withCalls(state, otherBlock(state.calls, event.index));
    switch (block?.type) {
        // Anthropic starts blocks empty; gateways start them with the first of their text.
        case "text":
            return { state: next, chunk: shown(event, { content: block.text ?? "" }) };
        case "thinking":
            return { state: next, chunk: shown(event, { reasoning: block.thinking ?? "" }) };
        case "redacted_thinking": {
            const { data } = block;
            if (data != null && typeof data !== "string")
                return { state, malformed: "content_block.data" };
            const carried = data == null ? undefined : { type: "redacted_thinking", data };
            return { state: next, chunk: shown(event, carrying(carried)) };
        }
        default:
            return { state: next, chunk: shown(event, {}) };
    }
};
const callStart = (state, event, block) => {
    const missing = ["id", "name"].find((field) => block[field] === undefined);
    if (missing !== undefined)
        return { state, malformed: `content_block.${missing}` };
    const [calls, toolCalls] = start(state.calls, event.index, block);
    return { state: { ...state, calls }, chunk: shown(event, { toolCalls }) };
};
const blockDelta = (state, event) => {
    const delta = objectOf(event.delta);
    if (delta === undefined)
        return { state, malformed: "delta" };
    switch (delta?.type) {
        case "text_delta":
            if (delta.text === undefined)
                return { state, malformed: "delta.text" };
            return { state, chunk: { ...nothing, content: delta.text ?? "", rawChunk: event } };
        case "thinking_delta":
            if (delta.thinking === undefined)
                return { state, malformed: "delta.thinking" };
            return { state, chunk: { ...nothing, reasoning: delta.thinking ?? "", rawChunk: event } };
        case "signature_delta": {
            if (delta.signature === undefined)
                return { state, malformed: "delta.signature" };
            const carried = delta.signature ? { type: "signature", signature: delta.signature } : undefined;
            return { state, chunk: shown(event, carrying(carried)) };
        }
        case "input_json_delta": {
            if (delta.partial_json === undefined)
                return { state, malformed: "delta.partial_json" };
            const [calls, toolCalls] = append(state.calls, event.index, delta.partial_json ?? "");
            return { state: withCalls(state, calls), chunk: { ...nothing, toolCalls, rawChunk: event } };
        }
        default:
            return { state, chunk: shown(event, {}) };
    }
};
const messageDelta = (state, event) => {
    const delta = objectOf(event.delta);
    if (delta === undefined)
        return { state, malformed: "delta" };
    const reported = objectOf(event.usage);
    if (reported === undefined && event.usage !== undefined)
        return { state, malformed: "usage" };
    const [usage, known] = readUsage(state.usage, reported);
    const [calls, toolCalls] = stopAll(state.calls);
    const finishReason = finishReasonOf(delta?.stop_reason);
    return { state: { usage, calls }, chunk: shown(event, { toolCalls, finishReason, usage: known }) };
};
/** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const finishReasons = {
    end_turn: "stop",
    stop_sequence: "stop",
    max_tokens: "length",
    model_context_window_exceeded: "length",
    tool_use: "tool_calls",
    refusal: "content_filter"
};
const finishReasonOf = (reason) => {
    if (!reason)
        return null;
    return (Object.hasOwn(finishReasons, reason) ? finishReasons[reason] : undefined) ?? "other";
};
/** The last value of each count, and the whole in our view where this report says anything. */
const readUsage = (before, reported) => {
    if (reported == null)
        return [before, null];
    const usage = {
        input_tokens: reported.input_tokens ?? before.input_tokens,
        cache_read_input_tokens: reported.cache_read_input_tokens ?? before.cache_read_input_tokens,
        cache_creation_input_tokens: reported.cache_creation_input_tokens ?? before.cache_creation_input_tokens,
        cache_creation: reported.cache_creation ?? before.cache_creation,
        output_tokens: reported.output_tokens ?? before.output_tokens,
        output_tokens_details: reported.output_tokens_details ?? before.output_tokens_details
    };
    const cachedPromptTokens = usage.cache_read_input_tokens ?? 0;
    const cacheWriteTokens = usage.cache_creation_input_tokens ?? 0;
    const known = make$3({
        promptTokens: (usage.input_tokens ?? 0) + cachedPromptTokens + cacheWriteTokens,
        completionTokens: usage.output_tokens ?? 0,
        cachedPromptTokens,
        cacheWriteTokens,
        cacheWriteHourTokens: usage.cache_creation?.ephemeral_1h_input_tokens,
        reasoningTokens: usage.output_tokens_details?.thinking_tokens
    });
    return [usage, Object.values(usage).some((count) => count != null) ? known : null];
};

/** Anthropic's messages: https://platform.claude.com/docs/en/api/messages */
/** Makes the dialect as one vendor wants it sent; reading is the same for all. */
const make$2 = (differences) => ({
    encode: (request, stream) => encode(request, stream, differences),
    event,
    eventName: "message",
    initial,
    step,
    eventsOfAnswer,
    reportedError,
    failureRules
});
/** The events of its blocks, and then the answer itself in the place of `message_delta`, to be the last raw chunk. */
const eventsOfAnswer = (answer) => {
    const content = isObject(answer) ? answer["content"] : undefined;
    if (!Array.isArray(content))
        return [];
    return [...content.flatMap(eventsOfBlock), { type: "message", message: answer }];
};
const eventsOfBlock = (block, index) => {
    const start = { type: "content_block_start", index, content_block: block };
    const stop = { type: "content_block_stop", index };
    const delta = (type, field, value) => ({
        type: "content_block_delta",
        index,
        delta: { type, [field]: value }
    });
    if (!isObject(block))
        return [start];
    switch (block["type"]) {
        case "text":
            return [{ ...start, content_block: { ...block, text: "" } }, delta("text_delta", "text", block["text"]), stop];
        case "thinking":
            return [
                { ...start, content_block: { ...block, thinking: "", signature: "" } },
                delta("thinking_delta", "thinking", block["thinking"]),
                // Gateways to other models sign nothing.
                delta("signature_delta", "signature", block["signature"] ?? null),
                stop
            ];
        default:
            return [start, stop];
    }
};

/** Anthropic's count of a request: https://platform.claude.com/docs/en/api/messages/count_tokens */
const fields = ["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control"];
/** Makes the dialect for one provider. The count "should be considered an estimate", says its guide. */
const make$1 = (provider) => ({
    encode: (request) => Either.map(encode(request, false, { provider }), ({ body }) => ({
        path: "/v1/messages/count_tokens",
        body: pick(body, fields)
    })),
    field: "input_tokens",
    isExact: false,
    reportedError,
    failureRules
});

/** Anthropic: https://platform.claude.com/docs/en/api/overview */
const dialect = /*@__PURE__*/ make$2({ provider: "anthropic" });
const counts = /*@__PURE__*/ make$1("anthropic");
const make = (options) => Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient;
    const connection = yield* make$4({
        ...options,
        provider: "anthropic",
        baseUrl: options.baseUrl ?? "https://api.anthropic.com",
        authorization: (key) => ({ "x-api-key": key }),
        headers: {
            "anthropic-version": options.version ?? "2023-06-01",
            "anthropic-beta": options.betas?.join(","),
            ...options.headers
        }
    });
    return {
        ...make$6(dialect, connection, client),
        countTokens: make$5(counts, connection, client)
    };
});
/** The provider `anthropic`. */
const Anthropic = /*@__PURE__*/ (() => (class Anthropic extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/Anthropic")() {
    /** Serves Anthropic with the given key; fails with a `ValidationError` when an option cannot be right. */
    static layer = (options) => Layer.effect(Anthropic, make(options));
    /** Serves Anthropic with the key of `ANTHROPIC_API_KEY` and, where set, the address of `ANTHROPIC_BASE_URL`. */
    static layerConfig = /*@__PURE__*/ Layer.effect(Anthropic, /*@__PURE__*/ Effect.flatMap(/*@__PURE__*/ read$1({ key: ["ANTHROPIC_API_KEY"], baseUrl: "ANTHROPIC_BASE_URL" }), make));
}))();

export { Anthropic };
//# sourceMappingURL=anthropic.js.map
