/** Embeds the texts of one request. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { checkEmbed } from "../domain/Embedding.js"
import * as Usage from "../domain/Usage.js"
import * as httpErrors from "../http/errors/httpErrors.js"
import type { EmbeddingProtocol } from "../protocol/EmbeddingProtocol.js"
import { begin, invalid } from "./engine/RequestContext.js"
import { modelProblem } from "./engine/requestRules.js"
import { readJson, sender } from "./engine/send.js"
import type { Embed } from "./Provider.js"
import type { ProviderRuntime } from "./ProviderRuntime.js"

/** Makes the `embed` of a provider that speaks a protocol. */
export const make = (runtime: ProviderRuntime, protocol: EmbeddingProtocol): Embed => {
  const send = sender(runtime, protocol)
  return (request, options) =>
    Effect.gen(function* () {
      const checked = yield* checkEmbed(request, runtime.provider)
      const input = typeof checked.input === "string" ? [checked.input] : checked.input
      const context = begin(runtime, checked.model ?? "", checked, options)
      if (checked.model === undefined)
        return yield* invalid(context, "the request has no model; set one in the layer or in the request")
      const problem = runtime.hasPlainModelIds ? modelProblem(checked.model, runtime.provider) : undefined
      if (problem !== undefined) return yield* invalid(context, problem)
      if (input.length > protocol.maxBatchSize) {
        return yield* invalid(
          context,
          `input has more than ${protocol.maxBatchSize} texts; LLMClient.embed splits them`
        )
      }
      const encoded = protocol.encode({ ...checked, model: checked.model, input })
      if (Either.isLeft(encoded)) return yield* invalid(context, encoded.left)
      const received = yield* send({
        ...options,
        encoded: encoded.right,
        context,
        isStream: false
      })
      const body = yield* received.body
      const response = yield* readJson(body, received, runtime.sizeLimits.maxResponseBytes)
      const decoded = protocol.decode(response, input.length)
      if (Either.isLeft(decoded)) return yield* httpErrors.malformed(received.context, decoded.left)
      const { embeddings, inputTokens, model } = decoded.right
      return {
        embeddings,
        usage: inputTokens === null ? null : Usage.make({ inputTokens, outputTokens: 0 }),
        cost: null,
        model: model === "" ? checked.model : model,
        provider: runtime.provider
      }
    }).pipe(Effect.scoped)
}
