/** Asks a provider how many input tokens a request has, without an answer to it. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as httpErrors from "../http/errors/httpErrors.js"
import { readCount, type TokenCountProtocol } from "../protocol/TokenCountProtocol.js"
import { prepareRequest } from "./engine/prepareRequest.js"
import { invalid } from "./engine/RequestContext.js"
import { readJson, sender } from "./engine/send.js"
import type { CountTokens } from "./Provider.js"
import type { ProviderRuntime } from "./ProviderRuntime.js"

/** Makes the `countTokens` of a provider that speaks a protocol. */
export const make = (runtime: ProviderRuntime, protocol: TokenCountProtocol): CountTokens => {
  const send = sender(runtime, protocol)
  return (request, options) =>
    Effect.gen(function* () {
      const { prepared, context } = yield* prepareRequest(request, runtime, protocol, options)
      const encoded = protocol.encode(prepared)
      if (Either.isLeft(encoded)) return yield* invalid(context, encoded.left)
      const received = yield* send({
        encoded: encoded.right,
        context,
        isStream: false,
        timeouts: options?.timeouts,
        observer: options?.observer
      })
      const body = yield* received.body
      const response = yield* readJson(body, received, runtime.sizeLimits.maxResponseBytes)
      const tokens = readCount(response, protocol.field)
      return tokens === undefined
        ? yield* httpErrors.malformed(received.context, `${protocol.field} is not as documented`)
        : { tokens, isExact: protocol.isExact }
    }).pipe(Effect.scoped)
}
