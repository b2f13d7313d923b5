import { HttpClient } from '@effect/platform';
import { Either, Schema, Context, Layer, Effect } from 'effect';
import { isObject, textOf, parseJson, make as make$4, read as read$1, make$1 as make$5, make$2 as make$6, make$4 as make$7, make$3 as make$8 } from './core.js';

/**
 * Codes are the `reason` of the error's details, then its `status`. "You exceeded your current quota, please check
 * your plan and billing details" is what every rate limit says, so that only whole phrases mean money.
 */
const failureRules = {
    phrases: [
        [/\binput token count\b.{0,80}\b(?:exceeds|only supports)\b/i, "ContextWindowExceeded"],
        [/\brequest payload size exceeds\b/i, "ContextWindowExceeded"],
        [/\bcredits? (?:is|are|has been|have been) (?:depleted|exhausted)\b/i, "InsufficientCredits"],
        [/\benable billing\b|\bbilling to be enabled\b|\bwithout a billing account\b/i, "InsufficientCredits"],
        // A model that the free tier does not have answers as a rate limit of nothing, which no wait will end.
        [/free_tier_\w+, limit: 0\b|\bdoesn't have a free quota tier\b/i, "InsufficientCredits"],
        [/\bAPI key (?:not valid|not found|expired)\b/i, "Authentication"],
        [/\blocation is not supported\b/i, "Authentication"],
        // Files vanish after two days, which is answered as a lack of rights.
        [/\bpermission to access the File\b/, "Validation"],
        [/\bis not found for API version\b/i, "ModelNotFound"],
        [/\bmodel is (?:currently )?overloaded\b/i, "Overloaded"]
    ],
    codes: {
        API_KEY_INVALID: "Authentication",
        BILLING_DISABLED: "InsufficientCredits",
        RATE_LIMIT_EXCEEDED: "RateLimit",
        MODEL_CAPACITY_EXHAUSTED: "Overloaded",
        UNAUTHENTICATED: "Authentication",
        PERMISSION_DENIED: "Authentication",
        NOT_FOUND: "ModelNotFound",
        RESOURCE_EXHAUSTED: "RateLimit",
        UNAVAILABLE: "Overloaded",
        INTERNAL: "Server",
        DEADLINE_EXCEEDED: "Server",
        ABORTED: "Server",
        CANCELLED: "Server",
        UNKNOWN: "Server",
        DATA_LOSS: "Server",
        INVALID_ARGUMENT: "Validation",
        OUT_OF_RANGE: "Validation",
        FAILED_PRECONDITION: "Validation",
        UNIMPLEMENTED: "Validation"
    }
};
/** Reads the error of a body or of an event: `{ error: { code, message, status, details } }`, alone or in a list. */
const reportedError = (body) => {
    // What is streamed without `alt=sse` is a list, and so is its error. A later member is an event of its own.
    if (Array.isArray(body))
        return reportedError(body[0]);
    if (!isObject(body))
        return undefined;
    const { error, error_description, message } = body;
    if (isObject(error))
        return read(error);
    // What refuses an OAuth token: { error: "invalid_grant", error_description }
    if (typeof error === "string" && error !== "")
        return read({ message: error_description ?? error, status: error });
    // Gateways in front of it.
    return typeof message === "string" && body.candidates === undefined ? read(body) : undefined;
};
const read = ({ code, message, status, details }) => {
    const known = Array.isArray(details) ? details.filter(isObject) : [];
    const retryDelay = known.map((detail) => detail.retryDelay).find((delay) => typeof delay === "string");
    return {
        message: typeof message === "string" ? message : message === undefined ? "" : JSON.stringify(message),
        codes: [...known.map((detail) => detail.reason), status].filter((each) => typeof each === "string"),
        status: typeof code === "number" && code >= 400 && code < 600 ? code : undefined,
        retryDelay
    };
};

/** The id of a call to which Gemini gave none. */
const makeId = (index) => `call_${index}`;
/** Says whether an id is one of ours, which means nothing to Gemini. */
const isMadeId = (id) => /^call_\d+$/.test(id);
/** Writes whole arguments as the text that a tool call carries. */
const toText = (args) => (typeof args === "string" ? args : JSON.stringify(args ?? {}));
/** Puts pieces together: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling */
const assemble = (last) => {
    const pieces = [];
    for (let at = last; at !== undefined; at = at.before)
        pieces.push(at.piece);
    const root = newObject();
    for (const piece of pieces.reverse())
        put(root, pathOf$1(piece.jsonPath ?? ""), piece);
    return JSON.stringify(root);
};
// Without a prototype, so that a path through `__proto__` is a key like any other.
const newObject = () => Object.create(null);
/** Takes a JSON path such as `$.recipe.steps[0]['with space']` apart. */
const pathOf$1 = (jsonPath) => Array.from(jsonPath.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/g), ([, name, index, single, double]) => index === undefined ? (name ?? (single ?? double ?? "").replace(/\\(.)/g, "$1")) : Number(index));
const put = (root, path, piece) => {
    let container = root;
    for (const [depth, step] of path.entries()) {
        const next = path[depth + 1];
        if (next === undefined)
            set(container, step, joined(get(container, step), piece));
        else {
            const known = get(container, step);
            const inner = isContainer(known) ? known : typeof next === "number" ? [] : newObject();
            if (inner !== known)
                set(container, step, inner);
            container = inner;
        }
    }
};
const isContainer = (value) => typeof value === "object" && value !== null;
const get = (container, step) => Array.isArray(container) ? container[Number(step)] : container[step];
const set = (container, step, value) => {
    if (!Array.isArray(container))
        container[step] = value;
    // Members come in order; a wild index must not make a list of a billion.
    else
        container[Math.min(Number(step) || 0, container.length)] = value;
};
/** A text may itself come in pieces, the last of them empty. */
const joined = (known, piece) => {
    if (piece.stringValue != null)
        return typeof known === "string" ? known + piece.stringValue : piece.stringValue;
    return piece.numberValue ?? piece.boolValue ?? null;
};

/** What the id of a model tells: where it is asked, and how much of the API it takes. */
/** Writes the path of a model below the base URL; `models/x` and `tunedModels/x` are whole already. */
const pathOf = (model) => {
    const [, collection = "models", name = model] = /^(models|tunedModels)\/(.+)$/s.exec(model) ?? [];
    return Either.try({
        try: () => `/${collection}/${encodeURIComponent(name)}`,
        // Half of a surrogate pair.
        catch: () => "the model's id has a character that no URL can hold"
    });
};
/**
 * Says whether a model is older than Gemini 3. An id that names no generation, such as `gemini-flash-latest`, is taken
 * for the newest.
 */
const isBefore3 = (model) => /(?:^|\/)gemini-(?:[12](?:[.-]|$)|pro(?:-vision)?$|robotics-er-1\.)/.test(model);
/** Says whether a model refuses function calls of its own that lack a signature, as Gemini does since 3. */
const wantsSignatures = (model) => /(?:^|\/)gemini-/.test(model) && !isBefore3(model);
/** Says whether a model of before 3 cannot be told not to think: https://ai.google.dev/gemini-api/docs/thinking */
const alwaysThinks = (model) => /(?:^|\/)gemini-2\.5-pro(?:-|$)/.test(model);

/** The model's own turn, as it must go back: https://ai.google.dev/gemini-api/docs/thought-signatures */
/** Where a part stood: after so many characters of reasoning and content, and after so many calls. */
const position = () => Schema.Struct({ reasoning: Schema.Number, content: Schema.Number, toolCalls: Schema.Number });
/**
 * A part that must go back as it came. A signature belongs to one part, which may be neither split nor merged with
 * another; a part of another kind (code, an image, a tool of Google's own) is kept whole, as nothing else holds it.
 */
const keptPart = () => Schema.Union(Schema.Struct({
    kind: Schema.Literal("text", "thought"),
    at: position(),
    length: Schema.Number,
    signature: Schema.String
}), Schema.Struct({ kind: Schema.Literal("call"), at: position(), signature: Schema.String }), Schema.Struct({ kind: Schema.Literal("other"), at: position(), part: Schema.Object }));
const areKept = (data) => Schema.is(Schema.Array(keptPart()))(data);
const keptOf = (message, provider) => (message.providerData ?? []).flatMap(({ provider: giver, data }) => (giver === provider && areKept(data) ? data : []));
/**
 * Puts a turn together from its message: the kept parts each where it stood, text and calls between them. Thoughts go
 * back only where they are signed, as Gemini reads nothing of others. With `signs`, calls of which none is signed
 * (another provider's, say) get the value that Google gives for them, without which it refuses the conversation.
 */
const partsOf = (message, calls, provider, signs) => {
    const kept = keptOf(message, provider);
    const areSigned = kept.some((part) => part.kind === "call");
    const turn = new Turn(message, areSigned || !signs ? calls : withoutCheck(calls));
    for (const part of kept)
        turn.add(part);
    return turn.end();
};
const withoutCheck = (calls) => calls.map((call, index) => (index === 0 ? { ...call, thoughtSignature: "skip_thought_signature_validator" } : call));
/** A turn in the making; everything before its two positions has been written. */
class Turn {
    message;
    calls;
    parts = [];
    text;
    content = 0;
    call = 0;
    constructor(message, calls) {
        this.message = message;
        this.calls = calls;
        this.text = textOf(message.content);
    }
    add(kept) {
        this.advance(kept.at.content, kept.at.toolCalls);
        if (kept.kind === "other")
            this.parts.push(kept.part);
        else if (kept.kind === "call")
            this.addCall(kept.signature);
        else if (kept.kind === "text") {
            const text = this.text.slice(this.content, this.content + kept.length);
            this.content += text.length;
            this.parts.push({ text, thoughtSignature: kept.signature });
        }
        else {
            const text = (this.message.reasoning ?? "").slice(kept.at.reasoning, kept.at.reasoning + kept.length);
            this.parts.push({ text, thought: true, thoughtSignature: kept.signature });
        }
    }
    end() {
        this.advance(this.text.length, this.calls.length);
        return this.parts;
    }
    addCall(signature) {
        const call = this.calls[this.call];
        if (call === undefined)
            return;
        this.parts.push({ ...call, thoughtSignature: signature });
        this.call++;
    }
    advance(content, call) {
        if (content > this.content) {
            const text = this.text.slice(this.content, content);
            if (text !== "")
                this.parts.push({ text });
            this.content = content;
        }
        if (call > this.call)
            this.parts.push(...this.calls.slice(this.call, call));
        this.call = Math.max(this.call, call);
    }
}

/** Writes a conversation as Gemini reads it: https://ai.google.dev/api/caching#Content */
/** Gathers the system messages, wherever they stand: Gemini has one place for them, above the conversation. */
const systemInstructionOf = (messages) => {
    const parts = messages.flatMap((message) => (message.role === "system" ? [{ text: textOf(message.content) }] : []));
    return parts.length === 0 ? undefined : { parts };
};
/** Writes all other messages, or says what of them Gemini cannot take. */
const contentsOf = (messages, asked) => Either.gen(function* () {
    const contents = [];
    const names = new Map();
    let isAfterTool = false;
    for (const [index, message] of messages.entries()) {
        if (message.role === "system")
            continue;
        const content = yield* contentOf(message, `messages[${index}]`, names, asked);
        const last = contents.at(-1);
        // The answers to calls that were made together go back together.
        if (message.role === "tool" && isAfterTool && last !== undefined) {
            contents[contents.length - 1] = { ...last, parts: [...last.parts, ...content.parts] };
        }
        else if (content.parts.length > 0)
            contents.push(content);
        isAfterTool = message.role === "tool";
    }
    return contents.length > 0
        ? contents
        : yield* Either.left("messages has only system messages; Gemini wants another one to answer");
});
/** Writes one message; `names` holds the function that each id of a call so far stands for. */
const contentOf = (message, where, names, asked) => {
    switch (message.role) {
        case "user": {
            const parts = typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
            return Either.map(Either.all(parts.map((part, index) => partOf(part, `${where}.content[${index}]`, asked.model))), (written) => ({ role: "user", parts: written }));
        }
        case "assistant":
            for (const call of message.toolCalls ?? [])
                names.set(call.id, call.name);
            return Either.map(callsOf(message, where), (calls) => ({
                role: "model",
                parts: partsOf(message, calls, asked.provider, wantsSignatures(asked.model))
            }));
        case "tool":
            return Either.map(responseOf(message, where, names), (part) => ({ role: "user", parts: [part] }));
    }
};
const callsOf = (message, where) => Either.all((message.toolCalls ?? []).map((call, index) => {
    const args = call.arguments === "" ? {} : objectIn(call.arguments);
    return args === undefined
        ? Either.left(`${where}.toolCalls[${index}].arguments is not the text of a JSON object, which Gemini wants back`)
        : Either.right({ functionCall: { ...ownId(call.id), name: call.name, args } });
}));
const responseOf = (message, where, names) => {
    const name = names.get(message.toolCallId);
    if (name === undefined) {
        return Either.left(`${where}.toolCallId is the id of no earlier tool call, from which Gemini takes the function's name`);
    }
    const text = textOf(message.content);
    return Either.right({
        functionResponse: { ...ownId(message.toolCallId), name, response: objectIn(text) ?? { result: text } }
    });
};
/** An id goes back only where it may be Gemini's; those of ours mean nothing to it. */
const ownId = (id) => (id === "" || isMadeId(id) ? {} : { id });
const objectIn = (text) => {
    const json = parseJson(text);
    return isObject(json) ? json : undefined;
};
const partOf = (part, where, model) => {
    if (part.type === "text")
        return Either.right({ text: part.text });
    const detail = part.type === "image" ? part.detail : undefined;
    if (detail === undefined || detail === "auto")
        return mediaOf(part, where);
    // https://ai.google.dev/gemini-api/docs/media-resolution
    return isBefore3(model)
        ? Either.left(`${where}.detail is known to Gemini since 3; use generationConfig.mediaResolution in providerOptions`)
        : Either.map(mediaOf(part, where), (media) => ({
            ...media,
            mediaResolution: { level: detail === "high" ? "MEDIA_RESOLUTION_HIGH" : "MEDIA_RESOLUTION_LOW" }
        }));
};
/**
 * Google fetches a `url` itself: one of its Files API, a public or signed one, or on Vertex one of Cloud Storage. A
 * file's name has no place here: https://ai.google.dev/gemini-api/docs/file-input-methods
 */
const mediaOf = (part, where) => {
    const { url, data, mediaType } = part;
    if (url === undefined)
        return Either.right({ inlineData: { mimeType: mediaType, data } });
    if (!/^data:/i.test(url)) {
        return Either.right({ fileData: { mimeType: mediaType ?? imageTypeIn(url), fileUri: url } });
    }
    const [, said, isBase64] = /^data:([^;,]*)[^,]*?(;base64)?,/i.exec(url) ?? [];
    return isBase64 === undefined
        ? Either.left(`${where}.url is a data: URL that is not in base64; give data and mediaType instead`)
        : Either.right({ inlineData: { mimeType: mediaType ?? said, data: url.slice(url.indexOf(",") + 1) } });
};
/** https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats */
const imageTypes = {
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    webp: "image/webp",
    heic: "image/heic",
    heif: "image/heif"
};
/** The type may be left out on the Gemini API, but not on Vertex; most addresses of images end in it. */
const imageTypeIn = (url) => {
    const extension = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? "";
    return Object.hasOwn(imageTypes, extension) ? imageTypes[extension] : undefined;
};

/** Writes a request as Gemini reads it: https://ai.google.dev/api/generate-content */
/**
 * Writes a request, or says what Gemini cannot carry. `providerOptions` go into the body last, a field of theirs in
 * place of ours; only `generationConfig` is merged field by field.
 */
const encode = (request, stream, { provider }) => Either.gen(function* () {
    const path = yield* pathOf(request.model);
    const contents = yield* contentsOf(request.messages, { model: request.model, provider });
    const functionDeclarations = (request.tools ?? []).map(toolOf);
    const generationConfig = {
        maxOutputTokens: request.maxTokens,
        temperature: request.temperature,
        topP: request.topP,
        stopSequences: typeof request.stop === "string" ? [request.stop] : request.stop,
        seed: request.seed,
        ...(yield* responseFormatOf(request.responseFormat)),
        thinkingConfig: yield* thinkingConfigOf(request.reasoning ?? {}, request.model)
    };
    const options = request.providerOptions?.[provider];
    const ownConfig = options?.generationConfig;
    const body = {
        contents,
        systemInstruction: systemInstructionOf(request.messages),
        tools: functionDeclarations.length === 0 ? undefined : [{ functionDeclarations }],
        toolConfig: toolConfigOf(request.toolChoice),
        ...options,
        generationConfig: isObject(ownConfig) ? { ...generationConfig, ...ownConfig } : (ownConfig ?? generationConfig)
    };
    return { path: `${path}${stream ? ":streamGenerateContent?alt=sse" : ":generateContent"}`, body };
});
/** https://ai.google.dev/api/caching#FunctionDeclaration */
const toolOf = (tool) => ({
    name: tool.name,
    description: tool.description,
    parametersJsonSchema: tool.parameters
});
const modes = { auto: "AUTO", none: "NONE", required: "ANY" };
/** https://ai.google.dev/api/caching#FunctionCallingConfig */
const toolConfigOf = (choice) => {
    if (choice === undefined)
        return undefined;
    if (typeof choice === "string")
        return { functionCallingConfig: { mode: modes[choice] } };
    return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [choice.name] } };
};
/** https://ai.google.dev/gemini-api/docs/structured-output; a schema has no name there. */
const responseFormatOf = (format) => {
    if (format === undefined || format.type === "text")
        return Either.right({});
    const responseMimeType = "application/json";
    return Either.right({ responseMimeType, responseJsonSchema: format.schema });
};
/** What Google itself makes of an effort for models before 3: https://ai.google.dev/gemini-api/docs/openai#thinking */
const budgets = { minimal: 1024, low: 1024, medium: 8192, high: 24576 };
/**
 * Gemini 3 and later take a level, those before it a budget, and none takes both:
 * https://ai.google.dev/gemini-api/docs/thinking. Which levels a model has, Google says itself when it is asked.
 */
const thinkingConfigOf = ({ effort, budgetTokens }, model) => {
    if (effort !== undefined && budgetTokens !== undefined) {
        return Either.left("reasoning has both effort and budgetTokens, of which Gemini takes one");
    }
    if (budgetTokens !== undefined)
        return Either.right({ includeThoughts: true, thinkingBudget: budgetTokens });
    if (effort === undefined)
        return Either.right(undefined);
    if (effort === "none")
        return withoutThinking(model);
    if (effort === "xhigh")
        return Either.left('reasoning.effort "xhigh" is not known to Gemini; "high" is its most');
    return Either.right({
        includeThoughts: true,
        ...(isBefore3(model) ? { thinkingBudget: budgets[effort] } : { thinkingLevel: effort })
    });
};
const withoutThinking = (model) => {
    if (!isBefore3(model)) {
        return Either.left('reasoning.effort "none" is known to Gemini only before 3; use "minimal" or "low"');
    }
    return alwaysThinks(model)
        ? Either.left('reasoning.effort "none" is not known to this model, which always thinks; use budgetTokens: 128, its least')
        : Either.right({ thinkingBudget: 0 });
};

/** The JSON of Gemini's answers that we read: https://ai.google.dev/api/generate-content#generatecontentresponse */
const maybe = (schema) => Schema.optional(Schema.NullOr(schema));
/** One value of arguments that come in pieces; exactly one of the values is there. */
const partialArg = () => Schema.Struct({
    jsonPath: maybe(Schema.String),
    stringValue: maybe(Schema.String),
    numberValue: maybe(Schema.Number),
    boolValue: maybe(Schema.Boolean),
    nullValue: Schema.optional(Schema.Unknown)
});
const functionCall = () => Schema.Struct({
    id: maybe(Schema.String),
    name: maybe(Schema.String),
    args: Schema.optional(Schema.Unknown),
    /** Only Vertex, and only where `streamFunctionCallArguments` is asked for. */
    partialArgs: maybe(Schema.Array(partialArg())),
    willContinue: maybe(Schema.Boolean)
});
/** A part of another kind (code, an image, a tool of Google's own) has fields that are not read here. */
const part = () => Schema.Struct({
    text: maybe(Schema.String),
    thought: maybe(Schema.Boolean),
    thoughtSignature: maybe(Schema.String),
    functionCall: maybe(functionCall())
});
const candidate = () => Schema.Struct({
    index: maybe(Schema.Number),
    content: maybe(Schema.Struct({ parts: maybe(Schema.Array(Schema.NullOr(part()))) })),
    finishReason: maybe(Schema.String)
});
/** Counts of tokens, cumulative; https://ai.google.dev/api/generate-content#UsageMetadata */
const usage = () => Schema.Struct({
    promptTokenCount: maybe(Schema.Number),
    toolUsePromptTokenCount: maybe(Schema.Number),
    cachedContentTokenCount: maybe(Schema.Number),
    candidatesTokenCount: maybe(Schema.Number),
    thoughtsTokenCount: maybe(Schema.Number)
});
/** One event of a stream, or a whole answer. */
const event = () => Schema.Struct({
    candidates: maybe(Schema.Array(Schema.NullOr(candidate()))),
    promptFeedback: maybe(Schema.Struct({ blockReason: maybe(Schema.String) })),
    usageMetadata: maybe(usage()),
    modelVersion: maybe(Schema.String),
    error: Schema.optional(Schema.Unknown)
});

/** Nothing read yet. */
const initial = {
    read: { reasoning: 0, content: 0, toolCalls: 0 },
    open: undefined,
    counts: undefined
};
/** Turns one event into what it amounts to. */
const step = (state, event) => {
    const failure = event.error == null ? undefined : reportedError(event);
    // With candidateCount > 1 the candidates interleave; the first is ours.
    const candidate = event.candidates?.find((each) => each !== null && (each.index ?? 0) === 0) ?? undefined;
    const reading = new Reading(state);
    for (const part of candidate?.content?.parts ?? [])
        if (part !== null)
            reading.add(part);
    // The end of the last call's pieces may be left out.
    if (candidate?.finishReason)
        reading.closeCall();
    const { content, reasoning, toolCalls, kept, open } = reading;
    const read = reading.position();
    const counts = countsOf(state.counts, event.usageMetadata);
    const chunk = {
        content,
        reasoning,
        toolCalls,
        finishReason: finishReasonOf(event, candidate, read.toolCalls > 0),
        usage: usageOf(counts),
        rawChunk: event,
        ...(kept.length === 0 ? {} : { providerData: kept })
    };
    return {
        state: { read, open, counts },
        chunk,
        ...(failure === undefined ? {} : { failure }),
        model: event.modelVersion ?? ""
    };
};
/** Adds up the parts of one event. */
class Reading {
    state;
    content = "";
    reasoning = "";
    toolCalls = [];
    kept = [];
    open;
    calls;
    constructor(state) {
        this.state = state;
        this.open = state.open;
        this.calls = state.read.toolCalls;
    }
    position() {
        const { reasoning, content } = this.state.read;
        return {
            reasoning: reasoning + this.reasoning.length,
            content: content + this.content.length,
            toolCalls: this.calls
        };
    }
    add(part) {
        if (part.functionCall != null)
            this.addCall(part.functionCall, part.thoughtSignature ?? "");
        else if (part.text != null)
            this.addText(part.text, part);
        else if (isOther(part))
            this.kept.push({ kind: "other", at: this.position(), part });
        else
            this.addText("", part);
    }
    /** Ends the call whose arguments came in pieces. */
    closeCall() {
        if (this.open === undefined)
            return;
        const { index, args, pieces } = this.open;
        this.toolCalls.push({ index, arguments: pieces === undefined ? toText(args) : assemble(pieces) });
        this.open = undefined;
    }
    addText(text, part) {
        const signature = part.thoughtSignature;
        const kind = part.thought === true ? "thought" : "text";
        if (signature)
            this.kept.push({ kind, at: this.position(), length: text.length, signature });
        if (kind === "thought")
            this.reasoning += text;
        else
            this.content += text;
    }
    addCall(call, signature) {
        const continues = this.open !== undefined && (!call.name || (Boolean(call.id) && call.id === this.open.id));
        if (!continues) {
            // What ends the pieces of a call that has ended already.
            if (!call.name && call.args == null && call.partialArgs == null)
                return;
            this.closeCall();
            this.beginCall(call, signature);
        }
        if (this.open === undefined)
            return;
        let pieces = this.open.pieces;
        for (const piece of call.partialArgs ?? [])
            pieces = { piece, before: pieces };
        this.open = { ...this.open, args: call.args ?? this.open.args, pieces };
        if (call.willContinue !== true)
            this.closeCall();
    }
    beginCall(call, signature) {
        if (signature !== "")
            this.kept.push({ kind: "call", at: this.position(), signature });
        const index = this.calls++;
        const id = call.id || makeId(index);
        const isWhole = call.willContinue !== true && call.partialArgs == null;
        this.toolCalls.push({ index, id, name: call.name ?? "", arguments: isWhole ? toText(call.args) : "" });
        if (!isWhole)
            this.open = { index, id, args: call.args, pieces: undefined };
    }
}
const known = /*@__PURE__*/ new Set(["text", "thought", "thoughtSignature", "functionCall"]);
/** Says whether a part is of a kind that no chunk shows. */
const isOther = (part) => Object.entries(part).some(([key, value]) => value != null && !known.has(key));
/** https://ai.google.dev/api/generate-content#FinishReason */
const finishReasons = {
    // The value of an enum that nobody set: the model has not stopped.
    FINISH_REASON_UNSPECIFIED: null,
    STOP: "stop",
    MAX_TOKENS: "length",
    SAFETY: "content_filter",
    RECITATION: "content_filter",
    LANGUAGE: "content_filter",
    BLOCKLIST: "content_filter",
    PROHIBITED_CONTENT: "content_filter",
    SPII: "content_filter",
    MODEL_ARMOR: "content_filter",
    IMAGE_SAFETY: "content_filter",
    IMAGE_PROHIBITED_CONTENT: "content_filter",
    IMAGE_RECITATION: "content_filter"
};
const finishReasonOf = (event, candidate, hasCalls) => {
    const said = candidate?.finishReason;
    if (!said)
        return isBlocked(event) ? "content_filter" : null;
    const reason = Object.hasOwn(finishReasons, said) ? finishReasons[said] : undefined;
    if (reason === "stop" && hasCalls)
        return "tool_calls";
    return reason === undefined ? "other" : reason;
};
/** A prompt that was refused has no candidates: https://ai.google.dev/api/generate-content#BlockReason */
const isBlocked = (event) => {
    const reason = event.promptFeedback?.blockReason;
    return Boolean(reason) && !/^BLOCK(?:ED)?_REASON_UNSPECIFIED$/.test(reason ?? "");
};
const countsOf = (counts, said) => {
    if (said == null)
        return counts;
    const merged = {
        promptTokenCount: said.promptTokenCount ?? counts?.promptTokenCount,
        toolUsePromptTokenCount: said.toolUsePromptTokenCount ?? counts?.toolUsePromptTokenCount,
        cachedContentTokenCount: said.cachedContentTokenCount ?? counts?.cachedContentTokenCount,
        candidatesTokenCount: said.candidatesTokenCount ?? counts?.candidatesTokenCount,
        thoughtsTokenCount: said.thoughtsTokenCount ?? counts?.thoughtsTokenCount
    };
    // Vertex says on every event under which tariff it runs, but counts only on the last.
    return Object.values(merged).every((count) => count == null) ? counts : merged;
};
/** Gemini counts thoughts beside the candidates, and what its own tools read beside the prompt. */
const usageOf = (counts) => {
    if (counts === undefined)
        return null;
    return make$4({
        promptTokens: (counts.promptTokenCount ?? 0) + (counts.toolUsePromptTokenCount ?? 0),
        completionTokens: (counts.candidatesTokenCount ?? 0) + (counts.thoughtsTokenCount ?? 0),
        cachedPromptTokens: counts.cachedContentTokenCount,
        reasoningTokens: counts.thoughtsTokenCount
    });
};

/** Makes the dialect as one provider wants it sent; reading is the same for all. There is no end marker. */
const make$3 = (differences) => ({
    encode: (request, stream) => encode(request, stream, differences),
    event,
    eventName: "Gemini",
    initial,
    step,
    // A whole answer is one event; what is streamed without `alt=sse` is a list of them.
    eventsOfAnswer: (answer) => (Array.isArray(answer) ? answer : [answer]),
    reportedError,
    failureRules
});

/** Google's count of a request: https://ai.google.dev/api/tokens#method:-models.counttokens */
/**
 * Makes the dialect for one provider. The request goes whole inside the question, as bare contents would leave out its
 * instructions and tools. The count is not promised to be billed: Google's own example counts 10 and bills 11.
 */
const make$2 = (provider) => ({
    encode: (request) => Either.all([pathOf(request.model), encode(request, false, { provider })]).pipe(Either.map(([path, { body }]) => ({
        path: `${path}:countTokens`,
        body: { generateContentRequest: { model: path.slice(1), ...body } }
    }))),
    field: "totalTokens",
    isExact: false,
    reportedError,
    failureRules
});

/** Google's embeddings: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
const answerSchema = () => Schema.Struct({
    embeddings: Schema.Array(Schema.Struct({ values: Schema.Array(Schema.Number) })),
    usageMetadata: Schema.optional(Schema.NullOr(Schema.Struct({ promptTokenCount: Schema.optional(Schema.NullOr(Schema.Number)) })))
});
/** Makes the dialect for one provider; Google takes 100 texts a request. */
const make$1 = (provider) => ({
    batchSize: 100,
    encode: (batch) => Either.map(pathOf(batch.model), (path) => ({
        path: `${path}:batchEmbedContents`,
        body: {
            requests: batch.input.map((text) => ({
                model: path.slice(1),
                content: { parts: [{ text }] },
                outputDimensionality: batch.dimensions,
                ...batch.providerOptions?.[provider]
            }))
        }
    })),
    decode: (answer, count) => {
        if (!Schema.is(answerSchema())(answer))
            return Either.left("embeddings is not as documented");
        return answer.embeddings.length === count
            ? Either.right({
                embeddings: answer.embeddings.map((each) => each.values),
                promptTokens: answer.usageMetadata?.promptTokenCount ?? null,
                model: ""
            })
            : Either.left(`it has ${answer.embeddings.length} vectors for ${count} texts`);
    },
    reportedError,
    failureRules
});

/** Google's Gemini API: https://ai.google.dev/api */
const dialect = /*@__PURE__*/ make$3({ provider: "google" });
const embeddings = /*@__PURE__*/ make$1("google");
const counts = /*@__PURE__*/ make$2("google");
const make = (options) => Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient;
    const connection = yield* make$5({
        ...options,
        provider: "google",
        baseUrl: options.baseUrl ?? "https://generativelanguage.googleapis.com/v1beta",
        // In a header, as an address ends up in logs.
        authorization: (key) => ({ "x-goog-api-key": key })
    });
    return {
        ...make$8(dialect, connection, client),
        embed: make$7(embeddings, connection, client),
        countTokens: make$6(counts, connection, client)
    };
});
/** The provider `google`. */
const Google = /*@__PURE__*/ (() => (class Google extends /*@__PURE__*/ /*@__PURE__*/ Context.Tag("llm-connectivity/Google")() {
    /** Serves Google with the given key; fails with a `ValidationError` when an option cannot be right. */
    static layer = (options) => Layer.effect(Google, make(options));
    /**
     * Serves Google with the key of `GOOGLE_AI_API_KEY`, else `GEMINI_API_KEY`, else `GOOGLE_API_KEY` and, where set, the
     * address of `GOOGLE_BASE_URL`.
     */
    static layerConfig = /*@__PURE__*/ Layer.effect(Google, /*@__PURE__*/ Effect.flatMap(/*@__PURE__*/ read$1({
        key: ["GOOGLE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"],
        baseUrl: "GOOGLE_BASE_URL"
    }), make));
}))();

export { Google };
//# sourceMappingURL=google.js.map
