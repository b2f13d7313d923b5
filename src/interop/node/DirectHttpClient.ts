/** An HTTP client for servers on Node, over undici's `dispatch`. */

import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { withDirectSend } from "../../http/DirectClient.js"
import { sendBy } from "./Exchange.js"

/**
 * Provides an `HttpClient` whose requests go through the undici `Dispatcher` in context: an agent with other limits or
 * certificates, or one for a proxy.
 *
 * It is the client of `NodeHttpClient.layerUndiciWithoutDispatcher`. Providers that get the client itself read
 * undici's responses without the streams and promises in between. A client that is made from it, by `HttpClient.mapRequest`
 * or a cassette for instance, works as the platform's does.
 *
 * ```ts
 * import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
 * import * as Undici from "@effect/platform-node/Undici"
 * import * as Layer from "effect/Layer"
 * import { DirectHttpClient } from "llm-connectivity/node"
 *
 * const proxied = DirectHttpClient.layerWithoutDispatcher.pipe(
 *   Layer.provide(Layer.sync(NodeHttpClient.Dispatcher, () => new Undici.EnvHttpProxyAgent()))
 * )
 * ```
 */
export const layerWithoutDispatcher: Layer.Layer<HttpClient.HttpClient, never, NodeHttpClient.Dispatcher> =
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const dispatcher = yield* NodeHttpClient.Dispatcher
      const options = Context.getOption(yield* Effect.context<never>(), NodeHttpClient.UndiciRequestOptions)
      return withDirectSend(client, sendBy(dispatcher, options))
    })
    // Fresh: the platform's layer may be part of the same program, and its client has to stay an ordinary one.
  ).pipe(Layer.provide(Layer.fresh(NodeHttpClient.layerUndiciWithoutDispatcher)))

/**
 * Provides an `HttpClient` for servers on Node, which takes less CPU per request and per read than `FetchHttpClient.layer`
 * and `NodeHttpClient.layerUndici`. It has its own connections, which close with the layer.
 *
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { collect, LLMClient, Message } from "llm-connectivity"
 * import { DirectHttpClient } from "llm-connectivity/node"
 *
 * collect(LLMClient.chatStream({ messages: [Message.user("Hi")] })).pipe(
 *   Effect.provide(LLMClient.layer({ model: "openai/gpt-4o-mini" })),
 *   Effect.provide(DirectHttpClient.layer)
 * )
 * ```
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = Layer.provide(
  layerWithoutDispatcher,
  NodeHttpClient.dispatcherLayer
)
