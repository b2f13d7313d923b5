/**
 * Chooses `max_tokens`, `thinking` and the effort for a model's generation:
 * https://platform.claude.com/docs/en/build-with-claude/thinking and https://platform.claude.com/docs/en/build-with-claude/effort
 */
import * as Either from "effect/Either"
import type { Reasoning } from "../../domain/ChatRequest.js"
import type { PreparedRequest } from "../PreparedRequest.js"

/** The `thinking` field. */
export type Thinking =
  | { readonly type: "enabled"; readonly budget_tokens: number }
  | { readonly type: "adaptive"; readonly display: "summarized" }
  | { readonly type: "disabled" | "between_tools" }

/** The fields that limit reasoning and output. */
export interface Limits {
  readonly maxTokens: number
  readonly thinking?: Thinking | undefined
  /** The level of `output_config.effort`. */
  readonly effort?: string | undefined
}

type Effort = Exclude<Reasoning["effort"], undefined>

/** Chooses the limits of a request, or says which of its fields contradict each other or the model. */
export const limitsOf = (request: PreparedRequest, provider: string): Either.Either<Limits, string> => {
  const { effort, budgetTokens } = request.reasoning ?? {}
  if (effort === "none") {
    return budgetTokens === undefined
      ? Either.right({ maxTokens: maxTokensOf(request), thinking: disabledThinking(request.model) })
      : Either.left('reasoning.budgetTokens contradicts reasoning.effort "none"; leave one of them out')
  }
  const isAdaptive = generationOf(request.model) >= 406
  const level = isAdaptive && effort !== undefined ? levelOf(request.model, effort) : undefined
  if (budgetTokens !== undefined) return budgeted(request, budgetTokens, level, provider)
  if (effort === undefined) return Either.right({ maxTokens: maxTokensOf(request) })
  if (!isAdaptive) return budgeted(request, budgetFor(effort, request.maxTokens), undefined, provider)
  // Newer models omit the text of their reasoning unless the request sets `display`.
  const thinking = { type: "adaptive", display: "summarized" } as const
  return Either.right({ maxTokens: request.maxTokens ?? thinkingMaxTokens, thinking, effort: level })
}

const budgeted = (
  request: PreparedRequest,
  budget: number,
  effort: string | undefined,
  provider: string
): Either.Either<Limits, string> => {
  if (budget < minBudget) {
    return Either.left(`reasoning.budgetTokens must be at least ${minBudget} with ${provider}`)
  }
  const maxTokens = request.maxTokens ?? maxTokensOf(request) + budget
  if (maxTokens <= budget) {
    return Either.left(
      `maxTokens must be above the ${budget} tokens of reasoning, because ${provider} counts reasoning in maxTokens`
    )
  }
  return Either.right({ maxTokens, thinking: { type: "enabled", budget_tokens: budget }, effort })
}

/**
 * Reads the generation from a model's name: 406 for 4.6. A Claude without a number counts as the newest, and another
 * vendor's model as Claude 4. The date at the end of a name is not part of the number.
 */
const generationOf = (model: string): number => {
  const [, major, minor] = /claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2}))?(?!\d)/.exec(model) ?? []
  if (major !== undefined) return Number(major) * 100 + Number(minor ?? 0)
  return model.includes("claude") ? Number.POSITIVE_INFINITY : 400
}

/**
 * The default of `max_tokens`, which Anthropic requires. It is enough for ordinary responses and within each
 * generation's limit: 4,096 for Claude 3, 8,192 for 3.5, and 64,000 or more for models that reason by default.
 */
const maxTokensOf = (request: PreparedRequest): number => {
  if (request.maxTokens !== undefined) return request.maxTokens
  const generation = generationOf(request.model)
  return generation < 305 ? 4096 : generation < 500 ? 8192 : thinkingMaxTokens
}

const thinkingMaxTokens = 32_000
const minBudget = 1024

/** Models before 4.6 accept only a budget. The largest leaves 8,192 of the 32,000 tokens of Opus 4 for the text. */
const budgets: { readonly [effort in Exclude<Effort, "none">]: number } = {
  minimal: minBudget,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 23_552
}

const budgetFor = (effort: Exclude<Effort, "none">, maxTokens = Number.POSITIVE_INFINITY): number =>
  Math.max(minBudget, Math.min(budgets[effort], Math.floor(maxTokens * 0.8)))

/** Anthropic has no `minimal`; 4.6 has `max` instead of `xhigh`. */
const levelOf = (model: string, effort: Exclude<Effort, "none">): string => {
  if (effort === "minimal") return "low"
  return effort === "xhigh" && generationOf(model) === 406 ? "max" : effort
}

/** Claude 4 reasons only on request, later models by default. Models that always reason reject `disabled`. */
const disabledThinking = (model: string): Thinking | undefined => {
  if (/claude-sonnet-5-5/.test(model)) return { type: "between_tools" }
  return model.includes("claude") && generationOf(model) < 500 ? undefined : { type: "disabled" }
}
