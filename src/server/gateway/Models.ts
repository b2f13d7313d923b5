/** The models of a gateway: an allowlist, by the names that front ends use. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { LLMClient } from "../../client/LLMClient.js"
import type { LLMClientService } from "../../client/serve.js"
import type { JsonObject } from "../../http/Json.js"
import { openAIFormat } from "../../protocol/serve/openAIFormat.js"
import type { GatewayCaller } from "./Caller.js"
import { modelNotFound, type Rejection } from "./Rejection.js"

/** The clients of a gateway, by the names that front ends use for them. */
export interface GatewayModels {
  readonly [name: string]: Layer.Layer<LLMClient, unknown, unknown>
}

/** The errors of building the layers of some models. */
export type ModelsError<M extends GatewayModels> = Layer.Layer.Error<M[keyof M]>

/** The requirements of the layers of some models. */
export type ModelsContext<M extends GatewayModels> = Layer.Layer.Context<M[keyof M]>

type BuiltLayer<M extends GatewayModels> = Layer.Layer<LLMClient, ModelsError<M>, ModelsContext<M>>

/** The models that are served. */
export class Models {
  constructor(
    private readonly clients: ReadonlyMap<string, LLMClientService>,
    private readonly createdAt: number
  ) {}

  /** Builds the clients. Layers that several of them require are built once. */
  static readonly make = <M extends GatewayModels>(
    models: M
  ): Effect.Effect<Models, ModelsError<M>, ModelsContext<M> | Scope.Scope> =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const memoMap = yield* Layer.makeMemoMap
      // TypeScript cannot tell the union of all values from an unknown record.
      const layers = Object.entries(models) as Array<[string, BuiltLayer<M>]>
      const clients = yield* Effect.forEach(layers, ([name, layer]) =>
        Effect.map(
          Layer.buildWithMemoMap(layer, memoMap, scope),
          (context) => [name, Context.get(context, LLMClient)] as const
        )
      )
      return new Models(new Map(clients), Math.floor((yield* Clock.currentTimeMillis) / 1000))
    })

  /** The client of a model, if the caller may use it. What a caller may not use looks unknown. */
  clientOf(name: string, caller: GatewayCaller): Effect.Effect<LLMClientService, Rejection> {
    const client = isAllowed(name, caller) ? this.clients.get(name) : undefined
    return client === undefined ? Effect.fail(modelNotFound(name)) : Effect.succeed(client)
  }

  /** The models that a caller may use. */
  list(caller: GatewayCaller): JsonObject {
    const names = Array.from(this.clients.keys()).filter((name) => isAllowed(name, caller))
    return openAIFormat.modelList(names.map((id) => ({ id, createdAt: this.createdAt })))
  }

  /** One model. */
  card(name: string, caller: GatewayCaller): Effect.Effect<JsonObject, Rejection> {
    return Effect.map(this.clientOf(name, caller), () =>
      openAIFormat.modelCard({ id: name, createdAt: this.createdAt })
    )
  }
}

const isAllowed = (name: string, { models }: GatewayCaller): boolean => models === undefined || models.includes(name)
