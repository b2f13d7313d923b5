import { isObject, textOf as textOf$1, isStrict, make as make$2, pick, make$3, make$2 as make$4 } from './core.js';
import { failureRules as failureRules$1, reportedError } from './openai.js';
import { Either, Schema, ParseResult } from 'effect';

// A failed response has a code but neither a status nor the type `invalid_request_error`, so each code is named.
const requestCodes = [
    "invalid_prompt",
    "bio_policy",
    "misalignment_policy_violation",
    "invalid_image",
    "invalid_image_format",
    "invalid_base64_image",
    "invalid_image_url",
    "invalid_image_mode",
    "image_too_large",
    "image_too_small",
    "image_parse_error",
    "image_content_policy_violation",
    "image_file_too_large",
    "image_file_not_found",
    "empty_image_file",
    "unsupported_image_media_type",
    "failed_to_download_image"
];
/** What all of OpenAI's APIs share, and the codes of a response that failed while it was made. */
const failureRules = {
    ...failureRules$1,
    codes: {
        ...failureRules$1.codes,
        .../*@__PURE__*/ Object.fromEntries(/*@__PURE__*/ requestCodes.map((code) => [code, "Validation"])),
        vector_store_timeout: "Server"
    }
};
/** Reads the error of an event (nested as it is sent, flat as it is documented) or of a response that failed. */
const failureOf = (body) => reportedError(body) ?? { message: "", codes: typeof body["code"] === "string" ? [body["code"]] : [] };

/** Takes the items of an answer along with its message, and puts them back into the next request. */
/** The items of tools that the server runs itself and, where it keeps them, finds again by their id. */
const hosted = /*@__PURE__*/ new Set([
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "image_generation_call",
    "mcp_list_tools",
    "mcp_call"
]);
/**
 * Reads what the API wants back of an item. Reasoning goes back either by its encrypted content, without an id (a
 * server that keeps nothing answers an id with 404), or by its id. The API then wants behind it the very items that
 * followed it, with their ids ("provided without its required following item"), so these are kept too. The phase of a
 * message goes back in any case. https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
 */
const keepsakeOf = (item, { isStored, isLinked }) => {
    const { type, id, phase, status } = item;
    if (type === "reasoning")
        return reasoningOf$1(item, isStored);
    if (type === "message") {
        if (!isLinked && phase == null)
            return undefined;
        return {
            data: { type, ...(isLinked ? { id, status } : {}), ...(phase == null ? {} : { phase }) },
            isLinking: false
        };
    }
    if (!isLinked)
        return undefined;
    if (type === "function_call")
        return { data: { type, id, call_id: item["call_id"] }, isLinking: false };
    const isKept = hosted.has(type) && typeof id === "string";
    return { data: isKept ? { type: "item_reference", id } : { type }, isLinking: false };
};
const reasoningOf$1 = (item, isStored) => {
    const { type, id, summary, content, encrypted_content } = item;
    const isSealed = typeof encrypted_content === "string" && encrypted_content !== "";
    // The open reasoning of an open model needs no memory of the server's either.
    const isOpen = Array.isArray(content) && content.length > 0;
    const isLinking = isStored && !isSealed && typeof id === "string" && id !== "";
    if (!isSealed && !isOpen && !isLinking)
        return undefined;
    const data = {
        type,
        ...(isLinking ? { id } : {}),
        summary: summary ?? [],
        ...(isOpen ? { content } : {}),
        ...(isSealed ? { encrypted_content } : {})
    };
    return { data, isLinking };
};
/** Writes an assistant's message as the items that it was made of. */
const itemsOf = (message, provider) => {
    const kept = (message.providerData ?? []).flatMap(({ provider: owner, data, after }) => owner === provider && isObject(data) ? [{ data, after }] : []);
    const ids = new Map(kept.flatMap(({ data }) => (data["type"] === "function_call" ? [[data["call_id"], data["id"]]] : [])));
    const content = textOf$1(message.content);
    const calls = message.toolCalls ?? [];
    const writeUpTo = (written, end, mark) => {
        const text = content.slice(written.content, end.content);
        const messages = text === "" ? [] : [messageOf(text, mark)];
        const called = calls.slice(written.toolCalls, end.toolCalls).map((call) => callOf(call, ids.get(call.id)));
        return {
            // The calls known when a message was done came before it; else nobody knows, but models speak first.
            items: mark === undefined ? [...written.items, ...messages, ...called] : [...written.items, ...called, ...messages],
            content: Math.max(written.content, end.content),
            toolCalls: Math.max(written.toolCalls, end.toolCalls)
        };
    };
    const written = kept.reduce((so, { data, after }) => {
        const next = writeUpTo(so, after, data["type"] === "message" ? data : undefined);
        return { ...next, items: withKept(next.items, data) };
    }, { items: [], content: 0, toolCalls: 0 });
    return withoutLastReasoning(writeUpTo(written, { content: content.length, toolCalls: calls.length }).items);
};
const withKept = (items, data) => {
    switch (data["type"]) {
        case "reasoning":
        case "item_reference":
            return [...items, data];
        case "message":
        case "function_call":
            return items;
        default:
            // What followed cannot go back, and reasoning without it is refused.
            return withoutLastReasoning(items);
    }
};
const withoutLastReasoning = (items) => items.slice(0, items.findLastIndex((item) => item["type"] !== "reasoning") + 1);
const messageOf = (text, mark) => {
    const part = { type: "output_text", text };
    const phase = mark?.["phase"] == null ? {} : { phase: mark["phase"] };
    if (mark?.["id"] == null)
        return { role: "assistant", content: [part], ...phase };
    const { id, status } = mark;
    return {
        type: "message",
        id,
        role: "assistant",
        status: status ?? "completed",
        content: [{ ...part, annotations: [] }],
        ...phase
    };
};
const callOf = (call, id) => ({
    type: "function_call",
    ...(id == null ? {} : { id }),
    call_id: call.id,
    name: call.name,
    arguments: call.arguments === "" ? "{}" : call.arguments
});

/** Writes a request as OpenAI's Responses read it: https://platform.openai.com/docs/api-reference/responses/create */
/**
 * Writes a request, or says what this family cannot carry. System messages go where they stand in the conversation;
 * `instructions`, of which there is one, is left to `providerOptions`. Cache marks have no counterpart.
 */
const encode = (request, stream, { provider }) => Either.gen(function* () {
    const missing = missingFor(request);
    if (missing !== undefined)
        return yield* Either.left(missing);
    const tools = (request.tools ?? []).map(toolOf);
    const format = formatOf(request.responseFormat);
    const options = request.providerOptions?.[provider];
    const body = {
        model: request.model,
        input: request.messages.flatMap((message) => inputOf(message, provider)),
        stream,
        max_output_tokens: request.maxTokens,
        temperature: request.temperature,
        top_p: request.topP,
        tools: tools.length === 0 ? undefined : tools,
        tool_choice: toolChoiceOf(request.toolChoice),
        text: format === undefined ? undefined : { format },
        reasoning: reasoningOf(request.reasoning),
        include: includeOf(request.reasoning, options),
        ...options
    };
    return { path: "/responses", body };
});
const missingFor = (request) => {
    if (request.stop !== undefined)
        return "stop is not known to Responses; leave it out";
    if (request.seed !== undefined)
        return "seed is not known to Responses; leave it out";
    return request.reasoning?.budgetTokens === undefined
        ? undefined
        : "reasoning.budgetTokens is not known to Responses; use reasoning.effort";
};
const inputOf = (message, provider) => {
    switch (message.role) {
        case "system":
            return [{ role: "system", content: textOf$1(message.content) }];
        case "user":
            return [{ role: "user", content: partsOf(message.content).map(partOf) }];
        case "assistant":
            return itemsOf(message, provider);
        case "tool":
            return [{ type: "function_call_output", call_id: message.toolCallId, output: textOf$1(message.content) }];
    }
};
const partsOf = (content) => typeof content === "string" ? [{ type: "text", text: content }] : content;
const dataUrl = (mediaType, data) => `data:${mediaType ?? "application/octet-stream"};base64,${data ?? ""}`;
const partOf = (part) => {
    switch (part.type) {
        case "text":
            return { type: "input_text", text: part.text };
        case "image":
            return { type: "input_image", image_url: part.url ?? dataUrl(part.mediaType, part.data), detail: part.detail };
        case "file":
            return part.url !== undefined
                ? { type: "input_file", file_url: part.url }
                : { type: "input_file", filename: part.filename ?? "file", file_data: dataUrl(part.mediaType, part.data) };
    }
};
const toolOf = ({ name, description, parameters }) => ({
    type: "function",
    name,
    description,
    parameters,
    // Said either way: left out, the API makes every schema strict and refuses those that cannot be.
    strict: parameters["type"] === "object" && isStrict(parameters)
});
const toolChoiceOf = (choice) => typeof choice === "object" ? { type: "function", name: choice.name } : choice;
const formatOf = (format) => {
    if (format === undefined || format.type === "text")
        return undefined;
    const { schema, name = "answer" } = format;
    if (schema === undefined)
        return { type: "json_object" };
    return { type: "json_schema", name, schema, strict: schema["type"] === "object" && isStrict(schema) };
};
const reasoningOf = (reasoning) => {
    if (reasoning?.effort === undefined)
        return undefined;
    return reasoning.effort === "none" ? { effort: "none" } : { effort: reasoning.effort, summary: "auto" };
};
/** A server that keeps nothing must give the reasoning along, or it cannot be put back into the next request. */
const includeOf = (reasoning, options) => options?.["store"] === false && reasoning?.effort !== undefined && reasoning.effort !== "none"
    ? ["reasoning.encrypted_content"]
    : undefined;

/** The JSON of OpenAI's Responses that we read: https://platform.openai.com/docs/api-reference/responses-streaming */
const maybe = (schema) => Schema.optional(Schema.NullOr(schema));
const anything = /*@__PURE__*/ Schema.optional(Schema.Unknown);
/**
 * One event of a stream, or (with `output` in place of `type`) a whole answer. The type decides what the other fields
 * hold, and dozens of types are none of ours: so the fields are open here, and are read by what each known type needs.
 */
const event = () => Schema.Struct({
    type: maybe(Schema.String),
    object: anything,
    error: anything,
    item_id: anything,
    output_index: anything,
    content_index: anything,
    summary_index: anything,
    delta: anything,
    text: anything,
    refusal: anything,
    arguments: anything,
    part: anything,
    item: anything,
    response: anything,
    output: anything
});
const Part = /*@__PURE__*/ Schema.Struct({
    type: /*@__PURE__*/ maybe(Schema.String),
    text: /*@__PURE__*/ maybe(Schema.String),
    refusal: /*@__PURE__*/ maybe(Schema.String)
});
const Message = /*@__PURE__*/ Schema.Struct({
    type: /*@__PURE__*/ Schema.Literal("message"),
    id: /*@__PURE__*/ maybe(Schema.String),
    status: /*@__PURE__*/ maybe(Schema.String),
    /** `commentary` or `final_answer`, which newer models want back. */
    phase: /*@__PURE__*/ maybe(Schema.String),
    content: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Array(Part))
});
const FunctionCall = /*@__PURE__*/ Schema.Struct({
    type: /*@__PURE__*/ Schema.Literal("function_call"),
    id: /*@__PURE__*/ maybe(Schema.String),
    call_id: /*@__PURE__*/ maybe(Schema.String),
    name: /*@__PURE__*/ maybe(Schema.String),
    // Some servers send the arguments as an object instead of its text.
    arguments: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Union(Schema.String, Schema.Object))
});
const Reasoning = /*@__PURE__*/ Schema.Struct({
    type: /*@__PURE__*/ Schema.Literal("reasoning"),
    id: /*@__PURE__*/ maybe(Schema.String),
    summary: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Array(Part)),
    /** The reasoning itself, where a model is open. */
    content: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Array(Part)),
    encrypted_content: /*@__PURE__*/ maybe(Schema.String)
});
const Item = /*@__PURE__*/ Schema.Union(Message, FunctionCall, Reasoning);
const Response = /*@__PURE__*/ Schema.Struct({
    model: /*@__PURE__*/ maybe(Schema.String),
    status: /*@__PURE__*/ maybe(Schema.String),
    /** Whether the server keeps the items, so that their ids mean something to it. */
    store: /*@__PURE__*/ maybe(Schema.Boolean),
    error: anything,
    incomplete_details: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Struct({ reason: /*@__PURE__*/ maybe(Schema.String) })),
    output: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Array(Schema.Unknown)),
    usage: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Struct({
        input_tokens: /*@__PURE__*/ maybe(Schema.Number),
        output_tokens: /*@__PURE__*/ maybe(Schema.Number),
        input_tokens_details: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Struct({ cached_tokens: /*@__PURE__*/ maybe(Schema.Number), cache_write_tokens: /*@__PURE__*/ maybe(Schema.Number) })),
        output_tokens_details: /*@__PURE__*/ maybe(/*@__PURE__*/ Schema.Struct({ reasoning_tokens: /*@__PURE__*/ maybe(Schema.Number) }))
    }))
});
/** Makes a reader that gives the value, or the path at which it is not as documented. */
const reader = (schema, name) => {
    const validate = Schema.validateEither(schema);
    return (value) => Either.mapLeft(validate(value), (error) => [name, ...(ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.path ?? [])].map(String).join("."));
};
/** Reads an item of one of the three types that we show. */
const readItem = /*@__PURE__*/ reader(Item, "item");
/** Reads a part of a message or of reasoning. */
const readPart = /*@__PURE__*/ reader(Part, "part");
/** Reads the response that an event reports on. */
const readResponse = /*@__PURE__*/ reader(Response, "response");
/**
 * Says whether an item is of a type that we show. Calls of the server's own tools are not, nor those of freeform tools
 * (`custom_tool_call`): no `ChatRequest` has such tools, and what they are called with is no JSON. Raw chunks have all.
 */
const isShown = (type) => type === "message" || type === "function_call" || type === "reasoning";

/** The events that hold a text: a `delta` of it, or all of it again. */
const textEvents = /*@__PURE__*/ new Map([
    ["response.output_text.delta", { item: "message", slot: "output_text", field: "delta" }],
    ["response.output_text.done", { item: "message", slot: "output_text", field: "text" }],
    ["response.refusal.delta", { item: "message", slot: "refusal", field: "delta" }],
    ["response.refusal.done", { item: "message", slot: "refusal", field: "refusal" }],
    ["response.reasoning_summary_text.delta", { item: "reasoning", slot: "summary_text", field: "delta" }],
    ["response.reasoning_summary_text.done", { item: "reasoning", slot: "summary_text", field: "text" }],
    ["response.reasoning_text.delta", { item: "reasoning", slot: "reasoning_text", field: "delta" }],
    ["response.reasoning_text.done", { item: "reasoning", slot: "reasoning_text", field: "text" }],
    ["response.function_call_arguments.delta", { item: "function_call", slot: "arguments", field: "delta" }],
    ["response.function_call_arguments.done", { item: "function_call", slot: "arguments", field: "arguments" }]
]);
/** The items that parts belong to, by the part's type. */
const partItems = /*@__PURE__*/ new Map([
    ["output_text", "message"],
    ["refusal", "message"],
    ["summary_text", "reasoning"],
    ["reasoning_text", "reasoning"]
]);
/** The events that end a stream, and the status that they stand for. */
const ends = /*@__PURE__*/ new Map([
    ["response.completed", "completed"],
    ["response.done", "completed"],
    ["response.incomplete", "incomplete"],
    ["response.failed", "failed"],
    ["response.cancelled", "cancelled"]
]);

const incompleteReasons = /*@__PURE__*/ new Map([
    ["max_output_tokens", "length"],
    ["max_tokens", "length"],
    ["content_filter", "content_filter"]
]);
/** Says why a response ended, with the status that its last event stands for. */
const finishReasonOf = (response, status, { hasCalls, isRefused }) => {
    const reason = response.incomplete_details?.reason;
    if (reason)
        return incompleteReasons.get(reason) ?? "other";
    // Some servers leave the status of a completed response at `in_progress`.
    const isCut = response.status === "incomplete" || response.status === "cancelled";
    if (status !== "completed" || isCut)
        return "other";
    if (isRefused)
        return "content_filter";
    return hasCalls ? "tool_calls" : "stop";
};
/** Reads the counts, which include what was cached and the reasoning. */
const usageOf = (usage) => usage == null
    ? null
    : make$2({
        promptTokens: usage.input_tokens ?? 0,
        completionTokens: usage.output_tokens ?? 0,
        cachedPromptTokens: usage.input_tokens_details?.cached_tokens,
        cacheWriteTokens: usage.input_tokens_details?.cache_write_tokens,
        reasoningTokens: usage.output_tokens_details?.reasoning_tokens
    });

/** Nothing. */
const nothing = { content: "", reasoning: "", toolCalls: [] };
/** One after the other. */
const join = (first, second) => ({
    content: first.content + second.content,
    reasoning: first.reasoning + second.reasoning,
    toolCalls: [...first.toolCalls, ...second.toolCalls]
});
/** Says where an item stands in an event. */
const addressOf = (item, index) => ({
    type: item.type,
    id: item.id,
    callId: item.type === "function_call" ? (item.call_id ?? "") : "",
    index
});
const isSame = (item, { type, id, callId }) => {
    if (item.type !== type)
        return false;
    if (item.callId !== "" && callId !== "")
        return item.callId === callId;
    return id != null && id !== "" && (item.id === id || item.callId === id);
};
const isLike = (item, { type, callId, index }) => item.type === type &&
    item.isOpen &&
    (item.callId === "" || callId === "") &&
    (item.index == null || index == null || item.index === index);
/**
 * Finds an item by its id. Some servers give every event another id (GitHub Copilot), or none: then the last item of
 * its type that is not done, where the output index allows.
 */
const find = (items, address) => {
    const same = items.findLastIndex((item) => isSame(item, address));
    return same === -1 ? items.findLastIndex((item) => isLike(item, address)) : same;
};
/** Finds the item that an event adds: one known by its id, or by texts that came before it was added. */
const findAdded = (items, address) => {
    const same = items.findLastIndex((item) => isSame(item, address));
    return same === -1 ? items.findLastIndex((item) => !item.isAnnounced && isLike(item, address)) : same;
};
const itemAt = (items, at, address) => items[at] ?? {
    ...address,
    name: "",
    call: items.filter((item) => item.type === "function_call").length,
    isAnnounced: false,
    isOpen: true,
    shown: []
};
const put = (items, at, item) => at === -1 ? [...items, item] : items[at] === item ? items : items.with(at, item);
/** Tells which text of a piece is new; what repeats a text that was shown is not. */
const take = (item, { slot, text, isWhole }) => {
    const wasShown = slot === undefined ? item.shown.length > 0 : item.shown.includes(slot);
    if (text === "" || (isWhole && wasShown))
        return [item, ""];
    return [wasShown ? item : { ...item, shown: [...item.shown, slot ?? "all"] }, text];
};
/** Takes a piece of an item's text. */
const takePiece = (items, address, piece) => {
    const at = find(items, address);
    const [item, text] = take(itemAt(items, at, address), piece);
    return [put(items, at, item), outputOf(item, text, false)];
};
/** Takes an item that is added, or done: then with the texts that have not been shown. */
const takeItem$1 = (items, item, index, isDone) => {
    const address = addressOf(item, index);
    const at = isDone ? find(items, address) : findAdded(items, address);
    const known = itemAt(items, at, address);
    const name = known.name || (item.type === "function_call" && item.name) || "";
    const tracked = {
        ...known,
        id: known.id ?? address.id,
        callId: known.callId || address.callId,
        name,
        isAnnounced: true,
        isOpen: known.isOpen && !isDone
    };
    const [taken, text] = take(tracked, { text: isDone ? textOf(item) : "", isWhole: true });
    return [put(items, at, taken), outputOf(taken, text, known.name === "" && name !== "")];
};
const outputOf = (item, text, isNamed) => {
    if (text === "" && !isNamed)
        return nothing;
    switch (item.type) {
        case "message":
            return { content: text, reasoning: "", toolCalls: [] };
        case "reasoning":
            return { content: "", reasoning: text, toolCalls: [] };
        case "function_call": {
            if (!isNamed)
                return { content: "", reasoning: "", toolCalls: [{ index: item.call, arguments: text }] };
            const id = item.callId || (typeof item.id === "string" && item.id) || `call_${item.call}`;
            return { ...nothing, toolCalls: [{ index: item.call, id, name: item.name, arguments: text }] };
        }
    }
};
/** Says whether a call has been shown. */
const hasCall = (items) => items.some((item) => item.type === "function_call" && (item.name !== "" || item.shown.length > 0));
/** Says whether a call is done without having been named. */
const hasNamelessCall = (items) => items.some((item) => item.type === "function_call" && !item.isOpen && item.name === "");
/**
 * Says whether the list at the end holds an item that the stream did not show. With doubt it does not: to show an
 * answer twice is worse than to miss a part of it that only the list has.
 */
const lacks = (items, item) => {
    const others = items.filter((each) => each.type === item.type);
    return item.type === "function_call"
        ? others.length === 0 || others.some((each) => isSame(each, addressOf(item, undefined)))
        : others.every((each) => each.shown.length === 0);
};
/** All texts of an item. */
const textOf = (item) => {
    switch (item.type) {
        case "message":
            return textOfParts((item.content ?? []).filter((part) => part.type == null || textTypes.includes(part.type)));
        case "reasoning": {
            const [summary, content] = [textOfParts(item.summary ?? []), textOfParts(item.content ?? [])];
            return summary === content ? summary : summary + content;
        }
        case "function_call":
            return typeof item.arguments === "string"
                ? item.arguments
                : item.arguments == null
                    ? ""
                    : JSON.stringify(item.arguments);
    }
};
const textTypes = ["output_text", "text"];
const textOfParts = (parts) => parts.map((part) => part.text ?? "").join("");
/** Says whether a message refuses. */
const refuses = (item) => item.type === "message" && (item.content ?? []).some((part) => Boolean(part.refusal));

/** Reads OpenAI's Responses, streamed or whole, as chunks; every server's deviation is tolerated here. */
/** Nothing read yet. */
const initial = { items: [], isRefused: false, isStored: true, isLinked: false };
/** Turns one event into what it amounts to. */
const step = (state, event) => {
    const text = textEvents.get(event.type);
    if (text !== undefined)
        return stepText(state, event, text);
    switch (event.type) {
        case "response.output_item.added":
        case "response.output_item.done":
            return stepItem(state, event, event.type === "response.output_item.done");
        case "response.content_part.done":
        case "response.reasoning_summary_part.done":
        case "response.reasoning_part.done":
            return stepPart(state, event);
        case "response.created":
        case "response.queued":
        case "response.in_progress":
            return stepStart(state, event);
        case "keepalive":
        case "ping":
            return { state };
    }
    if (ends.has(event.type) || isAnswer(event))
        return stepEnd(state, event);
    return { state, chunk: chunkOf(event), ...(isError(event) ? { failure: failureOf(event) } : {}) };
};
/** A whole answer is its own last event. */
const isAnswer = (event) => event.type == null && Array.isArray(event.output);
/** OpenAI's errors have a type; those of the servers that copy it, or stand before it, often have not. */
const isError = (event) => event.type === "error" || event.object === "error" || (event.type == null && event.error != null);
// Written out, here and where pieces are taken: a spread costs more than all else that is done for a delta.
const chunkOf = (event, output = nothing) => ({
    content: output.content,
    reasoning: output.reasoning,
    toolCalls: output.toolCalls,
    finishReason: null,
    usage: null,
    rawChunk: event
});
const stepText = (state, event, { item, slot, field }) => {
    const isWhole = field !== "delta";
    const value = event[field];
    // What is all there again may be left out, a delta may not; `null` is an empty one.
    const given = value ?? (isWhole || value === null ? "" : undefined);
    const text = field === "arguments" && typeof given === "object" ? JSON.stringify(given) : given;
    return typeof text === "string"
        ? stepPiece(state, event, item, { slot: slotOf(slot, event), text, isWhole })
        : { state, malformed: field };
};
const stepPart = (state, event) => {
    const part = isObject(event.part) ? event.part : undefined;
    const item = partItems.get(part?.["type"]);
    if (part === undefined)
        return { state, malformed: "part" };
    if (item === undefined)
        return { state, chunk: chunkOf(event) };
    const read = readPart(part);
    if (Either.isLeft(read))
        return { state, malformed: read.left };
    const { type, text, refusal } = read.right;
    const piece = { slot: slotOf(type ?? "", event), text: refusal ?? text ?? "", isWhole: true };
    return stepPiece(state, event, item, piece);
};
const refusalSlot = "refusal";
const slotOf = (name, event) => {
    const index = event.content_index ?? event.summary_index;
    return name === refusalSlot ? name : `${name} ${typeof index === "number" ? index : 0}`;
};
const stepPiece = (state, event, type, piece) => {
    if (piece.slot === refusalSlot) {
        return {
            state: state.isRefused || piece.text === "" ? state : { ...state, isRefused: true },
            chunk: chunkOf(event)
        };
    }
    const address = { type, id: event.item_id, callId: "", index: event.output_index };
    const [items, output] = takePiece(state.items, address, piece);
    return { state: items === state.items ? state : { ...state, items }, chunk: chunkOf(event, output) };
};
const stepItem = (state, event, isDone) => {
    if (!isObject(event.item))
        return { state, malformed: "item" };
    const keepsake = isDone ? keepsakeOf(event.item, state) : undefined;
    const kept = keepsake === undefined ? {} : { providerData: keepsake.data };
    if (!isShown(event.item["type"]))
        return { state, chunk: { ...chunkOf(event), ...kept } };
    const read = readItem(event.item);
    if (Either.isLeft(read))
        return { state, malformed: read.left };
    const [next, output] = takeItem(state, read.right, event.output_index, isDone);
    if (hasNamelessCall(next.items))
        return { state, malformed: "item.name" };
    return {
        state: keepsake?.isLinking ? { ...next, isLinked: true } : next,
        chunk: { ...chunkOf(event, output), ...kept }
    };
};
const takeItem = (state, item, index, isDone) => {
    const [items, output] = takeItem$1(state.items, item, index, isDone);
    return [{ ...state, items, isRefused: state.isRefused || refuses(item) }, output];
};
const stepStart = (state, event) => {
    if (event.response == null)
        return { state, chunk: chunkOf(event) };
    const read = readResponse(event.response);
    if (Either.isLeft(read))
        return { state, malformed: read.left };
    const { model, store } = read.right;
    return {
        state: store == null || store === state.isStored ? state : { ...state, isStored: store },
        chunk: chunkOf(event),
        model: model ?? ""
    };
};
const stepEnd = (state, event) => {
    const read = readResponse(isAnswer(event) ? event : event.response);
    if (Either.isLeft(read))
        return { state, malformed: read.left };
    const response = read.right;
    const status = ends.get(event.type) ?? response.status ?? "completed";
    const model = response.model ?? "";
    if (status === "failed" || response.status === "failed") {
        return { state, chunk: chunkOf(event), failure: failureOf(response), model };
    }
    const [next, output] = recover(state, response.output ?? []);
    const hasCalls = hasCall(next.items);
    const finishReason = finishReasonOf(response, status, { hasCalls, isRefused: next.isRefused });
    return {
        state: next,
        chunk: { ...chunkOf(event, output), finishReason, usage: usageOf(response.usage) },
        model,
        isEnd: true
    };
};
/** Shows what only the list of items at the end holds. */
const recover = (state, output) => output.reduce(([before, shown], each, index) => {
    const item = isObject(each) && isShown(each["type"]) ? Either.getOrUndefined(readItem(each)) : undefined;
    if (item === undefined || !lacks(state.items, item))
        return [before, shown];
    const [next, more] = takeItem(before, item, index, true);
    return [next, join(shown, more)];
}, [state, nothing]);

/** OpenAI's Responses: the dialect of its newer models, which LM Studio, vLLM, OpenRouter and xAI speak too. */
/** Makes the dialect as one vendor wants it sent; reading is the same for all. */
const make$1 = (differences) => ({
    encode: (request, stream) => encode(request, stream, differences),
    // OpenAI sends none, but proxies that come from chat completions do.
    endMarker: "[DONE]",
    event,
    eventName: "response",
    initial,
    step,
    eventsOfAnswer,
    reportedError,
    failureRules
});
/** A whole answer is the start, each item done, and last the answer itself, so that it is the raw response. */
const eventsOfAnswer = (answer) => {
    if (!isObject(answer))
        return [];
    const { output, status } = answer;
    if (!Array.isArray(output))
        return [];
    // Asked for in the background, it is only the promise of an answer.
    if (output.length === 0 && (status === "queued" || status === "in_progress"))
        return [];
    const items = output.map((item, output_index) => ({
        type: "response.output_item.done",
        output_index,
        item
    }));
    return [{ type: "response.created", response: answer }, ...items, answer];
};

/** OpenAI's count of a request: https://platform.openai.com/docs/api-reference/responses/input-tokens */
const fields = [
    "model",
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "text",
    "reasoning",
    "conversation",
    "previous_response_id",
    "truncation"
];
/**
 * Makes the dialect for one provider. "The API returns the exact count the model will receive", says its guide, of
 * Responses; of a request that goes to chat completions it is an estimate, for which what Responses does not know (stop
 * texts, a seed) is left out, as it takes no tokens.
 */
const make = (provider, isExact) => ({
    encode: (request) => Either.map(encode({ ...request, stop: undefined, seed: undefined, reasoning: effortOf(request.reasoning) }, false, {
        provider
    }), ({ body }) => ({ path: "/responses/input_tokens", body: pick(body, fields) })),
    field: "input_tokens",
    isExact,
    reportedError,
    failureRules
});
const effortOf = (reasoning) => reasoning?.effort === undefined ? undefined : { effort: reasoning.effort };

const dialect = /*@__PURE__*/ make$1({ provider: "openai" });
/** Answers by Responses. */
const answering = (connection, client) => make$3(dialect, connection, client);
/** Counts tokens, which only Responses does; for chat completions its count is close, but not promised to be the same. */
const countTokens = (isExact, connection, client) => make$4(make("openai", isExact), connection, client);

export { answering, countTokens };
//# sourceMappingURL=openAIResponses.js.map
