/** Connects to a server with the SDK, and disconnects with the scope. */
import type {
  Client,
  ClientOptions,
  JsonSchemaValidator,
  StreamableHTTPClientTransport
} from "@modelcontextprotocol/client"
import type { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { MissingPeerError } from "../../domain/MissingPeerError.js"
import { boundedFetch } from "./boundedFetch.js"
import { connectError, type McpError } from "./McpError.js"
import { type Limits, maxMessageBytes } from "./McpLimits.js"
import type { McpAddress } from "./McpOptions.js"
import { followRequests } from "./requestStreams.js"

const load = <Module>(importing: () => Promise<Module>): Effect.Effect<Module, MissingPeerError> =>
  Effect.tryPromise({ try: importing, catch: () => MissingPeerError.of("@modelcontextprotocol/client", "2") })

const plain = (value: string | Redacted.Redacted<string>): string =>
  typeof value === "string" ? value : Redacted.value(value)

/** Names the server in errors, without the parts of its URL that can hold keys. */
export const serverName = (address: McpAddress, namespace: string | undefined): string => {
  if (namespace !== undefined) return namespace
  if (address.command !== undefined) return address.command
  return URL.canParse(String(address.url)) ? new URL(address.url).host : "with a URL that is not one"
}

type StdioAddress = Extract<McpAddress, { readonly command: string }>
type HttpAddress = Exclude<McpAddress, StdioAddress>

const stdio = ({ command, args = [], env = {}, cwd }: StdioAddress, limits: Limits) =>
  Effect.map(
    load(() => import("@modelcontextprotocol/client/stdio")),
    ({ StdioClientTransport, getDefaultEnvironment }) => {
      // The SDK adds variables of this process; those that are undefined are not passed on.
      const none = Object.keys(getDefaultEnvironment()).map((name) => [name, undefined] as const)
      const named = Object.entries(env).map(([name, value]) => [name, value && plain(value)] as const)
      return new StdioClientTransport({
        command,
        args: [...args],
        // Node accepts undefined values, which the type of the SDK does not have.
        env: Object.fromEntries([...none, ...named]) as Record<string, string>,
        // What a server logs is not for the terminal of this process.
        stderr: "ignore",
        maxBufferSize: maxMessageBytes(limits),
        ...(cwd === undefined ? {} : { cwd })
      })
    }
  )

const http = ({ url, headers = {}, authProvider }: HttpAddress, limits: Limits, server: string) =>
  Effect.flatMap(
    load(() => import("@modelcontextprotocol/client")),
    ({ StreamableHTTPClientTransport }) =>
      Effect.try({
        try: () => {
          const transport = new StreamableHTTPClientTransport(new URL(url), {
            requestInit: {
              headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, plain(value)]))
            },
            // The SDK would wait for the rest of an event stream that has failed.
            fetch: boundedFetch(maxMessageBytes(limits), () => void transport.close()),
            ...(authProvider === undefined ? {} : { authProvider })
          })
          return transport
        },
        catch: (cause) => connectError(server, cause)
      })
  )

// No capabilities: a server that asks for sampling, roots or elicitation gets an error. Results are not checked by the
// server's own schemas, as compiling these and running their patterns can take any time.
const options: ClientOptions = {
  capabilities: {},
  listMaxPages: 16,
  jsonSchemaValidator: {
    getValidator: <T>(): JsonSchemaValidator<T> => {
      // The SDK asks for the type of the schema, which nothing here reads.
      return (data) => ({ valid: true, data: data as T, errorMessage: undefined })
    }
  }
}

interface Connection {
  readonly client: Client
  readonly transport: StdioClientTransport | StreamableHTTPClientTransport
}

const close = ({ client, transport }: Connection): Effect.Effect<void> => {
  const ignore = (closing: () => Promise<void>) => Effect.ignore(Effect.tryPromise(closing))
  const terminate = "terminateSession" in transport ? ignore(() => transport.terminateSession()) : Effect.void
  // A timeout waits for what cannot be interrupted, as finalizers cannot.
  return Effect.interruptible(terminate).pipe(
    Effect.timeout("2 seconds"),
    Effect.ignore,
    Effect.zipRight(ignore(() => client.close())),
    Effect.zipRight(ignore(() => transport.close()))
  )
}

/** Connects to a server. */
export const connect = (
  address: McpAddress,
  limits: Limits,
  server: string
): Effect.Effect<Client, McpError | MissingPeerError, Scope.Scope> =>
  Effect.gen(function* () {
    const { Client } = yield* load(() => import("@modelcontextprotocol/client"))
    const transport = yield* address.command === undefined ? http(address, limits, server) : stdio(address, limits)
    const client = new Client({ name: "llm-connectivity", version: "0.1.0" }, options)
    yield* Effect.addFinalizer(() => close({ client, transport }))
    yield* Effect.tryPromise({
      // Its transports and the classes that use them disagree in optional fields only.
      try: (signal) => client.connect(transport as Parameters<Client["connect"]>[0], { signal, timeout: 30_000 }),
      catch: (cause) => connectError(server, cause)
    })
    if ("terminateSession" in transport) followRequests(transport)
    return client
  })
