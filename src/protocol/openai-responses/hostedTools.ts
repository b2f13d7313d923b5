/** Encodes the tools that OpenAI runs itself: https://platform.openai.com/docs/guides/tools */
import * as Either from "effect/Either"
import type { HostedTool } from "../../domain/HostedTool.js"
import type { JsonObject } from "../../http/Json.js"
import { approximate, type EncodeHostedTool, lackingOption } from "../hostedTools.js"

/** OpenAI's name of a hosted tool, also in `tool_choice`. */
export const hostedType = (tool: HostedTool): string =>
  tool.name === "code_execution" ? "code_interpreter" : tool.name

/** Makes the encoder of one provider. */
export const hostedToolEncoder =
  (provider: string): EncodeHostedTool =>
  (tool, added) =>
    Either.map(fieldsOf(tool, provider), (fields) => ({ type: hostedType(tool), ...fields, ...added }))

const fieldsOf = (tool: HostedTool, provider: string): Either.Either<JsonObject, string> => {
  switch (tool.name) {
    case "web_search": {
      const problem = lackingOption(tool, provider, {
        maxUses: `limit the calls of all hosted tools with providerOptions: { ${provider}: { max_tool_calls } } of the request`,
        blockedDomains: "use allowedDomains"
      })
      const { allowedDomains, userLocation } = tool
      return problem === undefined
        ? Either.right({
            filters: allowedDomains === undefined ? undefined : { allowed_domains: allowedDomains },
            user_location: approximate(userLocation)
          })
        : Either.left(problem)
    }
    case "code_execution":
      return Either.right({ container: { type: "auto" } })
    case "file_search":
      return Either.right({ vector_store_ids: tool.stores, max_num_results: tool.maxResults })
  }
}
