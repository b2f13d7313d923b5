/** Connects to Redis with `ioredis`, or uses a client that the program has. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { MissingPeerError } from "../../domain/MissingPeerError.js"

/** What is used of a client; the `Redis` and the `Cluster` of ioredis 5 have it. */
export interface RedisClient {
  /** Runs a script by its hash. */
  readonly evalsha: (sha: string, keyCount: number, ...args: Array<string | number>) => Promise<unknown>
  /** Runs a script by its text. */
  readonly eval: (lua: string, keyCount: number, ...args: Array<string | number>) => Promise<unknown>
  /** Makes a second connection, for messages. The store of runs looks ten times in a second for news without it. */
  readonly duplicate?: (() => RedisSubscriber) | undefined
}

/** A connection that receives messages. */
export interface RedisSubscriber {
  /** Connects. */
  readonly connect: () => Promise<void>
  /** Closes the connection. */
  readonly disconnect: () => void
  /** Begins to receive the messages of a channel. */
  readonly subscribe: (channel: string) => Promise<unknown>
  /** Receives them no longer. */
  readonly unsubscribe: (channel: string) => Promise<unknown>
  /** Calls a listener: with the channel of a message, or when the connection is ready, has closed or has failed. */
  readonly on: (event: "message" | "ready" | "close" | "error", listener: (...args: Array<unknown>) => void) => unknown
}

/** Where Redis is: one of the three. */
export interface RedisAddress {
  /** `redis://` or, with TLS, `rediss://`, with the password if there is one. */
  readonly url?: Redacted.Redacted<string> | string | undefined
  /** Some nodes of a Redis Cluster, by their URLs; the others are found through them. */
  readonly cluster?: ReadonlyArray<Redacted.Redacted<string> | string> | undefined
  /**
   * A client that the program has and closes itself. Make it with `enableOfflineQueue: false` and
   * `autoResendUnfulfilledCommands: false`, so that it fails at once while Redis is down and sends nothing twice, and for
   * runs with `autoResubscribe: false`: they subscribe again themselves, and what ioredis does there may end the process.
   */
  readonly client?: RedisClient | undefined
}

interface Ioredis extends Pick<typeof import("ioredis"), "Redis" | "Cluster"> {}

const plain = (url: Redacted.Redacted<string> | string): string => (typeof url === "string" ? url : Redacted.value(url))

const load: Effect.Effect<Ioredis, MissingPeerError> = Effect.tryPromise({
  try: () => import("ioredis"),
  catch: () => MissingPeerError.of("ioredis", "5")
})

// Failing at once is what lets a policy choose what to do without Redis, and resending would book a slot twice. When ioredis
// subscribes again by itself and the connection is cut meanwhile, nobody handles the rejection, which ends the process.
const failFast = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  lazyConnect: true,
  connectTimeout: 2000
}

const delay = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), 1000)

/** Opens a connection and closes it with the scope. A server that cannot be reached yet is tried again and again. */
export const open = (
  { url, cluster, client }: RedisAddress,
  patience: Duration.Duration
): Effect.Effect<RedisClient, MissingPeerError, Scope.Scope> => {
  if (client !== undefined) return Effect.succeed(client)
  const make = ({ Redis, Cluster }: Ioredis) =>
    cluster === undefined
      ? new Redis(plain(url ?? "redis://127.0.0.1:6379"), { ...failFast, retryStrategy: delay })
      : new Cluster(cluster.map(plain), {
          enableOfflineQueue: false,
          lazyConnect: true,
          clusterRetryStrategy: delay,
          redisOptions: failFast
        })
  const connection = Effect.acquireRelease(Effect.map(load, make), (connected) =>
    Effect.sync(() => connected.disconnect())
  )
  return Effect.tap(connection, (connected) => {
    // Without a listener ioredis prints every error of a connection, with its address.
    connected.on("error", () => {})
    return Effect.promise(() => connected.connect().catch(() => {})).pipe(Effect.timeout(patience), Effect.ignore)
  })
}
