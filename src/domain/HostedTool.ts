/** Tools that the provider runs itself: web search, code execution and file search. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { CacheMark } from "./ContentPart.js"
import { lazySchema } from "./lazy.js"
import { optional, positive, says, validator } from "./validation.js"

/** What every hosted tool has. Its name is what it does; providers have their own names for it. */
export interface HostedToolBase {
  /** Tells it from a function of the application. */
  readonly hosted: true
  /** Ends a prefix to cache: this tool and those before it. Functions are sent before hosted tools. */
  readonly cache?: CacheMark | undefined
  /** Fields to add to the tool as it is sent, by provider name: `{ openai: { search_context_size: "low" } }`. */
  readonly providerOptions?: { readonly [provider: string]: { readonly [field: string]: unknown } } | undefined
}

/** Where the user is, roughly, for local results. */
export interface UserLocation {
  /** The name of the city. */
  readonly city?: string | undefined
  /** The name of the region or state. */
  readonly region?: string | undefined
  /** The country's code of two letters (ISO 3166-1), such as `DE`. */
  readonly country?: string | undefined
  /** The time zone in the names of IANA, such as `Europe/Berlin`. */
  readonly timezone?: string | undefined
}

/** Searches the web. Providers without an option reject a request with it. */
export interface WebSearchTool extends HostedToolBase {
  readonly name: "web_search"
  /** How many searches one response may make. Only Anthropic has such a limit. */
  readonly maxUses?: number | undefined
  /** Searches only these domains and their subdomains, without `https://`. Not with Google. */
  readonly allowedDomains?: ReadonlyArray<string> | undefined
  /** Leaves these domains out. Only Anthropic does so, and not together with `allowedDomains`. */
  readonly blockedDomains?: ReadonlyArray<string> | undefined
  /** Where the user is. Not with Google. */
  readonly userLocation?: UserLocation | undefined
}

/** Runs code that the model writes, in a sandbox of the provider. */
export interface CodeExecutionTool extends HostedToolBase {
  readonly name: "code_execution"
}

/** Searches files that were uploaded to the provider. */
export interface FileSearchTool extends HostedToolBase {
  readonly name: "file_search"
  /** The ids of OpenAI's vector stores, or the names of Google's file search stores. */
  readonly stores: ReadonlyArray<string>
  /** How many passages a search returns at most. */
  readonly maxResults?: number | undefined
}

/** A tool that the provider runs itself. Its calls and results stand in the message as opaque parts. */
export type HostedTool = WebSearchTool | CodeExecutionTool | FileSearchTool

/** The options of a hosted tool. */
type OptionsOf<T extends HostedTool> = Omit<T, "hosted" | "name">

const names = (example: string) =>
  Schema.Array(Schema.NonEmptyString).pipe(Schema.minItems(1), says(`must be a list such as ["${example}"]`))

const common = () => ({
  cache: optional(CacheMark),
  providerOptions: optional(
    Schema.Record({ key: Schema.String, value: Schema.Record({ key: Schema.String, value: Schema.Unknown }) }).pipe(
      says("must be an object of objects, by provider name")
    )
  )
})

const userLocation = () =>
  Schema.Struct({
    city: optional(Schema.String),
    region: optional(Schema.String),
    country: optional(Schema.String),
    timezone: optional(Schema.String)
  })

const webSearch = (): Schema.Schema<WebSearchTool> =>
  Schema.Struct({
    hosted: Schema.Literal(true),
    name: Schema.Literal("web_search"),
    maxUses: optional(positive()),
    allowedDomains: optional(names("example.com")),
    blockedDomains: optional(names("example.com")),
    userLocation: optional(userLocation()),
    ...common()
  })

const codeExecution = (): Schema.Schema<CodeExecutionTool> =>
  Schema.Struct({ hosted: Schema.Literal(true), name: Schema.Literal("code_execution"), ...common() })

const fileSearch = (): Schema.Schema<FileSearchTool> =>
  Schema.Struct({
    hosted: Schema.Literal(true),
    name: Schema.Literal("file_search"),
    stores: names("vs_1"),
    maxResults: optional(positive()),
    ...common()
  })

/** The schema of a hosted tool. */
export const HostedToolSchema: Schema.Schema<HostedTool> = lazySchema(() =>
  Schema.Union(webSearch(), codeExecution(), fileSearch())
)

type Validate = (tool: unknown) => Either.Either<HostedTool, string>

const validators: { readonly [Name in HostedTool["name"]]: Validate } = {
  web_search: validator(lazySchema(webSearch)),
  code_execution: validator(lazySchema(codeExecution)),
  file_search: validator(lazySchema(fileSearch))
}

/** Says what is wrong with a hosted tool, from its field on. The union of all would report another tool's fields. */
export const hostedToolProblem = (tool: HostedTool): string | undefined =>
  Object.hasOwn(validators, tool.name)
    ? Either.getOrUndefined(Either.flip(validators[tool.name](tool)))
    : `name must be one of ${Object.keys(validators).join(", ")}`

/** Checks whether a tool is one that the provider runs. */
export const isHosted = <T extends object>(tool: T | HostedTool): tool is HostedTool => "hosted" in tool

/** What makes tools that the provider runs itself. */
export interface HostedTools {
  /** Searches the web; the response has the pages that it cites as `sources`. */
  readonly webSearch: (options?: OptionsOf<WebSearchTool>) => WebSearchTool
  /** Runs code that the model writes. */
  readonly codeExecution: (options?: OptionsOf<CodeExecutionTool>) => CodeExecutionTool
  /** Searches files in stores of the provider. */
  readonly fileSearch: (options: OptionsOf<FileSearchTool>) => FileSearchTool
}

/**
 * Makes tools that the provider runs itself, for the `tools` of a request and of a loop. OpenAI's Responses and Google
 * have all three, Anthropic has no file search, and chat completions have none: such a request fails with a
 * `ValidationError` before it is sent. Providers charge for searches and sandboxes apart from tokens.
 *
 * ```ts
 * const tools = [HostedTool.webSearch({ allowedDomains: ["example.com"] }), HostedTool.codeExecution()]
 * ```
 */
export const HostedTool: HostedTools = {
  webSearch: (options) => ({ hosted: true, name: "web_search", ...options }),
  codeExecution: (options) => ({ hosted: true, name: "code_execution", ...options }),
  fileSearch: (options) => ({ hosted: true, name: "file_search", ...options })
}
