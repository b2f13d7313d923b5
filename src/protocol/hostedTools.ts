/** What the encoders of hosted tools share. */
import * as Either from "effect/Either"
import type { HostedTool, UserLocation, WebSearchTool } from "../domain/HostedTool.js"
import type { JsonObject } from "../http/Json.js"
import type { PreparedRequest } from "./PreparedRequest.js"

/** Encodes one hosted tool with the fields that the caller adds, or says in a sentence what the provider lacks. */
export type EncodeHostedTool = (tool: HostedTool, added: JsonObject) => Either.Either<JsonObject, string>

/** Encodes the hosted tools of a request. */
export const encodeHostedTools = (
  { hostedTools = [] }: PreparedRequest,
  provider: string,
  encode: EncodeHostedTool
): Either.Either<ReadonlyArray<JsonObject>, string> =>
  Either.all(hostedTools.map((tool) => encode(tool, tool.providerOptions?.[provider] ?? {})))

/** The hosted tool that the tool choice names. */
export const chosenHostedTool = ({ hostedTools, toolChoice }: PreparedRequest): HostedTool | undefined =>
  typeof toolChoice === "object" ? hostedTools?.find(({ name }) => name === toolChoice.name) : undefined

/** An option of a web search that a provider may lack. */
type SearchOption = "maxUses" | "allowedDomains" | "blockedDomains" | "userLocation"

/** Says what to do about an option of a web search that the provider lacks; `instead` gives the ways out. */
export const lackingOption = (
  tool: WebSearchTool,
  provider: string,
  instead: { readonly [Option in SearchOption]?: string }
): string | undefined => {
  for (const [option, way] of Object.entries(instead)) {
    if (option in tool && Reflect.get(tool, option) !== undefined) {
      return `tools: ${provider} does not support ${option} in web_search; ${way}`
    }
  }
  return undefined
}

/** The user's location as Anthropic and OpenAI write it. */
export const approximate = (location: UserLocation | undefined): JsonObject | undefined =>
  location === undefined ? undefined : { type: "approximate", ...location }
