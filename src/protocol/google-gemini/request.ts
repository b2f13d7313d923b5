/** Writes a request as Gemini reads it: https://ai.google.dev/api/generate-content */
import { Either } from "effect"
import type { Reasoning, ToolChoice } from "../../domain/ChatRequest.js"
import { isObject } from "../../http/Json.js"
import type { PlainFormat, PlainTool, PreparedRequest } from "../PreparedRequest.js"
import type { Encoded } from "../Protocol.js"
import { contentsOf, systemInstructionOf } from "./content.js"
import * as Model from "./model.js"

/** What those who serve this protocol want sent differently. */
export interface Differences {
  /** The name under which the provider's `providerOptions` stand, and under which its signatures come back. */
  readonly provider: string
}

/**
 * Writes a request, or says what Gemini cannot carry. `providerOptions` go into the body last, a field of theirs in
 * place of ours; only `generationConfig` is merged field by field.
 */
export const encode = (
  request: PreparedRequest,
  stream: boolean,
  { provider }: Differences
): Either.Either<Encoded, string> =>
  Either.gen(function* () {
    if (request.parallelToolCalls === false) {
      return yield* Either.left("parallelToolCalls cannot be false with Gemini; leave it out")
    }
    const path = yield* Model.pathOf(request.model)
    const contents = yield* contentsOf(request.messages, { model: request.model, provider })
    const functionDeclarations = (request.tools ?? []).map(toolOf)
    const generationConfig = {
      maxOutputTokens: request.maxTokens,
      temperature: request.temperature,
      topP: request.topP,
      stopSequences: typeof request.stop === "string" ? [request.stop] : request.stop,
      seed: request.seed,
      ...(yield* responseFormatOf(request.responseFormat)),
      thinkingConfig: yield* thinkingConfigOf(request.reasoning ?? {}, request.model)
    }
    const options = request.providerOptions?.[provider]
    const ownConfig = options?.generationConfig
    const body = {
      contents,
      systemInstruction: systemInstructionOf(request.messages),
      tools: functionDeclarations.length === 0 ? undefined : [{ functionDeclarations }],
      toolConfig: toolConfigOf(request.toolChoice),
      ...options,
      generationConfig: isObject(ownConfig) ? { ...generationConfig, ...ownConfig } : (ownConfig ?? generationConfig)
    }
    return { path: `${path}${stream ? ":streamGenerateContent?alt=sse" : ":generateContent"}`, body }
  })

/** https://ai.google.dev/api/caching#FunctionDeclaration */
const toolOf = (tool: PlainTool): unknown => ({
  name: tool.name,
  description: tool.description,
  parametersJsonSchema: tool.parameters
})

const modes = { auto: "AUTO", none: "NONE", required: "ANY" } as const

/** https://ai.google.dev/api/caching#FunctionCallingConfig */
const toolConfigOf = (choice: ToolChoice | undefined): unknown => {
  if (choice === undefined) return undefined
  if (typeof choice === "string") return { functionCallingConfig: { mode: modes[choice] } }
  return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [choice.name] } }
}

/** https://ai.google.dev/gemini-api/docs/structured-output; a schema has no name there. */
const responseFormatOf = (
  format: PlainFormat | undefined
): Either.Either<{ readonly [field: string]: unknown }, string> => {
  if (format === undefined || format.type === "text") return Either.right({})
  const responseMimeType = "application/json"
  return Either.right({ responseMimeType, responseJsonSchema: format.schema })
}

type Effort = Exclude<NonNullable<Reasoning["effort"]>, "none" | "xhigh">

/** What Google itself makes of an effort for models before 3: https://ai.google.dev/gemini-api/docs/openai#thinking */
const budgets: { readonly [effort in Effort]: number } = { minimal: 1024, low: 1024, medium: 8192, high: 24576 }

/**
 * Gemini 3 and later take a level, those before it a budget, and none takes both:
 * https://ai.google.dev/gemini-api/docs/thinking. Which levels a model has, Google says itself when it is asked.
 */
const thinkingConfigOf = ({ effort, budgetTokens }: Reasoning, model: string): Either.Either<unknown, string> => {
  if (effort !== undefined && budgetTokens !== undefined) {
    return Either.left("reasoning has both effort and budgetTokens, of which Gemini takes one")
  }
  if (budgetTokens !== undefined) return Either.right({ includeThoughts: true, thinkingBudget: budgetTokens })
  if (effort === undefined) return Either.right(undefined)
  if (effort === "none") return withoutThinking(model)
  if (effort === "xhigh") return Either.left('reasoning.effort "xhigh" is not known to Gemini; "high" is its most')
  return Either.right({
    includeThoughts: true,
    ...(Model.isBefore3(model) ? { thinkingBudget: budgets[effort] } : { thinkingLevel: effort })
  })
}

const withoutThinking = (model: string): Either.Either<unknown, string> => {
  if (!Model.isBefore3(model)) {
    return Either.left('reasoning.effort "none" is known to Gemini only before 3; use "minimal" or "low"')
  }
  return Model.alwaysThinks(model)
    ? Either.left(
        'reasoning.effort "none" is not known to this model, which always thinks; use budgetTokens: 128, its least'
      )
    : Either.right({ thinkingBudget: 0 })
}
