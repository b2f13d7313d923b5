import { HttpClient } from '@effect/platform';
import { Schema, Either, Context, Layer, Effect } from 'effect';
import { isObject, isStrict, textOf, make as make$4, read as read$1, make$1 as make$5, make$3 as make$6, make$4 as make$7, readKeyless, ValidationError } from './core.js';

/** The names that both of OpenAI's APIs share: codes and whole phrases; "The model is overloaded" is no missing model. */
const failureRules = {
    phrases: [
        [/^Request too large for /i, "ContextWindowExceeded"],
        [
            /maximum context length|context[_ ]length[_ ]exceeded|context window|prompt is too long/i,
            "ContextWindowExceeded"
        ],
        [/\b(?:insufficient|exceeded your current) (?:quota|balance|credits?)\b/i, "InsufficientCredits"],
        [
            /\b(?:currently|temporarily) (?:overloaded|over capacity)\b|\bmodel is overloaded\b|\bat capacity\b/i,
            "Overloaded"
        ],
        [/\b(?:incorrect|invalid) API key\b|\bAPI key not valid\b/i, "Authentication"],
        [/\bmodel\b.{0,120}\b(?:does not exist|not found|is not supported)\b/i, "ModelNotFound"]
    ],
    codes: {
        insufficient_quota: "InsufficientCredits",
        billing_hard_limit_reached: "InsufficientCredits",
        billing_not_active: "InsufficientCredits",
        rate_limit_exceeded: "RateLimit",
        rate_limit_error: "RateLimit",
        slow_down: "RateLimit",
        overloaded: "Overloaded",
        overloaded_error: "Overloaded",
        capacity_exceeded: "Overloaded",
        server_error: "Server",
        internal_error: "Server",
        internal_server_error: "Server",
        invalid_api_key: "Authentication",
        authentication_error: "Authentication",
        permission_error: "Authentication",
        unsupported_country_region_territory: "Authentication",
        model_not_found: "ModelNotFound",
        DeploymentNotFound: "ModelNotFound",
        context_length_exceeded: "ContextWindowExceeded"
    },
    generalCodes: { invalid_request_error: "Validation", api_error: "Server" }
};
/** Reads the error of a body or of an event: `{ error: { message } }`, or one of the vendors' other forms. */
const reportedError = (body) => {
    // Google's compatible endpoint wraps its errors in a list.
    if (Array.isArray(body))
        return reportedError(body[0]);
    if (!isObject(body))
        return undefined;
    const error = body["error"];
    if (isObject(error))
        return read(error);
    // xAI: { code, error: "a sentence" }
    if (typeof error === "string" && error !== "")
        return read({ ...body, message: error });
    // Mistral, vLLM: { object: "error", message }; FastAPI servers: { detail }
    if (body["object"] === "error" || body["choices"] === undefined)
        return flat(body);
    return undefined;
};
const flat = (body) => {
    const message = body["message"] ?? body["detail"];
    return message == null ? undefined : read({ ...body, message });
};
const read = (error) => {
    const { message, code, type, status } = error;
    return {
        message: typeof message === "string" ? message : message === undefined ? "" : JSON.stringify(message),
        codes: [code, type, status].filter((each) => typeof each === "string"),
        // OpenRouter's code is the status of the vendor behind it.
        status: typeof code === "number" && code >= 400 && code < 600 ? code : undefined
    };
};

/** OpenAI's embeddings, as most vendors offer them: https://platform.openai.com/docs/api-reference/embeddings */
const answerSchema = () => Schema.Struct({
    data: Schema.Array(Schema.Struct({
        index: Schema.optional(Schema.NullOr(Schema.Number)),
        embedding: Schema.Array(Schema.Number)
    })),
    model: Schema.optional(Schema.NullOr(Schema.String)),
    usage: Schema.optional(Schema.NullOr(Schema.Struct({ prompt_tokens: Schema.optional(Schema.NullOr(Schema.Number)) })))
});
/** Makes the dialect for one vendor; OpenAI takes 2,048 texts a request. */
const make$3 = (provider, batchSize = 2048) => ({
    batchSize,
    encode: (batch) => Either.right({
        path: "/embeddings",
        body: {
            model: batch.model,
            input: batch.input,
            dimensions: batch.dimensions,
            encoding_format: "float",
            ...batch.providerOptions?.[provider]
        }
    }),
    decode: (answer, count) => {
        if (!Schema.is(answerSchema())(answer))
            return Either.left("data is not as documented");
        const ordered = answer.data
            .map((each, position) => ({ ...each, index: each.index ?? position }))
            .sort((a, b) => a.index - b.index);
        return ordered.length === count
            ? Either.right({
                embeddings: ordered.map((each) => each.embedding),
                promptTokens: answer.usage?.prompt_tokens ?? null,
                model: answer.model ?? ""
            })
            : Either.left(`it has ${ordered.length} vectors for ${count} texts`);
    },
    reportedError,
    failureRules
});

/** Reasoning, as it is asked for and as a turn takes it back to the vendor that wants it. */
/** Writes how much to reason, or says what this vendor cannot carry. */
const reasoningOf$1 = (request, differences) => {
    const { effort, budgetTokens } = request.reasoning ?? {};
    if (effort === undefined && budgetTokens === undefined)
        return Either.right({});
    const { provider, reasoning = "effort" } = differences;
    if (reasoning === null)
        return Either.left(`${provider} takes no reasoning options; choose a model that reasons instead`);
    if (reasoning === "object")
        return Either.right({ reasoning: { effort, max_tokens: budgetTokens } });
    if (budgetTokens !== undefined)
        return Either.left(`${provider} takes no reasoning.budgetTokens; use reasoning.effort`);
    if (reasoning === "effort")
        return Either.right({ reasoning_effort: effort });
    return Either.right(effort === "none" ? { thinking: { type: "disabled" } } : { thinking: { type: "enabled" }, reasoning_effort: effort });
};
/**
 * Writes the reasoning of a turn that goes back. DeepSeek refuses a turn with calls that lacks the field, be the
 * reasoning empty: https://api-docs.deepseek.com/guides/thinking_mode
 */
const reasoningOfTurn = (message, { provider, reasoningField }) => {
    const details = (message.providerData ?? []).flatMap(({ provider: owner, data }) => owner === provider ? detailsIn(data) : []);
    if (details.length > 0)
        return { reasoning_details: details };
    if (reasoningField === undefined)
        return {};
    const text = message.reasoning ?? (message.toolCalls === undefined ? undefined : "");
    return text === undefined ? {} : { [reasoningField]: text };
};
/** What of an answer or a message are such details. */
const detailsIn = (data) => {
    const details = isObject(data) ? data["reasoning_details"] : undefined;
    return Array.isArray(details) ? details.filter(isObject) : [];
};
/** Adds what an event brings: a piece of a text belongs to the one before it, anything else stands for itself. */
const addDetails = (details, more) => {
    const all = [...details];
    for (const next of more) {
        const last = all.at(-1);
        if (last !== undefined && continues(last, next))
            all[all.length - 1] = merged(last, next);
        else
            all.push(next);
    }
    return all;
};
const texts = ["text", "summary"];
const continues = (last, next) => last["type"] === next["type"] &&
    (last["index"] ?? 0) === (next["index"] ?? 0) &&
    texts.some((field) => typeof last[field] === "string") &&
    texts.some((field) => typeof next[field] === "string");
/** The texts one behind the other; of all else the last that was said, as a signature comes at the end. */
const merged = (last, next) => ({
    ...last,
    ...Object.fromEntries(Object.entries(next).filter(([, value]) => value != null)),
    ...Object.fromEntries(texts.flatMap((field) => {
        const [before, after] = [last[field], next[field]];
        return typeof before === "string" && typeof after === "string" ? [[field, before + after]] : [];
    }))
});

/** Says what of a request the vendor does not take, and what to do instead. */
const refusalOf = (request, differences) => {
    const refused = asked(request, differences).find(([isAsked]) => isAsked);
    return refused === undefined ? refusedPart(request, differences) : `${differences.provider} takes no ${refused[1]}`;
};
const asked = ({ tools, toolChoice, stop, seed, responseFormat }, { refuses = [], seedField, jsonMode, jsonSchema }) => {
    const forces = toolChoice !== undefined && toolChoice !== "auto";
    const schema = responseFormat?.type === "json" ? responseFormat.schema : undefined;
    return [
        [refuses.includes("tools") && (tools ?? []).length > 0, "tools; leave them out"],
        [refuses.includes("toolChoice") && forces, "toolChoice but auto; leave it out"],
        [refuses.includes("namedTool") && typeof toolChoice === "object", 'tool by name in toolChoice; write "required"'],
        [refuses.includes("stop") && stop !== undefined, "stop texts; leave stop out"],
        [seedField === null && seed !== undefined, "seed; leave it out"],
        [
            jsonSchema === false && schema !== undefined,
            "schema in responseFormat; leave it out and describe it in the prompt"
        ],
        [
            jsonMode === false && responseFormat?.type === "json" && schema === undefined,
            "responseFormat of JSON without a schema; give one"
        ]
    ];
};
const refusedPart = ({ messages }, { provider, refuses = [] }) => {
    for (const [index, { content }] of messages.entries()) {
        if (typeof content === "string")
            continue;
        const parts = content;
        const at = parts.findIndex((part) => insteadOf(part, refuses) !== undefined);
        const part = parts[at];
        if (part !== undefined)
            return `messages[${index}].content[${at}]: ${provider} takes no ${insteadOf(part, refuses)}`;
    }
    return undefined;
};
const insteadOf = (part, refuses) => {
    if (part.type === "text")
        return undefined;
    const isLink = part.url !== undefined && !/^data:/i.test(part.url);
    const { all, links } = refusals[part.type];
    if (refuses.includes(all.what))
        return all.instead;
    return isLink && refuses.includes(links.what) ? links.instead : undefined;
};
const refusals = {
    image: {
        all: { what: "images", instead: "image parts; send text" },
        links: { what: "imageUrls", instead: "addresses of images; send data and mediaType" }
    },
    file: {
        all: { what: "files", instead: "file parts; send their text" },
        links: { what: "fileUrls", instead: "addresses of files; send data" }
    }
};

/** Writes a request as OpenAI's chat completions read it: https://platform.openai.com/docs/api-reference/chat/create */
/** Writes a request, or says what this vendor cannot carry. */
const encode = (request, stream, differences) => Either.gen(function* () {
    const refusal = refusalOf(request, differences);
    if (refusal !== undefined)
        return yield* Either.left(refusal);
    const tools = (request.tools ?? []).map(toolOf);
    const responseFormat = responseFormatOf(request.responseFormat);
    const body = {
        model: request.model,
        messages: request.messages.map((message) => messageOf(message, differences)),
        stream,
        stream_options: stream && differences.usageIsAskedFor !== false ? { include_usage: true } : undefined,
        [differences.maxTokensField]: request.maxTokens,
        temperature: request.temperature,
        top_p: request.topP,
        // Always a list, as Together takes nothing else.
        stop: typeof request.stop === "string" ? [request.stop] : request.stop,
        [differences.seedField ?? "seed"]: request.seed,
        tools: tools.length === 0 ? undefined : tools,
        tool_choice: toolChoiceOf(request.toolChoice, differences),
        response_format: responseFormat,
        ...(yield* reasoningOf$1(request, differences)),
        ...request.providerOptions?.[differences.provider]
    };
    return { path: "/chat/completions", body };
});
const messageOf = (message, differences) => {
    switch (message.role) {
        case "system":
            return { role: "system", content: textOf(message.content) };
        case "user":
            return {
                role: "user",
                content: typeof message.content === "string" ? message.content : message.content.map(partOf)
            };
        case "assistant":
            return {
                role: "assistant",
                content: textOf(message.content),
                ...reasoningOfTurn(message, differences),
                tool_calls: message.toolCalls?.map((call) => ({
                    id: call.id,
                    type: "function",
                    function: { name: call.name, arguments: call.arguments === "" ? "{}" : call.arguments }
                }))
            };
        case "tool":
            return { role: "tool", tool_call_id: message.toolCallId, content: textOf(message.content) };
    }
};
const dataUrl = (mediaType, data) => `data:${mediaType ?? "application/octet-stream"};base64,${data ?? ""}`;
const partOf = (part) => {
    switch (part.type) {
        case "text":
            return { type: "text", text: part.text };
        case "image":
            return {
                type: "image_url",
                image_url: { url: part.url ?? dataUrl(part.mediaType, part.data), detail: part.detail }
            };
        case "file":
            return {
                type: "file",
                file: { filename: part.filename ?? "file", file_data: part.url ?? dataUrl(part.mediaType, part.data) }
            };
    }
};
const toolOf = ({ name, description, parameters }) => ({
    type: "function",
    function: { name, description, parameters }
});
const toolChoiceOf = (choice, { requiredTool = "required" }) => {
    if (typeof choice === "object")
        return { type: "function", function: { name: choice.name } };
    return choice === "required" ? requiredTool : choice;
};
const responseFormatOf = (format) => {
    if (format === undefined || format.type === "text")
        return undefined;
    const { schema, name = "answer" } = format;
    if (schema === undefined)
        return { type: "json_object" };
    return { type: "json_schema", json_schema: { name, schema, strict: schema["type"] === "object" && isStrict(schema) } };
};

/** The JSON of OpenAI's chat completions that we read, with every tolerance that its vendors need. */
const maybe = (schema) => Schema.optional(Schema.NullOr(schema));
/** A count of tokens, as reported. */
const usage = () => Schema.Struct({
    prompt_tokens: maybe(Schema.Number),
    completion_tokens: maybe(Schema.Number),
    total_tokens: maybe(Schema.Number),
    prompt_tokens_details: maybe(Schema.Struct({ cached_tokens: maybe(Schema.Number), cache_write_tokens: maybe(Schema.Number) })),
    completion_tokens_details: maybe(Schema.Struct({ reasoning_tokens: maybe(Schema.Number) })),
    /** DeepSeek's name for the cached part. */
    prompt_cache_hit_tokens: maybe(Schema.Number)
});
const toolCall = () => Schema.Struct({
    index: maybe(Schema.Number),
    id: maybe(Schema.String),
    function: maybe(Schema.Struct({
        name: maybe(Schema.String),
        // Some servers send the arguments as an object instead of its text.
        arguments: maybe(Schema.Unknown)
    }))
});
/** Mistral sends a list of parts where others send a text. */
const part = () => Schema.Struct({ type: maybe(Schema.String), text: maybe(Schema.String), thinking: maybe(Schema.Unknown) });
const message = () => Schema.Struct({
    content: maybe(Schema.Union(Schema.String, Schema.Array(part()))),
    refusal: maybe(Schema.String),
    reasoning_content: maybe(Schema.String),
    reasoning: maybe(Schema.String),
    /** What OpenRouter wants back with the turn; only carried. */
    reasoning_details: Schema.optional(Schema.Unknown),
    tool_calls: maybe(Schema.Array(toolCall()))
});
const choice = () => Schema.Struct({
    index: maybe(Schema.Number),
    delta: maybe(message()),
    message: maybe(message()),
    finish_reason: maybe(Schema.String)
});
/** One event of a stream, or (with `message` in place of `delta`) a whole answer. */
const event = () => Schema.Struct({
    object: maybe(Schema.String),
    model: maybe(Schema.String),
    choices: maybe(Schema.Array(choice())),
    usage: maybe(usage()),
    /** Groq puts the usage of older models here. */
    x_groq: maybe(Schema.Struct({ usage: maybe(usage()) })),
    error: Schema.optional(Schema.Unknown)
});

/** Nothing read yet. */
const initial = { calls: [], refused: false, details: [] };
/** Turns one event into what it amounts to. */
const step = (state, event) => {
    const failure = event.error != null || event.object === "error" ? reportedError(event) : undefined;
    // With n > 1 the choices interleave; the first is ours.
    const choice = event.choices?.find((each) => (each.index ?? 0) === 0);
    const message = choice?.delta ?? choice?.message ?? undefined;
    const refused = state.refused || Boolean(message?.refusal);
    const [calls, toolCalls] = readToolCalls(state.calls, message?.tool_calls ?? []);
    const known = message?.reasoning_details == null ? state.details : addDetails(state.details, detailsIn(message));
    const shown = {
        content: contentOf(message),
        reasoning: reasoningOf(message),
        toolCalls,
        finishReason: finishReasonOf(choice, refused),
        usage: usageOf(event.usage ?? event.x_groq?.usage),
        rawChunk: event
    };
    const [chunk, details] = carrying(shown, known);
    const isSame = calls === state.calls && refused === state.refused && details === state.details;
    return {
        state: isSame ? state : { calls, refused, details },
        chunk,
        ...(failure === undefined ? {} : { failure }),
        model: event.model ?? ""
    };
};
/** Details are carried together by the first chunk that shows something else than reasoning. */
const carrying = (chunk, details) => details.length === 0 || (chunk.content === "" && chunk.toolCalls.length === 0 && chunk.finishReason === null)
    ? [chunk, details]
    : [{ ...chunk, providerData: { reasoning_details: details } }, []];
const contentOf = (message) => {
    const content = message?.content;
    if (content == null)
        return "";
    return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("");
};
const reasoningOf = (message) => {
    if (message === undefined)
        return "";
    // OpenRouter and others send the same text under both names.
    const named = message.reasoning_content || message.reasoning;
    if (named)
        return named;
    return Array.isArray(message.content) ? message.content.map((part) => thinkingOf(part.thinking)).join("") : "";
};
/** Mistral's reasoning: a text, or a list of texts. */
const thinkingOf = (thinking) => {
    if (typeof thinking === "string")
        return thinking;
    if (!Array.isArray(thinking))
        return "";
    return thinking.map((part) => String((isObject(part) ? part["text"] : undefined) ?? "")).join("");
};
const finishReasons = {
    stop: "stop",
    eos: "stop",
    eos_token: "stop",
    stop_sequence: "stop",
    end_turn: "stop",
    length: "length",
    max_tokens: "length",
    model_length: "length",
    tool_calls: "tool_calls",
    function_call: "tool_calls",
    content_filter: "content_filter"
};
const finishReasonOf = (choice, refused) => {
    // Some servers send "" where others send null.
    if (!choice?.finish_reason)
        return null;
    const reason = Object.hasOwn(finishReasons, choice.finish_reason) ? finishReasons[choice.finish_reason] : undefined;
    return refused && reason === "stop" ? "content_filter" : (reason ?? "other");
};
const usageOf = (usage) => {
    if (usage == null)
        return null;
    const promptTokens = usage.prompt_tokens ?? 0;
    const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens ?? 0;
    const completionTokens = usage.completion_tokens ?? 0;
    // xAI counts reasoning beside the completion; only its total shows it.
    const isBeside = reasoningTokens > 0 && usage.total_tokens === promptTokens + completionTokens + reasoningTokens;
    return make$4({
        promptTokens,
        completionTokens: isBeside ? completionTokens + reasoningTokens : completionTokens,
        cachedPromptTokens: usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens,
        cacheWriteTokens: usage.prompt_tokens_details?.cache_write_tokens,
        reasoningTokens
    });
};
const readToolCalls = (known, deltas) => {
    if (deltas.length === 0)
        return [known, []];
    let calls = known;
    const read = deltas.map((delta) => {
        const at = positionOf(calls, delta);
        const args = argumentsOf(delta.function?.arguments);
        const name = delta.function?.name;
        if (at < calls.length)
            return { index: at, arguments: args };
        const id = delta.id || `call_${at}`;
        calls = [...calls, { index: delta.index ?? undefined, id }];
        return { index: at, id, ...(name == null ? {} : { name }), arguments: args };
    });
    return [calls, read];
};
/**
 * The call that a delta continues, or the next one. Mistral leaves the index out, and others number every call 0: a
 * name with another id then begins a new call.
 */
const positionOf = (calls, delta) => {
    const at = delta.index == null ? calls.length - 1 : calls.findLastIndex((call) => call.index === delta.index);
    const begins = Boolean(delta.id) && Boolean(delta.function?.name) && calls[at]?.id !== delta.id;
    return at === -1 || begins ? calls.length : at;
};
const argumentsOf = (args) => {
    if (args == null)
        return "";
    return typeof args === "string" ? args : JSON.stringify(args);
};

/** Makes the dialect as one vendor wants it sent; reading is the same for all. */
const make$2 = (differences) => ({
    encode: (request, stream) => encode(request, stream, differences),
    endMarker: "[DONE]",
    event,
    eventName: "chat completion",
    initial,
    step,
    // A whole answer is one event with `message` in place of `delta`.
    eventsOfAnswer: (answer) => [answer],
    reportedError,
    failureRules
});

/** OpenAI: https://platform.openai.com/docs/api-reference */
const chat = /*@__PURE__*/ make$2({
    provider: "openai",
    maxTokensField: "max_completion_tokens",
    refuses: ["fileUrls"]
});
const embeddings = /*@__PURE__*/ make$3("openai");
const make$1 = (options) => Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient;
    const connection = yield* make$5({
        ...options,
        provider: "openai",
        baseUrl: options.baseUrl ?? "https://api.openai.com/v1",
        authorization: (key) => ({ authorization: `Bearer ${key}` }),
        headers: {
            "openai-organization": options.organization,
            "openai-project": options.project,
            ...options.headers
        }
    });
    const responses = Effect.promise(() => import('./openAIResponses.js'));
    const isResponses = options.api === "responses";
    const answering = isResponses
        ? (yield* responses).answering(connection, client)
        : make$6(chat, connection, client);
    const countTokens = (request, call) => Effect.flatMap(responses, (loaded) => loaded.countTokens(isResponses, connection, client)(request, call));
    return { ...answering, embed: make$7(embeddings, connection, client), countTokens };
});
/** The provider `openai`. */
const OpenAI = /*@__PURE__*/ (() => (class OpenAI extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/OpenAI")() {
    /** Serves OpenAI with the given key; fails with a `ValidationError` when an option cannot be right. */
    static layer = (options) => Layer.effect(OpenAI, make$1(options));
    /** Serves OpenAI with the key of `OPENAI_API_KEY` and, where set, the address of `OPENAI_BASE_URL`. */
    static layerConfig = /*@__PURE__*/ Layer.effect(OpenAI, /*@__PURE__*/ Effect.flatMap(/*@__PURE__*/ read$1({ key: ["OPENAI_API_KEY"], baseUrl: "OPENAI_BASE_URL" }), make$1));
}))();

var OpenAI$1 = /*#__PURE__*/Object.freeze({
  __proto__: null,
  OpenAI: OpenAI
});

/** Vendors that speak OpenAI's chat completions, as data: where they are and what they want sent differently. */
const serve = (vendor, options) => Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient;
    const baseUrl = options.baseUrl ?? vendor.baseUrl;
    if (baseUrl === undefined)
        return yield* withoutAddress(vendor);
    const connection = yield* make$5({
        ...options,
        provider: vendor.provider,
        baseUrl,
        authorization: (key) => vendor.keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [vendor.keyHeader]: key }
    });
    const chat = make$6(make$2({ maxTokensField: "max_tokens", ...vendor }), connection, client);
    if (vendor.embedBatchSize === undefined)
        return chat;
    const embeddings = make$3(vendor.provider, vendor.embedBatchSize);
    return { ...chat, embed: make$7(embeddings, connection, client) };
});
const withoutAddress = ({ provider, baseUrlVariable, exampleBaseUrl }) => new ValidationError({
    provider,
    model: "",
    message: `${provider} has no address of its own; set baseUrl or ${baseUrlVariable}, for instance to ${exampleBaseUrl}`
});
/** Makes the layers of a vendor's tag. */
const layersOf = (tag, vendor) => {
    const variables = { key: vendor.key, baseUrl: vendor.baseUrlVariable };
    const found = vendor.isKeyless === true ? readKeyless(variables) : read$1(variables);
    return {
        layer: (options) => Layer.effect(tag, serve(vendor, options)),
        layerConfig: Layer.effect(tag, Effect.flatMap(found, (options) => serve(vendor, options)))
    };
};
/** Makes a tag and its layer for any other server that speaks chat completions. */
const make = (options) => {
    const tag = Context.GenericTag(`llm-connectivity/OpenAICompatible/${options.name}`);
    const vendor = { ...options, provider: options.name, key: [""], baseUrlVariable: "", embedBatchSize: 2048 };
    return { tag, layer: Layer.effect(tag, serve(vendor, options)) };
};

var OpenAICompatible = /*#__PURE__*/Object.freeze({
  __proto__: null,
  layersOf: layersOf,
  make: make
});

export { OpenAI, OpenAI$1, OpenAICompatible, failureRules, layersOf, reportedError };
//# sourceMappingURL=openai.js.map
