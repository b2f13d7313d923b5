/** Takes the tools of a server of the Model Context Protocol into a loop. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { checkOptions, countProblem } from "../../domain/checkOptions.js"
import { positiveDurationProblem } from "../../domain/durationProblem.js"
import type { ValidationError } from "../../domain/LLMError.js"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import type { AnyTool, FailureMode } from "../../tools/Tool.js"
import { fingerprintOf } from "../../tools/toolset.js"
import { connect, serverName } from "./connect.js"
import { changedError, limitError, McpError, requestError } from "./McpError.js"
import { type Limits, limitsOf } from "./McpLimits.js"
import type { McpOptions, McpTool } from "./McpOptions.js"
import { mcpTool, type Server } from "./mcpTool.js"

/** The tools of a server as they are now: an effect that a loop runs before each step. */
export type McpTools<Approval extends boolean, Mode extends FailureMode> = Effect.Effect<
  ReadonlyArray<McpTool<Approval, Mode>>,
  McpError
>

/**
 * Connects to a server, and gives its tools as an effect for the `tools` of a loop, which reads them before each step: a list
 * that the server changes is read again. The scope ends the connection and the process. Calls need an approval unless
 * `needsApproval` says otherwise. The server cannot ask for sampling, roots or elicitation.
 *
 * ```ts
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const tools = yield* Mcp.tools({
 *       command: "npx",
 *       args: ["-y", "@modelcontextprotocol/server-everything"],
 *       env: { PATH: process.env["PATH"] },
 *       namespace: "everything",
 *       needsApproval: false
 *     })
 *     return yield* ToolLoop.run({ messages }, { tools })
 *   })
 * )
 * ```
 */
export const tools = <Approval extends boolean = true, Mode extends FailureMode = "error">(
  options: McpOptions<Approval, Mode>
): Effect.Effect<McpTools<Approval, Mode>, McpError | MissingPeerError | ValidationError, Scope.Scope> => {
  const name = serverName(options, options.namespace)
  const limits = limitsOf(options.limits)
  return Effect.flatMap(Effect.zipRight(checked(options, limits), connect(options, limits, name)), (client) => {
    const current = reading({ name, client, limits, options })
    // The types of `McpTool` follow from the options, of which `mcpTool` makes the tools.
    return Effect.as(current, current as McpTools<Approval, Mode>)
  })
}

const checked = ({ timeout = "1 minute" }: McpOptions, limits: Limits): Effect.Effect<void, ValidationError> =>
  checkOptions("Mcp.tools", [
    positiveDurationProblem("timeout", timeout),
    ...Object.entries(limits).map(([name, limit]) => countProblem(`limits.${name}`, limit))
  ])

/** Reads the list of a server, again only after it has changed. */
const reading = (server: Server): Effect.Effect<ReadonlyArray<AnyTool>, McpError> => {
  let known: ReadonlyArray<AnyTool> | undefined
  let changes = 0
  server.client.setNotificationHandler("notifications/tools/list_changed", () => {
    changes++
    known = undefined
  })
  return Effect.suspend(() => {
    if (known !== undefined) return Effect.succeed(known)
    const before = changes
    return Effect.tap(read(server), (list) =>
      Effect.sync(() => {
        // A change during the reading may not be in the list.
        if (changes === before) known = list
      })
    )
  })
}

const read = (server: Server): Effect.Effect<ReadonlyArray<AnyTool>, McpError> =>
  Effect.gen(function* () {
    const { name, client, limits, options } = server
    const listed = yield* Effect.tryPromise({
      try: (signal) => client.listTools(undefined, { signal, timeout: 30_000 }),
      catch: (cause) => requestError(name, "the list of its tools", cause, client.transport !== undefined)
    })
    if (listed.tools.length > limits.tools) {
      return yield* limitError(name, `${listed.tools.length} tools (limit ${limits.tools})`)
    }
    const all = yield* Effect.forEach(listed.tools, (tool) => mcpTool(tool, server))
    const twice = all.find((tool, at) => all.findIndex((other) => other.name === tool.name) !== at)
    if (twice !== undefined) {
      return yield* new McpError({
        reason: "Protocol",
        server: name,
        message: `the MCP server ${name} has two tools with the name ${twice.name}, as names have 64 characters at most`
      })
    }
    return options.fingerprints === undefined ? all : yield* approved(all, options.fingerprints, name)
  })

const approved = (
  all: ReadonlyArray<AnyTool>,
  known: { readonly [name: string]: string },
  server: string
): Effect.Effect<ReadonlyArray<AnyTool>, McpError> =>
  Effect.gen(function* () {
    const offered = all.filter(({ name }) => Object.hasOwn(known, name))
    const now = yield* fingerprints(offered)
    const changed = offered.filter(({ name }) => now[name] !== known[name]).map(({ name }) => name)
    return changed.length === 0 ? offered : yield* changedError(server, changed)
  })

/**
 * Gives the SHA-256 of what the model is told of each tool: name, description and parameters. Show the tools to a person, keep
 * the result as JSON, and give it to `Mcp.tools` from then on.
 *
 * ```ts
 * const approved = Effect.scoped(Effect.flatMap(Effect.flatten(Mcp.tools({ url: "https://mcp.example.com/mcp" })), Mcp.fingerprints))
 * ```
 */
export const fingerprints = (list: ReadonlyArray<AnyTool>): Effect.Effect<{ readonly [name: string]: string }> =>
  Effect.map(
    // The definition of a tool that a server describes does not fail.
    Effect.forEach(list, (tool) =>
      Effect.map(Effect.orDie(fingerprintOf(tool)), (digest) => [tool.name, digest] as const)
    ),
    (entries) => Object.fromEntries(entries)
  )
