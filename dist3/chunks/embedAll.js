import { Effect, Array } from 'effect';
import { checkEmbed, ValidationError, make } from './core.js';
import { embeddingProviderNames } from './directory.js';

/** Turns any number of texts into vectors: batches as large as the provider takes, a few at a time, in order. */
/** Splits a request, asks for its batches, and puts the vectors together. */
const embedAll = (provider, request, { concurrency = 4, ...options }) => Effect.gen(function* () {
    const checked = yield* checkEmbed(request, provider.name);
    const { embed } = provider;
    if (embed === undefined)
        return yield* withoutEmbeddings(provider, checked);
    const input = typeof checked.input === "string" ? [checked.input] : checked.input;
    const [first, ...others] = yield* Effect.forEach(Array.chunksOf(input, embed.batchSize), (batch) => embed({ ...checked, input: batch }, options), { concurrency });
    if (first === undefined)
        return yield* withoutEmbeddings(provider, checked);
    const all = others.reduce(join, first);
    const cost = all.usage === null ? null : (options.costOf?.(all.usage, { ...all, asked: checked.model }) ?? null);
    return { ...all, cost };
});
const join = (all, next) => ({
    ...all,
    embeddings: [...all.embeddings, ...next.embeddings],
    usage: all.usage === null || next.usage === null
        ? null
        : make({ promptTokens: all.usage.promptTokens + next.usage.promptTokens, completionTokens: 0 })
});
const withoutEmbeddings = (provider, request) => new ValidationError({
    provider: provider.name,
    model: request.model ?? "",
    message: `${provider.name} has no embeddings; these have: ${embeddingProviderNames.join(", ")}`
});

export { embedAll };
//# sourceMappingURL=embedAll.js.map
