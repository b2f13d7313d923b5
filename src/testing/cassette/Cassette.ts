/** Records the exchanges of an HTTP client in a file, and replays them without a network. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Fault } from "../simulator/faults/Fault.js"
import { CassetteError } from "./CassetteError.js"
import type { RecordedRequest } from "./Exchange.js"
import { type NodeModules, nodeModules } from "./nodeModules.js"
import { Recording } from "./Recording.js"
import { recorder } from "./record.js"
import { Replay, replayer } from "./replay.js"
import { minSecretLength } from "./sentSecrets.js"
import { type Storage, storageAt } from "./storage.js"

/** How a cassette behaves. */
export interface CassetteOptions {
  /**
   * `replay` sends nothing. `record` sends every request and replaces the file; it fails where `CI` is set. `auto`, the
   * default, replays where there is a file or `CI` is set, and records otherwise: delete the file to record again.
   */
  readonly mode?: "auto" | "replay" | "record" | undefined
  /** Whether the bodies of requests are stored; `true` by default. Without them, requests are matched by their hash. */
  readonly prompts?: boolean | undefined
  /**
   * Headers of responses to store beside content type, retry hints, rate limits and request ids. Names are in lower case.
   * Headers of requests are never stored.
   */
  readonly headers?: ReadonlyArray<string> | undefined
  /**
   * Secrets to search for beside the headers, parameters, passwords and fields of logins that were sent. Fewer than 8
   * characters are not searched for.
   */
  readonly secrets?: ReadonlyArray<string | Redacted.Redacted<string>> | undefined
  /**
   * Faults of the Simulator to lay over a replay, one entry for each request in order; `[]` for none. A request with
   * faults does not use up its exchange, so that its retry gets the response.
   */
  readonly faults?: ReadonlyArray<Fault | ReadonlyArray<Fault>> | undefined
}

/** A cassette in use. */
export interface CassetteService {
  /** What it does. */
  readonly mode: "replay" | "record"
  /** The recorded requests that were not replayed so far. */
  readonly unused: Effect.Effect<ReadonlyArray<Pick<RecordedRequest, "method" | "url">>>
}

const storedHeaders =
  /^(?:content-type|date|retry-after(?:-ms)?|x-should-retry|(?:x-|anthropic-)?ratelimit-[\w-]+|(?:x-|x-goog-|apim-|x-ms-)?request-id|x-amzn-requestid|cf-ray|openai-(?:processing-ms|version))$/

/**
 * Records and replays what goes through the `HttpClient`, with the time of each read. Replays keep to Effect's `Clock`.
 *
 * ```ts
 * const client = LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(
 *   Layer.provide(Cassette.layer("test/cassettes/greeting.json")),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 */
export class Cassette extends Context.Tag("llm-connectivity/Cassette")<Cassette, CassetteService>() {
  /**
   * Wraps the `HttpClient` in context. `path` is a path or a `file:` URL. A request that was not recorded fails with a
   * `RequestError` whose cause is a `CassetteError`, and an `LLMClient` with a `ValidationError`. If a recording cannot be
   * written, later requests fail, and closing the layer dies with the `CassetteError`.
   */
  static readonly layer = (
    path: string | URL,
    options: CassetteOptions = {}
  ): Layer.Layer<HttpClient.HttpClient | Cassette, CassetteError, HttpClient.HttpClient> =>
    Layer.scopedContext(make(path, options))
}

const make = (path: string | URL, options: CassetteOptions) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const node = yield* nodeModules
    const storage = storageAt(path, node)
    const { mode = "auto" } = options
    const isCI = yield* inCI
    if (mode === "record" && isCI) return yield* recordingInCI(storage.path)
    const exchanges = mode === "record" ? undefined : yield* storage.read
    if (exchanges !== undefined)
      return yield* replaying(client, new Replay(storage.path, exchanges, faultsOf(options), node))
    if (mode === "replay" || isCI) return yield* missing(storage.path)
    return yield* recording(client, storage, node, options)
  })

const faultsOf = ({ faults = [] }: CassetteOptions) => faults.map((fault) => ("type" in fault ? [fault] : fault))

const replaying = (client: HttpClient.HttpClient, replay: Replay) =>
  Effect.map(Effect.scope, (scope) => {
    const unused = Effect.sync(() => replay.unused.map(({ method, url }) => ({ method, url })))
    return contextOf(replayer(client, replay, scope), { mode: "replay", unused })
  })

const recording = (
  client: HttpClient.HttpClient,
  storage: Storage,
  { sha256 }: NodeModules,
  { prompts = true, headers = [], secrets = [] }: CassetteOptions
) =>
  Effect.gen(function* () {
    const recorded = new Recording(storage, sha256, prompts, yield* Effect.scope)
    const plain = secrets.map((secret) => (Redacted.isRedacted(secret) ? Redacted.value(secret) : secret))
    recorded.know(plain.filter((secret) => secret.length >= minSecretLength))
    yield* Effect.addFinalizer(() => recorded.close)
    const isStored = (name: string) => storedHeaders.test(name) || headers.includes(name)
    return contextOf(recorder(client, recorded, isStored), { mode: "record", unused: Effect.succeed([]) })
  })

const contextOf = (client: HttpClient.HttpClient, service: CassetteService) =>
  Context.make(HttpClient.HttpClient, client).pipe(Context.add(Cassette, service))

/** Says whether `CI` is set, in the configuration or else in the environment. */
const inCI: Effect.Effect<boolean> = Effect.configProviderWith((provider) =>
  Config.option(Config.string("CI")).pipe(
    Effect.withConfigProvider(ConfigProvider.orElse(provider, () => ConfigProvider.fromEnv())),
    Effect.orElseSucceed(() => Option.none<string>()),
    Effect.map(Option.exists((value) => !["", "0", "false"].includes(value.toLowerCase())))
  )
)

const missing = (path: string) =>
  new CassetteError({
    reason: "Missing",
    path,
    message: `there is no cassette ${path} to replay; record it with mode "record" where CI is not set, and commit it`
  })

const recordingInCI = (path: string) =>
  new CassetteError({
    reason: "Unwritable",
    path,
    message: `the cassette ${path} is not recorded, because CI is set; use mode "auto" or "replay"`
  })
