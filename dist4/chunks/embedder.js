import { Effect, Either } from 'effect';
import { poster, checkEmbed, begin, invalid, limitsOf, readAnswer, open, malformed, make } from './core.js';

/** Asks for the vectors of one batch. */
const embedder = (dialect, connection, client) => {
    const post = poster(dialect, connection, client);
    return (request, options) => Effect.gen(function* () {
        const checked = yield* checkEmbed(request, connection.provider);
        const input = typeof checked.input === "string" ? [checked.input] : checked.input;
        const exchange = begin(connection, checked.model ?? "", input);
        if (checked.model === undefined)
            return yield* invalid(exchange, "no model is named for the embeddings; set one");
        if (input.length > dialect.batchSize) {
            return yield* invalid(exchange, `input has more than ${dialect.batchSize} texts; LLMClient.embed splits them`);
        }
        const encoded = dialect.encode({ ...checked, model: checked.model, input });
        if (Either.isLeft(encoded))
            return yield* invalid(exchange, encoded.left);
        const received = yield* post(encoded.right, exchange, limitsOf(options?.timeouts, false), false);
        const answer = yield* readAnswer(yield* open(received.response), received.exchange, connection.bounds);
        const decoded = dialect.decode(answer, input.length);
        if (Either.isLeft(decoded))
            return yield* malformed(received.exchange, decoded.left);
        const { embeddings, promptTokens, model } = decoded.right;
        return {
            embeddings,
            usage: promptTokens === null ? null : make({ promptTokens, completionTokens: 0 }),
            cost: null,
            model: model === "" ? exchange.model : model,
            provider: connection.provider
        };
    }).pipe(Effect.scoped);
};

export { embedder };
//# sourceMappingURL=embedder.js.map
