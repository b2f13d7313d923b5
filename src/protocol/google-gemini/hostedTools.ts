/** Encodes the tools that Google runs itself: https://ai.google.dev/gemini-api/docs/tools */
import * as Either from "effect/Either"
import type { HostedTool } from "../../domain/HostedTool.js"
import type { JsonObject } from "../../http/Json.js"
import { chosenHostedTool, type EncodeHostedTool, encodeHostedTools, lackingOption } from "../hostedTools.js"
import type { PreparedRequest } from "../PreparedRequest.js"
import { isBefore3 } from "./models.js"

/** Encodes the hosted tools of a request, or says in a sentence what Gemini cannot do with them. */
export const hostedToolsOf = (
  request: PreparedRequest,
  provider: string
): Either.Either<ReadonlyArray<JsonObject>, string> => {
  const { hostedTools = [], toolChoice } = request
  // Gemini's modes are about functions only, so without the tools it cannot call them.
  if (hostedTools.length === 0 || toolChoice === "none") return Either.right([])
  const problem = combinationProblem(request)
  return problem === undefined ? encodeHostedTools(request, provider, toolOf) : Either.left(problem)
}

const toolOf: EncodeHostedTool = (tool, added) =>
  Either.map(fieldsOf(tool), (fields) => ({ [fieldNames[tool.name]]: { ...fields, ...added } }))

const combinationProblem = (request: PreparedRequest): string | undefined => {
  const chosen = chosenHostedTool(request)
  if (chosen !== undefined) return `toolChoice: Gemini cannot be made to call ${chosen.name}; leave toolChoice out`
  const hasFunctions = (request.tools ?? []).length > 0
  if (hasFunctions && isBefore3(request.model)) {
    return "tools: Gemini before 3 does not accept functions beside hosted tools; leave one of them out, or use a later model"
  }
  return request.toolChoice === "required" && !hasFunctions
    ? "toolChoice: Gemini cannot be made to call a hosted tool; leave toolChoice out"
    : undefined
}

const fieldNames = { web_search: "googleSearch", code_execution: "codeExecution", file_search: "fileSearch" } as const

const noOption = "leave it out"

const fieldsOf = (tool: HostedTool): Either.Either<JsonObject, string> => {
  switch (tool.name) {
    case "web_search": {
      const problem = lackingOption(tool, "Gemini", {
        maxUses: noOption,
        allowedDomains: noOption,
        blockedDomains: noOption,
        userLocation: noOption
      })
      return problem === undefined ? Either.right({}) : Either.left(problem)
    }
    case "code_execution":
      return Either.right({})
    case "file_search":
      return Either.right({ fileSearchStoreNames: tool.stores, topK: tool.maxResults })
  }
}
