import { Effect, Exit } from 'effect';

/** Traces a call with the attribute names of OpenTelemetry: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans */
/** Makes the observer that traces one call. */
const spanObserver = (asked, request, traceContent) => Effect.map(begin(asked, request, traceContent), observerOf);
const begin = (asked, request, traceContent) => Effect.gen(function* () {
    const clock = yield* Effect.clock;
    const span = yield* Effect.makeSpan(`chat ${asked.model}`, {
        kind: "client",
        captureStackTrace: false,
        attributes: {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": asked.provider,
            "gen_ai.request.model": asked.model,
            ...requestAttributes(request),
            ...(traceContent ? { "gen_ai.input.messages": JSON.stringify(request?.messages) } : {})
        }
    });
    return { span, now: () => clock.unsafeCurrentTimeNanos(), traceContent };
});
// A wrong request is traced too, before it is refused.
const requestAttributes = (request) => ({
    ...(request?.maxTokens === undefined ? {} : { "gen_ai.request.max_tokens": request.maxTokens }),
    ...(request?.temperature === undefined ? {} : { "gen_ai.request.temperature": request.temperature }),
    ...(request?.topP === undefined ? {} : { "gen_ai.request.top_p": request.topP }),
    ...(request?.seed === undefined ? {} : { "gen_ai.request.seed": request.seed })
});
const observerOf = ({ span, now, traceContent }) => {
    const startedAt = now();
    let hasStarted = false;
    let text = "";
    const answered = (origin, finishReason, usage) => {
        span.attribute("gen_ai.response.finish_reasons", [finishReason]);
        if (origin !== undefined) {
            span.attribute("gen_ai.provider.name", origin.provider);
            span.attribute("gen_ai.response.model", origin.model);
        }
        if (usage === null)
            return;
        span.attribute("gen_ai.usage.input_tokens", usage.promptTokens);
        span.attribute("gen_ai.usage.output_tokens", usage.completionTokens);
        span.attribute("gen_ai.usage.cache_read.input_tokens", usage.cachedPromptTokens);
        span.attribute("gen_ai.usage.cache_creation.input_tokens", usage.cacheWriteTokens);
    };
    return {
        span,
        onChunk: (chunk) => {
            if (!hasStarted)
                span.attribute("gen_ai.response.time_to_first_chunk", Number(now() - startedAt) / 1e9);
            hasStarted = true;
            if (traceContent)
                text += chunk.content;
            if (chunk.finishReason !== null)
                answered(chunk.origin, chunk.finishReason, chunk.usage);
        },
        onResponse: (response) => {
            text = response.content;
            answered(response, response.finishReason, response.usage);
        },
        onEnd: (exit) => Effect.sync(() => {
            if (traceContent && text !== "")
                span.attribute("gen_ai.output.messages", text);
            if (Exit.isFailure(exit) && exit.cause._tag === "Fail")
                failed(span, exit.cause.error);
            span.end(now(), exit);
        })
    };
};
const failed = (span, error) => {
    span.attribute("error.type", "reason" in error ? `${error._tag}.${error.reason}` : error._tag);
    span.attribute("llm_connectivity.attempts", error.attempts);
};

export { spanObserver };
//# sourceMappingURL=spanObserver.js.map
