/** A real HTTP server on loopback that speaks the providers' protocols, with default replies and scripted faults. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { checkOptions, limitProblem, portProblem } from "../domain/checkOptions.js"
import { durationProblem } from "../domain/durationProblem.js"
import type { Vendor } from "../provider/OpenAICompatible.js"
import * as vendors from "../provider/vendors.js"
import { batchProblems, type SimulatedBatchOptions } from "./simulator/batches/BatchOptions.js"
import { SimulatedBatches } from "./simulator/batches/SimulatedBatches.js"
import { Script, type SimulatedScript } from "./simulator/Script.js"
import { listen } from "./simulator/Server.js"
import type { SimulatedReply } from "./simulator/SimulatedReply.js"
import type { SimulatedRequest } from "./simulator/SimulatedRequest.js"

/** How the Simulator behaves. */
export interface SimulatorOptions {
  /** Any that is free by default. */
  readonly port?: number | undefined
  /** The key that it accepts; `simulated-key` by default. */
  readonly apiKey?: string | undefined
  /** The pause between two pieces of an answer; 20 ms by default, 0 for tests. */
  readonly pace?: Duration.DurationInput | undefined
  /**
   * The replies, one per request, followed by default replies; a function is called for each request. Requests for the
   * list of models take none. A background response that is streamed again takes one, of which only what goes wrong counts.
   */
  readonly script?: SimulatedScript | undefined
  /** How many of the last requests are remembered; 1,000 by default. */
  readonly remembers?: number | undefined
  /** How batches behave. Each of their requests takes one reply of the script when the batch is run. */
  readonly batches?: SimulatedBatchOptions | undefined
}

/** A Simulator that runs. */
export interface SimulatorService {
  /** Where it listens: `http://127.0.0.1:` and its port. */
  readonly url: string
  /** The base URLs, as the official clients want them. */
  readonly baseUrls: {
    /** Ends in `/v1`; for the vendors of OpenAI's protocol too. */
    readonly openai: string
    /** The bare host. */
    readonly anthropic: string
    /** Ends in `/v1beta`. */
    readonly google: string
  }
  /** The key that it accepts. */
  readonly apiKey: string
  /** The variables with which model strings, and the vendors' official SDKs, reach it. */
  readonly environment: { readonly [variable: string]: string }
  /** The requests that it has read, in their order, without keys. */
  readonly requests: Effect.Effect<ReadonlyArray<SimulatedRequest>>
  /** Adds replies to be given after those that are left of the script. */
  readonly script: (...replies: ReadonlyArray<SimulatedReply | string>) => Effect.Effect<void>
}

const make = (options: SimulatorOptions) =>
  Effect.gen(function* () {
    const {
      apiKey = "simulated-key",
      pace = 20,
      port: wanted = 0,
      remembers = 1000,
      batches: batchOptions = {}
    } = options
    yield* Effect.orDie(
      checkOptions("the Simulator", [
        portProblem("port", wanted, 0),
        durationProblem("pace", pace),
        limitProblem("remembers", remembers, 0),
        ...batchProblems(batchOptions)
      ])
    )
    const script = new Script(options.script ?? [])
    const requests: Array<SimulatedRequest> = []
    const remember = (request: SimulatedRequest): void => {
      requests.push(request)
      if (requests.length > remembers) requests.shift()
    }
    const batches = new SimulatedBatches(batchOptions, (path, protocol, body) =>
      script.next({ method: "POST", path, protocol, headers: {}, body, closed: Effect.never })
    )
    const port = yield* listen({ port: wanted, apiKey, pace, script, batches, remember })
    const url = `http://127.0.0.1:${port}`
    const baseUrls = { openai: `${url}/v1`, anthropic: url, google: `${url}/v1beta` }
    return Simulator.of({
      url,
      baseUrls,
      apiKey,
      environment: environmentOf(url, apiKey),
      requests: Effect.sync(() => [...requests]),
      script: (...replies) => Effect.sync(() => script.add(replies))
    })
  })

/**
 * The variables of every provider but the local servers, with the addresses that their official SDKs want: Groq's adds
 * `/openai/v1` itself, Google's `/v1beta`. An address other than `/v1` tells the Simulator that it is a vendor's.
 */
const environmentOf = (url: string, apiKey: string): SimulatorService["environment"] => ({
  OPENAI_API_KEY: apiKey,
  OPENAI_BASE_URL: `${url}/v1`,
  ANTHROPIC_API_KEY: apiKey,
  ANTHROPIC_BASE_URL: url,
  GOOGLE_AI_API_KEY: apiKey,
  GEMINI_API_KEY: apiKey,
  GOOGLE_GEMINI_BASE_URL: url,
  ...Object.assign({}, ...Object.values(vendors).map(({ vendor }) => variablesOf(vendor, url, apiKey)))
})

// `/v1` alone is OpenAI's.
const vendorPath = ({ provider, basePath }: Vendor): string =>
  basePath === undefined ? `/${provider}/v1` : basePath.length <= "/v1".length ? `/${provider}` : ""

const variablesOf = (vendor: Vendor, url: string, apiKey: string): SimulatorService["environment"] =>
  vendor.isKeyless === true
    ? {}
    : { [vendor.keyVariables[0]]: apiKey, [vendor.baseUrlVariable]: `${url}${vendorPath(vendor)}` }

/**
 * A simulated provider of every protocol. It needs `@effect/platform-node`, which is loaded when the layer is built, and
 * keeps real time even where a test has another clock, as sockets do.
 *
 * ```ts
 * const client = LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(
 *   Layer.provide(Simulator.layerConfig({ script: [{ fault: { type: "truncate", afterChunks: 3 } }] })),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 */
export class Simulator extends Context.Tag("llm-connectivity/Simulator")<Simulator, SimulatorService>() {
  /** Serves on 127.0.0.1 until the scope closes, and then closes every connection; dies if the port is taken or an option cannot be right. */
  static readonly layer = (options: SimulatorOptions = {}): Layer.Layer<Simulator> =>
    Layer.scoped(Simulator, make(options))

  /**
   * Serves, and is the configuration: below this layer `LLMClient.layer({ model: "openai/gpt-4o-mini" })` reaches the
   * Simulator. Variables that it does not set are read from the configuration that was there.
   */
  static readonly layerConfig = (options: SimulatorOptions = {}): Layer.Layer<Simulator> =>
    Layer.provideMerge(configuration, Simulator.layer(options))

  /** The requests that the Simulator in context has read. */
  static readonly requests: Effect.Effect<ReadonlyArray<SimulatedRequest>, never, Simulator> = Effect.flatMap(
    Simulator,
    (simulator) => simulator.requests
  )

  /** Adds replies to the script of the Simulator in context. */
  static readonly script = (
    ...replies: ReadonlyArray<SimulatedReply | string>
  ): Effect.Effect<void, never, Simulator> => Effect.flatMap(Simulator, (simulator) => simulator.script(...replies))
}

const configuration: Layer.Layer<never, never, Simulator> = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { environment } = yield* Simulator
    const own = ConfigProvider.fromMap(new Map(Object.entries(environment)))
    return yield* Effect.configProviderWith((before) =>
      Effect.succeed(Layer.setConfigProvider(ConfigProvider.orElse(own, () => before)))
    )
  })
)
