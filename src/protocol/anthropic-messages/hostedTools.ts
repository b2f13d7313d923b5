/** Encodes the tools that Anthropic runs itself: https://platform.claude.com/docs/en/agents-and-tools/tool-use/server-tools */
import * as Either from "effect/Either"
import type { HostedTool } from "../../domain/HostedTool.js"
import type { JsonObject } from "../../http/Json.js"
import { approximate, type EncodeHostedTool } from "../hostedTools.js"
import { cacheControl } from "./cacheControl.js"

/** Makes the encoder of one provider. */
export const hostedToolEncoder =
  (provider: string): EncodeHostedTool =>
  (tool, added) =>
    Either.map(toolOf(tool, provider), (fields) => ({
      ...fields,
      name: tool.name,
      ...cacheControl(tool.cache),
      ...added
    }))

const toolOf = (tool: HostedTool, provider: string): Either.Either<JsonObject, string> => {
  switch (tool.name) {
    case "web_search":
      return tool.allowedDomains !== undefined && tool.blockedDomains !== undefined
        ? Either.left(
            `tools: ${provider} accepts allowedDomains or blockedDomains in web_search; leave one of them out`
          )
        : Either.right({
            type: "web_search_20250305",
            max_uses: tool.maxUses,
            allowed_domains: tool.allowedDomains,
            blocked_domains: tool.blockedDomains,
            user_location: approximate(tool.userLocation)
          })
    case "code_execution":
      return Either.right({ type: "code_execution_20250825" })
    case "file_search":
      return Either.left(
        `tools: ${provider} has no file_search; send the files as parts of a message, or use OpenAI's Responses or Google`
      )
  }
}
