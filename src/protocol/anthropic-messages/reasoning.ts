/**
 * How much a model thinks and how long its answer may be, in the form that its generation takes:
 * https://platform.claude.com/docs/en/build-with-claude/thinking and https://platform.claude.com/docs/en/build-with-claude/effort
 */
import { Either } from "effect"
import type { Reasoning } from "../../domain/ChatRequest.js"
import type { PreparedRequest } from "../PreparedRequest.js"

/** The `thinking` field. */
export type Thinking =
  | { readonly type: "enabled"; readonly budget_tokens: number }
  | { readonly type: "adaptive"; readonly display: "summarized" }
  | { readonly type: "disabled" | "between_tools" }

/** What bounds the thinking and the answer. */
export interface Limits {
  readonly maxTokens: number
  readonly thinking?: Thinking | undefined
  /** The level of `output_config.effort`. */
  readonly effort?: string | undefined
}

type Effort = Exclude<Reasoning["effort"], undefined>

/** Decides them for a request, or says which of its fields cannot be. */
export const limitsOf = (request: PreparedRequest, provider: string): Either.Either<Limits, string> => {
  const { effort, budgetTokens } = request.reasoning ?? {}
  if (effort === "none") {
    return budgetTokens === undefined
      ? Either.right({ maxTokens: maxTokensOf(request), thinking: off(request.model) })
      : Either.left("reasoning.budgetTokens contradicts the effort none; leave one of them out")
  }
  const isAdaptive = generationOf(request.model) >= 406
  const level = isAdaptive && effort !== undefined ? levelOf(request.model, effort) : undefined
  if (budgetTokens !== undefined) return budgeted(request, budgetTokens, level, provider)
  if (effort === undefined) return Either.right({ maxTokens: maxTokensOf(request) })
  if (!isAdaptive) return budgeted(request, budgetFor(effort, request.maxTokens), undefined, provider)
  // Newer models leave the text of their reasoning out unless they are asked for it.
  const thinking = { type: "adaptive", display: "summarized" } as const
  return Either.right({ maxTokens: request.maxTokens ?? thinkingMaxTokens, thinking, effort: level })
}

const budgeted = (
  request: PreparedRequest,
  budget: number,
  effort: string | undefined,
  provider: string
): Either.Either<Limits, string> => {
  if (budget < smallestBudget) {
    return Either.left(`reasoning.budgetTokens must be at least ${smallestBudget} with ${provider}`)
  }
  const maxTokens = request.maxTokens ?? maxTokensOf(request) + budget
  if (maxTokens <= budget) {
    return Either.left(`maxTokens must be above the ${budget} tokens of reasoning, which ${provider} counts in it`)
  }
  return Either.right({ maxTokens, thinking: { type: "enabled", budget_tokens: budget }, effort })
}

/**
 * The generation that a model's name tells, 406 for 4.6; a Claude without a number is the newest, another's model like
 * Claude 4. The date at the end of a name is no part of it.
 */
const generationOf = (model: string): number => {
  const [, major, minor] = /claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2}))?(?!\d)/.exec(model) ?? []
  if (major !== undefined) return Number(major) * 100 + Number(minor ?? 0)
  return model.includes("claude") ? Number.POSITIVE_INFINITY : 400
}

/**
 * The tokens of an answer for which none were asked, as Anthropic wants a number: enough for ordinary answers, and
 * within the 4,096 that Claude 3 takes at most, the 8,192 of 3.5, and the 64,000 or more of those that think unasked.
 */
const maxTokensOf = (request: PreparedRequest): number => {
  if (request.maxTokens !== undefined) return request.maxTokens
  const generation = generationOf(request.model)
  return generation < 305 ? 4096 : generation < 500 ? 8192 : thinkingMaxTokens
}

const thinkingMaxTokens = 32_000
const smallestBudget = 1024

/** Models before 4.6 take a budget only; the largest leaves room for 8,192 tokens of answer in the 32,000 of Opus 4. */
const budgets: { readonly [effort in Exclude<Effort, "none">]: number } = {
  minimal: smallestBudget,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 23_552
}

const budgetFor = (effort: Exclude<Effort, "none">, maxTokens = Number.POSITIVE_INFINITY): number =>
  Math.max(smallestBudget, Math.min(budgets[effort], Math.floor(maxTokens * 0.8)))

/** Anthropic has no `minimal`, and 4.6 has `max` but not yet `xhigh`. */
const levelOf = (model: string, effort: Exclude<Effort, "none">): string => {
  if (effort === "minimal") return "low"
  return effort === "xhigh" && generationOf(model) === 406 ? "max" : effort
}

/** Claude 4 only thinks when asked; the later ones must be told not to, and those that always think refuse it. */
const off = (model: string): Thinking | undefined => {
  if (/claude-sonnet-5-5/.test(model)) return { type: "between_tools" }
  return model.includes("claude") && generationOf(model) < 500 ? undefined : { type: "disabled" }
}
