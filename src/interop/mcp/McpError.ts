/** What goes wrong with a server of the Model Context Protocol. */
import * as Data from "effect/Data"
import * as Predicate from "effect/Predicate"
import { streamEnded } from "./requestStreams.js"

/**
 * Why a server could not be used. `Connect`: it did not start or answer. `Unauthorized`: it wants another login. `Closed`:
 * it ended, also in the middle of a call. `Protocol`: it answered with an error, or with what the protocol does not allow.
 * `Limit`: what it sent is larger than `limits` allow. `Changed`: a tool is not what was approved.
 */
export type McpErrorReason = "Connect" | "Unauthorized" | "Closed" | "Protocol" | "Limit" | "Changed"

/** A server of the Model Context Protocol could not be used. */
export class McpError extends Data.TaggedError("McpError")<{
  /** Why it could not be used. */
  readonly reason: McpErrorReason
  /** The namespace of the server, or its command or host. */
  readonly server: string
  /** What happened and what to do. It quotes no arguments, results, headers or variables. */
  readonly message: string
}> {}

// The errors of the SDK quote responses, which can repeat keys; their codes do not.
const codeOf = (cause: unknown): string => {
  const code = Predicate.hasProperty(cause, "code") ? cause.code : undefined
  return typeof code === "string" || typeof code === "number" ? ` (${code})` : ""
}

const isUnauthorized = (cause: unknown, code: string): boolean =>
  code === " (CLIENT_HTTP_AUTHENTICATION)" ||
  (Predicate.hasProperty(cause, "name") && cause.name === "UnauthorizedError") ||
  (cause instanceof Error && cause.constructor.name === "UnauthorizedError")

/** Makes the error of connecting to a server. */
export const connectError = (server: string, cause: unknown): McpError => {
  const code = codeOf(cause)
  return isUnauthorized(cause, code)
    ? unauthorized(server)
    : new McpError({
        reason: "Connect",
        server,
        message: `the MCP server ${server} did not start or answer${code}; check its command or URL, and the variables that it needs`
      })
}

/** Makes the error of a request to a server that is connected. */
export const requestError = (server: string, what: string, cause: unknown, isConnected: boolean): McpError => {
  const code = codeOf(cause)
  if (isUnauthorized(cause, code)) return unauthorized(server)
  // `fetch` fails with a `TypeError` when the connection breaks.
  return !isConnected || isClosed(code) || cause instanceof TypeError
    ? new McpError({
        reason: "Closed",
        server,
        message: `the MCP server ${server} ended during ${what}${code}; it may have done part of it. Connect again`
      })
    : new McpError({ reason: "Protocol", server, message: `the MCP server ${server} failed at ${what}${code}` })
}

const closedCodes = ["CONNECTION_CLOSED", "NOT_CONNECTED", "SEND_FAILED", streamEnded].map((code) => ` (${code})`)

const isClosed = (code: string): boolean => closedCodes.includes(code)

const unauthorized = (server: string): McpError =>
  new McpError({
    reason: "Unauthorized",
    server,
    message: `the MCP server ${server} wants a login; finish it with the SDK's auth(), or check headers and authProvider`
  })

/** Makes the error of something too large. */
export const limitError = (server: string, problem: string): McpError =>
  new McpError({
    reason: "Limit",
    server,
    message: `the MCP server ${server} sent ${problem}; raise limits if you trust it`
  })

/** Makes the error of a tool that is not what was approved. */
export const changedError = (server: string, names: ReadonlyArray<string>): McpError =>
  new McpError({
    reason: "Changed",
    server,
    message: `the MCP server ${server} changed tools after they were approved: ${names.join(", ")}. Read them again, and approve them with new fingerprints`
  })
