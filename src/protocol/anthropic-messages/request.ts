/** Writes a request as Anthropic's messages read it: https://platform.claude.com/docs/en/api/messages/create */
import { Either } from "effect"
import type { ToolChoice } from "../../domain/ChatRequest.js"
import type { PlainTool, PreparedRequest } from "../PreparedRequest.js"
import type { Encoded } from "../Protocol.js"
import { formatOf } from "./format.js"
import { systemOf, turnsOf } from "./messages.js"
import { type Block, cacheControl } from "./parts.js"
import { limitsOf, type Thinking } from "./reasoning.js"

/** What the vendors of this protocol want sent differently. */
export interface Differences {
  /** The name under which the provider's `providerOptions` stand, and its data in an assistant's message. */
  readonly provider: string
}

type Request = PreparedRequest

/** Writes a request, or says what this protocol cannot carry. */
export const encode = (request: Request, stream: boolean, { provider }: Differences): Either.Either<Encoded, string> =>
  Either.gen(function* () {
    const limits = yield* limitsOf(request, provider)
    yield* checkSampling(request, limits.thinking, provider)
    const system = systemOf(request.messages)
    const messages = yield* turnsOf(request.messages, provider)
    const tools = (request.tools ?? []).map(toolOf)
    const format = yield* formatOf(request.responseFormat, provider)
    yield* checkMarks([...tools, ...system, ...messages.flatMap((message) => message.content)], provider)
    const body = {
      model: request.model,
      max_tokens: limits.maxTokens,
      system: system.length === 0 ? undefined : system,
      messages,
      stream,
      temperature: request.temperature,
      top_p: request.topP,
      stop_sequences: typeof request.stop === "string" ? [request.stop] : request.stop,
      tools: tools.length === 0 ? undefined : tools,
      tool_choice: toolChoiceOf(request),
      thinking: limits.thinking,
      output_config:
        limits.effort === undefined && format === undefined ? undefined : { effort: limits.effort, format },
      ...request.providerOptions?.[provider]
    }
    return { path: "/v1/messages", body }
  })

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking#feature-compatibility */
const checkSampling = (
  request: Request,
  thinking: Thinking | undefined,
  provider: string
): Either.Either<void, string> => {
  const { temperature, topP, toolChoice } = request
  if (request.seed !== undefined) return Either.left(`${provider} has no seed; leave it out`)
  if (temperature !== undefined && temperature > 1) {
    return Either.left(`temperature must be a number from 0 to 1 with ${provider}`)
  }
  if (thinking?.type !== "enabled" && thinking?.type !== "adaptive") return Either.void
  const instead = `with ${provider} while it reasons; leave it out, or leave reasoning out`
  if (temperature !== undefined && temperature !== 1) return Either.left(`temperature cannot be chosen ${instead}`)
  if (topP !== undefined && topP < 0.95) return Either.left(`topP cannot be below 0.95 ${instead}`)
  if (toolChoice === "required" || typeof toolChoice === "object") {
    return Either.left(`toolChoice cannot force a call ${instead}`)
  }
  return Either.void
}

const mostMarks = 4

const checkMarks = (blocks: ReadonlyArray<Block>, provider: string): Either.Either<void, string> => {
  const marks = blocks.filter((block) => block["cache_control"] !== undefined).length
  return marks <= mostMarks
    ? Either.void
    : Either.left(`${provider} takes at most ${mostMarks} cache marks in a request, but there are ${marks}`)
}

const toolOf = (tool: PlainTool): Block => ({
  name: tool.name,
  description: tool.description,
  input_schema: tool.parameters,
  ...cacheControl(tool.cache)
})

const toolChoiceOf = ({ toolChoice, parallelToolCalls }: Request): Block | undefined => {
  const choice = choiceOf(toolChoice ?? (parallelToolCalls === undefined ? undefined : "auto"))
  return parallelToolCalls === undefined || choice === undefined || choice["type"] === "none"
    ? choice
    : { ...choice, disable_parallel_tool_use: !parallelToolCalls }
}

const choiceOf = (choice: ToolChoice | undefined): Block | undefined => {
  if (choice === undefined) return undefined
  if (typeof choice === "object") return { type: "tool", name: choice.name }
  return { type: choice === "required" ? "any" : choice }
}
