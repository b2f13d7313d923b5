/** Records and replays cassettes in a temporary folder. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FetchHttpClient, HttpClient, HttpClientError } from "@effect/platform"
import { ConfigProvider, Effect, Layer, type Scope } from "effect"
import { Cassette, type CassetteError, type CassetteOptions } from "llm-connectivity/testing"

/** A path in a folder that is removed when the scope closes. */
export const temporaryCassette: Effect.Effect<string, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "cassette-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "cassettes", "test.json")
)

/** Sets `CI` for the layers that it is provided to. */
export const ci = (value: string): Layer.Layer<never> =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["CI", value]])))

/** An HTTP client that records. */
export const recording = (
  path: string,
  {
    http = FetchHttpClient.layer,
    ...options
  }: CassetteOptions & { readonly http?: Layer.Layer<HttpClient.HttpClient> } = {}
): Layer.Layer<HttpClient.HttpClient | Cassette> =>
  Cassette.layer(path, { mode: "record", ...options }).pipe(Layer.provide([http, ci("false")]), Layer.orDie)

/** Fails a test that opens a connection. */
const noNetwork: Layer.Layer<HttpClient.HttpClient> = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request) =>
    Effect.fail(
      new HttpClientError.RequestError({ request, reason: "Transport", description: "a connection was opened" })
    )
  )
)

/** An HTTP client that replays, where CI is set. */
export const replaying = (
  path: string,
  options: CassetteOptions = {}
): Layer.Layer<HttpClient.HttpClient | Cassette, CassetteError> =>
  Cassette.layer(path, options).pipe(Layer.provide([noNetwork, ci("true")]))

export interface StoredRead {
  readonly atMillis: number
  readonly text?: string
  readonly base64?: string
}

export interface StoredExchange {
  readonly request: { readonly method: string; readonly url: string; readonly hash: string; readonly body?: unknown }
  readonly response?: {
    readonly atMillis: number
    readonly status: number
    readonly headers: { readonly [name: string]: string }
    readonly reads: ReadonlyArray<StoredRead>
    readonly ending: string
    readonly endMillis: number
  }
}

/** The exchanges in a file. */
export const stored = (path: string): ReadonlyArray<StoredExchange> => JSON.parse(readFileSync(path, "utf8")).exchanges
