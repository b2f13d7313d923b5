/** Builds the clients and the routes of a gateway, and listens. */
import { createServer } from "node:http"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { make as makeServer } from "@effect/platform-node/NodeHttpServer"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { ModelCatalog } from "../../catalog/ModelCatalog.js"
import { LLMClient } from "../../client/LLMClient.js"
import type { ModelId } from "../../domain/ModelId.js"
import { fallback } from "../../policy/recovery/Fallback.js"
import { retry } from "../../policy/recovery/Retry.js"
import { Spending } from "../../policy/spending/Spending.js"
import type { Authorize } from "../../server/gateway/Caller.js"
import { Gateway } from "../../server/gateway/Gateway.js"
import { openAIRoutes } from "../../server/gateway/openAIRoutes.js"
import { toResponse } from "../../server/gateway/Rejection.js"
import { CommandError, type CommandFailure, exitCodes, usageError } from "../CommandError.js"
import { checkModel } from "../Model.js"
import type { CallerConfig, GatewayConfig } from "./GatewayConfig.js"

/** A configuration with its address. */
export interface ListenConfig extends GatewayConfig {
  readonly host: string
  readonly port: number
}

/** Serves until the scope closes, and gives the port. */
export const listen = (config: ListenConfig): Effect.Effect<number, CommandFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const authorize = config.allowAnyone === true ? Gateway.allowAnyone : yield* keysOf(config.callers ?? [])
    const models = yield* modelsOf(config)
    const { limits, maxRequestSize } = config
    const routes = yield* openAIRoutes({ models, authorize, limits, maxRequestSize })
    const server = yield* makeServer(createServer, { host: config.host, port: config.port }).pipe(
      Effect.mapError(({ cause }) => cannotListen(config, cause))
    )
    yield* server.serve(
      Effect.catchTag(routes, "RouteNotFound", ({ request }) =>
        Effect.succeed(toResponse({ kind: "notFound", message: `Invalid URL (${request.method} ${request.url})` }))
      )
    )
    return server.address._tag === "TcpAddress" ? server.address.port : config.port
  })

/** The callers by their keys. */
const keysOf = (callers: ReadonlyArray<CallerConfig>): Effect.Effect<Authorize, CommandFailure> =>
  Effect.gen(function* () {
    const keys = yield* Effect.forEach(callers, ({ keyVariable, ...caller }) =>
      Effect.map(keyIn(keyVariable), (key) => ({ key, caller }))
    )
    const distinct = new Set(keys.map(({ key }) => Redacted.value(key)))
    if (distinct.size < keys.length) return yield* usageError("two callers have the same key; give each its own")
    return yield* Gateway.authorizeKeys(keys)
  })

// A shorter one can be guessed.
const minKeyLength = 16

const keyIn = (name: string): Effect.Effect<Redacted.Redacted<string>, CommandFailure> =>
  Effect.filterOrFail(
    Config.redacted(name),
    (key) => /^[\x21-\x7e]+$/.test(Redacted.value(key)) && Redacted.value(key).length >= minKeyLength,
    () => usageError(`${name} must hold at least ${minKeyLength} printable characters without spaces`)
  )

/** The clients, with one budget over all of them. */
const modelsOf = ({ models, budget }: GatewayConfig) =>
  Effect.gen(function* () {
    const spending = Layer.provide(Spending.layer(budget === undefined ? {} : { budget }), ModelCatalog.layer)
    const clients = yield* Effect.forEach(Object.entries(models), ([name, config]) =>
      Effect.mapBoth(clientOf(config), {
        onFailure: ({ message }) => usageError(`models.${name}: ${message}`),
        onSuccess: (client) => [name, Layer.provide(client, [spending, FetchHttpClient.layer])] as const
      })
    )
    return Object.fromEntries(clients)
  })

const clientOf = (config: GatewayConfig["models"][string]) =>
  Effect.gen(function* () {
    const { model, fallback: others = [] } = typeof config === "string" ? { model: config } : config
    const checked: ReadonlyArray<ModelId> = yield* Effect.forEach([model, ...others], checkModel)
    const [first = model, ...rest] = checked
    const policies = [...rest.map((other) => fallback(other)).reverse(), retry()]
    return LLMClient.layer({ model: first, policies, guards: [Spending.policy] })
  })

const cannotListen = ({ host, port }: ListenConfig, cause: unknown): CommandError =>
  new CommandError({
    message: `cannot listen on ${host}:${port} (${cause instanceof Error ? cause.message : String(cause)}); use another --port`,
    exitCode: exitCodes.unexpected
  })
