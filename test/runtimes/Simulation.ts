/** A Simulator in the process behind the stage, as a program on any runtime reaches it: by `fetch` alone. */
import { Context, Effect } from "effect"
import type { SimulatorOptions } from "llm-connectivity/testing"

/** A request that a Simulator has read, once it is over. */
export interface SeenRequest {
  readonly path: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: unknown
  /** Who closed first, `nobody` while it is still open. */
  readonly closedBy: "server" | "caller" | "nobody"
  /** How many bytes of the body had left. */
  readonly bytes: number
}

/** Where a Simulator listens. */
export interface Address {
  readonly url: string
  readonly apiKey: string
  readonly baseUrls: { readonly openai: string; readonly anthropic: string; readonly google: string }
}

/** A Simulator of its own for one check. */
export interface Opened extends Address {
  /** What it has read so far; waits a while for what is still open. */
  readonly requests: Effect.Effect<ReadonlyArray<SeenRequest>>
}

/** Options that can be sent. */
export type SentOptions = Omit<SimulatorOptions, "script"> & {
  readonly script?: Exclude<SimulatorOptions["script"], (...args: never) => unknown>
}

const asJson = <A>(url: string, init?: RequestInit): Effect.Effect<A> =>
  Effect.promise(() => fetch(url, init).then((response) => response.json()))

/** Opens Simulators. */
export class Simulation extends Context.Tag("runtimes/Simulation")<
  Simulation,
  (options: SentOptions) => Effect.Effect<Opened>
>() {
  /** Reaches the process that listens at the address. */
  static readonly at = (backstage: string): Context.Tag.Service<Simulation> => {
    return (options) =>
      asJson<Address>(`${backstage}/open`, { method: "POST", body: JSON.stringify({ pace: 0, ...options }) }).pipe(
        Effect.map((address) => ({
          ...address,
          requests: asJson<ReadonlyArray<SeenRequest>>(`${backstage}/requests?url=${encodeURIComponent(address.url)}`)
        }))
      )
  }
}
