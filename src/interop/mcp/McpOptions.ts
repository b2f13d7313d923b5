/** Which server the tools come from, and what the loop may do with them. */
import type { AuthProvider, OAuthClientProvider } from "@modelcontextprotocol/client"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { JsonObject } from "../../http/Json.js"
import type { Approvals } from "../../tools/approvals/Approvals.js"
import type { LoopCall } from "../../tools/LoopCall.js"
import type { FailureMode, Tool } from "../../tools/Tool.js"
import type { McpError } from "./McpError.js"
import type { McpLimits } from "./McpLimits.js"

/** A value that may be secret. */
type MaybeSecret = string | Redacted.Redacted<string>

/** A server that a command starts. */
export interface McpCommand {
  /** The program of the server, which talks on its standard input and output. */
  readonly command: string
  /** The arguments of the program. */
  readonly args?: ReadonlyArray<string> | undefined
  /** The variables of the process. It gets no others, not even `PATH`; those without a value are left out. */
  readonly env?: { readonly [name: string]: MaybeSecret | undefined } | undefined
  /** The working directory; that of this process by default. */
  readonly cwd?: string | undefined
  /** Not with a command. */
  readonly url?: undefined
}

/** A server at an address. */
export interface McpUrl {
  /** The address of a server with Streamable HTTP. */
  readonly url: string | URL
  /** The headers of every request. */
  readonly headers?: { readonly [name: string]: MaybeSecret } | undefined
  /** Logs in by OAuth, or gives tokens: a provider of the SDK. */
  readonly authProvider?: AuthProvider | OAuthClientProvider | undefined
  /** Not with a URL. */
  readonly command?: undefined
}

/** Where a server is: a command that starts it, or a URL. */
export type McpAddress = McpCommand | McpUrl

/** The options of `Mcp.tools`. */
export type McpOptions<Approval extends boolean = boolean, Mode extends FailureMode = FailureMode> = McpAddress &
  McpToolOptions<Approval, Mode>

/** What the loop may do with the tools of a server. */
export interface McpToolOptions<Approval extends boolean, Mode extends FailureMode> {
  /** Goes before the name of each tool, as in `github_search`, so that servers with equal names do not clash. */
  readonly namespace?: string | undefined
  /**
   * Whether calls must be approved before they run, or a function that decides by the arguments and the call, whose name has
   * the namespace; `true` by default.
   */
  readonly needsApproval?: Approval | ((args: JsonObject, call: LoopCall) => Effect.Effect<boolean>) | undefined
  /**
   * What `Mcp.fingerprints` gave when a person approved the tools. A tool that changed since is an `McpError`, and tools that
   * are not in it are left out.
   */
  readonly fingerprints?: { readonly [name: string]: string } | undefined
  /** What becomes of a server that fails: `error` fails the loop, `return` tells the model; `error` by default. */
  readonly failureMode?: Mode | undefined
  /** How long a call may take; 60 seconds by default. The model is told when it took longer. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How much the server may send. */
  readonly limits?: McpLimits | undefined
}

/** A tool of a server. */
export type McpTool<Approval extends boolean = boolean, Mode extends FailureMode = FailureMode> = Tool<
  string,
  Mode extends "return" ? never : McpError,
  Approval extends false ? never : Approvals
>
