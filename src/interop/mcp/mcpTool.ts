/** Makes tools of a loop from the tools of a server. */
import type { Client, ProgressNotification, Tool as ServerTool } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import * as Queue from "effect/Queue"
import { isBottomless, toJsonText } from "../../domain/JsonText.js"
import { isObject } from "../../http/Json.js"
import type { CallContext } from "../../tools/LoopCall.js"
import type { AnyTool } from "../../tools/Tool.js"
import type { ToolOutcome } from "../../tools/ToolResult.js"
import { limitError, type McpError, requestError } from "./McpError.js"
import type { Limits } from "./McpLimits.js"
import type { McpOptions } from "./McpOptions.js"
import { streamEnded } from "./requestStreams.js"
import { outcomeOf } from "./toolContent.js"

/** What the tools of a server need of it. */
export interface Server {
  readonly name: string
  readonly client: Client
  readonly limits: Limits
  readonly options: McpOptions
}

/** Gives the name that the model uses: letters, digits, `_` and `-`, at most 64, as all providers accept. */
const toolName = (name: string, namespace: string | undefined): string =>
  `${namespace === undefined ? "" : `${namespace}_`}${name}`.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64)

const shorten = (description: string, limit: number): string =>
  description.length <= limit ? description : `${description.slice(0, limit)}…`

/** Makes a tool, or says that its schema is too large. */
export const mcpTool = (tool: ServerTool, server: Server): Effect.Effect<AnyTool, McpError> => {
  const { limits, options } = server
  const { namespace, needsApproval = true, timeout = "60 seconds" } = options
  const name = toolName(tool.name, namespace)
  const { inputSchema: parameters } = tool
  if (isBottomless(parameters, limits.schemaDepth)) {
    return Effect.fail(limitError(server.name, `a schema of more than ${limits.schemaDepth} levels for ${name}`))
  }
  if ((toJsonText(parameters)?.length ?? 0) > limits.schema) {
    return Effect.fail(limitError(server.name, `a schema of more than ${limits.schema} characters for ${name}`))
  }
  const { description } = tool
  return Effect.succeed({
    name,
    definition: Effect.succeed({
      name,
      parameters,
      ...(description === undefined ? {} : { description: shorten(description, limits.description) })
    }),
    // The server checks the arguments, and the model is told what it says.
    decode: Effect.succeed,
    needsApproval: (args, call) =>
      typeof needsApproval === "function"
        ? needsApproval(isObject(args) ? args : {}, call)
        : Effect.succeed(needsApproval),
    execute: executing(tool, server),
    timeout
  })
}

const executing = (tool: ServerTool, server: Server): NonNullable<AnyTool["execute"]> => {
  const run = (args: unknown, call: CallContext) => runTool(tool, server, isObject(args) ? args : {}, call)
  if (server.options.failureMode !== "return") return run
  return (args, call) =>
    Effect.catchAll(run(args, call), ({ message }) => Effect.succeed<ToolOutcome>({ type: "failure", error: message }))
}

/** The longest time of the SDK; the loop stops a call that takes too long. */
const never = 2 ** 31 - 1

type Progress = Pick<ProgressNotification["params"], "progress" | "total" | "message">

const runTool = (tool: ServerTool, server: Server, args: { readonly [key: string]: unknown }, call: CallContext) =>
  Effect.gen(function* () {
    // A server that reports faster than the loop is read loses the oldest reports.
    const reports = yield* Queue.sliding<Progress | undefined>(16)
    const reporting = yield* Effect.fork(
      Effect.iterate(true, {
        while: (goesOn) => goesOn,
        body: () =>
          Effect.flatMap(Queue.take(reports), (report) =>
            report === undefined ? Effect.succeed(false) : Effect.as(call.progress(report), true)
          )
      })
    )
    const result = yield* Effect.tryPromise({
      // Interruption aborts the signal, and the SDK then tells the server that the call is cancelled.
      try: (signal) =>
        server.client.callTool(
          { name: tool.name, arguments: { ...args } },
          { signal, timeout: never, onprogress: (report) => Queue.unsafeOffer(reports, report) }
        ),
      catch: (cause) => cause
    }).pipe(Effect.either)
    yield* Queue.offer(reports, undefined)
    yield* Fiber.join(reporting)
    return yield* Either.match(result, {
      onLeft: (cause) => failedCall(cause, tool, server),
      onRight: (value) => Either.mapLeft(outcomeOf(value, server.limits), (problem) => limitError(server.name, problem))
    })
  })

const isAnswer = (code: unknown): boolean => typeof code === "number" && code !== streamEnded

// An error of JSON-RPC, whose code is a number, is an answer of a server that works: the model can correct its call.
const failedCall = (
  cause: unknown,
  tool: ServerTool,
  { name, client, limits }: Server
): Either.Either<ToolOutcome, McpError> =>
  cause instanceof Error && Predicate.hasProperty(cause, "code") && isAnswer(cause.code)
    ? Either.right({ type: "failure", error: shorten(cause.message, limits.description) })
    : Either.left(
        requestError(name, `a call of ${toolName(tool.name, undefined)}`, cause, client.transport !== undefined)
      )
