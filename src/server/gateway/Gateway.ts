/** The ways to authorize the requests of a gateway. */

import { authorizeKeys } from "./authorization.js"
import type { AllowAnyone } from "./Caller.js"

/** What decides who may use a gateway. */
export interface GatewayOperations {
  /**
   * Lets every program of this machine in, without a key. Requests from other machines, from web pages and through
   * proxies are a 403.
   */
  readonly allowAnyone: AllowAnyone
  /**
   * Finds callers by their keys.
   *
   * ```ts
   * const authorize = yield* Gateway.authorizeKeys([{ key: Redacted.make("a key of ada's"), caller: { name: "ada" } }])
   * ```
   */
  readonly authorizeKeys: typeof authorizeKeys
}

/** The ways to authorize the requests of a gateway; see `openAIRoutes`. */
export const Gateway: GatewayOperations = { allowAnyone: { _tag: "AllowAnyone" }, authorizeKeys }
