/** Sees what a provider would send, without a server: everything is answered with a refusal. */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { ConfigProvider, Effect, type Either, Layer, type Scope } from "effect"
import type { Provider } from "llm-connectivity"
import { load } from "../../src/provider/registry.js"

export interface Captured {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: { readonly [field: string]: unknown }
}

/** A client that puts what it is asked to send into a list. */
const capturing = (seen: Array<Captured>): Layer.Layer<HttpClient.HttpClient> =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) =>
      Effect.sync(() => {
        const text = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "{}"
        seen.push({ url: url.href, headers: request.headers, body: JSON.parse(text) })
        return HttpClientResponse.fromWeb(request, new Response("{}", { status: 400 }))
      })
    )
  )

/** The configuration that a few variables are. */
const variables = (of: { readonly [name: string]: string }): Layer.Layer<never> =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(of))))

/** The result of a request, and what was sent for it. */
export interface Prepared<A, E> {
  readonly result: Either.Either<A, E>
  readonly sent: Captured | undefined
}

/** Asks the provider that was opened. */
export type Ask = <A, E>(ask: (provider: Provider) => Effect.Effect<A, E>) => Effect.Effect<Prepared<A, E>>

/** Opens a provider with these variables and no network. */
export const open = <E>(
  provider: Effect.Effect<Provider, E, HttpClient.HttpClient | Scope.Scope>,
  environment: Layer.Layer<never>
): Effect.Effect<Ask, E> => {
  const seen: Array<Captured> = []
  return provider.pipe(
    Effect.map(
      (opened): Ask =>
        (ask) =>
          Effect.suspend(() => {
            seen.length = 0
            return Effect.map(Effect.either(ask(opened)), (result) => ({ result, sent: seen[0] }))
          })
    ),
    Effect.provide(environment),
    Effect.provide(capturing(seen)),
    Effect.scoped
  )
}

/** The provider of the directory that a name stands for. */
export const named = (name: string) => Effect.map(load(`${name}/model`), ({ provider }) => provider)

/** Opens a provider of the directory. */
export const openNamed = (name: string, environment: { readonly [name: string]: string }) =>
  open(named(name), variables(environment))
