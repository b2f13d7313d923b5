/**
 * Writes src/catalog/snapshot.ts from the model list of models.dev. Arguments: its path or URL, and its date.
 *
 *   npx tsx scripts/update-catalog.ts https://models.dev/api.json 2026-07-02
 */
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import type { Capability, Modality, ModelInfo, Prices, Tier } from "../src/catalog/ModelInfo.js"

/** The providers of the catalog: the name at models.dev, and ours. */
const providers: { readonly [theirs: string]: string } = {
  openai: "openai",
  anthropic: "anthropic",
  google: "google",
  groq: "groq",
  deepseek: "deepseek",
  mistral: "mistral",
  xai: "xai",
  togetherai: "together",
  "fireworks-ai": "fireworks",
  cerebras: "cerebras"
}

/**
 * Other ids of a model at the same prices, from the providers' own lists: the dated ids in OpenAI's responses
 * (https://platform.openai.com/docs/models), and the undated ones that Anthropic and Google document. Ids that models.dev
 * lists itself are not repeated here.
 */
const aliases: { readonly [provider: string]: { readonly [model: string]: ReadonlyArray<string> } } = {
  openai: {
    "gpt-3.5-turbo": ["gpt-3.5-turbo-0125"],
    "gpt-4": ["gpt-4-0613"],
    "gpt-4-turbo": ["gpt-4-turbo-2024-04-09"],
    "gpt-4.1": ["gpt-4.1-2025-04-14"],
    "gpt-4.1-mini": ["gpt-4.1-mini-2025-04-14"],
    "gpt-4.1-nano": ["gpt-4.1-nano-2025-04-14"],
    "gpt-4o-mini": ["gpt-4o-mini-2024-07-18"],
    "gpt-5": ["gpt-5-2025-08-07"],
    "gpt-5-mini": ["gpt-5-mini-2025-08-07"],
    "gpt-5-nano": ["gpt-5-nano-2025-08-07"],
    "gpt-5-pro": ["gpt-5-pro-2025-10-06"],
    "gpt-5.1": ["gpt-5.1-2025-11-13"],
    "gpt-5.2": ["gpt-5.2-2025-12-11"],
    "gpt-5.2-pro": ["gpt-5.2-pro-2025-12-11"],
    "gpt-5.4": ["gpt-5.4-2026-03-05"],
    "gpt-5.4-mini": ["gpt-5.4-mini-2026-03-17"],
    "gpt-5.4-nano": ["gpt-5.4-nano-2026-03-17"],
    "gpt-5.4-pro": ["gpt-5.4-pro-2026-03-05"],
    "gpt-5.5": ["gpt-5.5-2026-04-23"],
    "gpt-5.5-pro": ["gpt-5.5-pro-2026-04-23"],
    o1: ["o1-2024-12-17"],
    "o1-pro": ["o1-pro-2025-03-19"],
    o3: ["o3-2025-04-16"],
    "o3-deep-research": ["o3-deep-research-2025-06-26"],
    "o3-mini": ["o3-mini-2025-01-31"],
    "o3-pro": ["o3-pro-2025-06-10"],
    "o4-mini": ["o4-mini-2025-04-16"],
    "o4-mini-deep-research": ["o4-mini-deep-research-2025-06-26"]
  },
  anthropic: {
    "claude-3-5-sonnet-20241022": ["claude-3-5-sonnet-latest"],
    "claude-3-7-sonnet-20250219": ["claude-3-7-sonnet-latest"],
    "claude-3-opus-20240229": ["claude-3-opus-latest"]
  },
  google: {
    "gemini-2.0-flash": ["gemini-2.0-flash-001"],
    "gemini-2.0-flash-lite": ["gemini-2.0-flash-lite-001"]
  }
}

interface TheirPrices {
  readonly input: number
  readonly output: number
  readonly cache_read?: number
  /** Some entries use this instead of `cache_read`. */
  readonly cached_input?: number
  readonly cache_write?: number
  readonly reasoning?: number
}

interface TheirModel {
  readonly name: string
  readonly release_date: string
  readonly status?: string
  readonly reasoning?: boolean
  readonly tool_call?: boolean
  readonly structured_output?: boolean
  readonly temperature?: boolean
  readonly modalities: { readonly input: ReadonlyArray<Modality>; readonly output: ReadonlyArray<Modality> }
  readonly limit: { readonly context: number; readonly input?: number; readonly output: number }
  readonly cost?: TheirPrices & {
    readonly tiers?: ReadonlyArray<TheirPrices & { readonly tier: { readonly size: number } }>
    /** The older form of one tier. */
    readonly context_over_200k?: TheirPrices
  }
}

/** models.dev lists 0 if a paid model has no cache price. The catalog omits it, because it is not free. */
const cachePrice = (price: number | undefined, input: number): number | undefined =>
  price === 0 && input > 0 ? undefined : price

// Twice the input price, whatever the model: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
const hourly = (provider: string, cost: TheirPrices): number | undefined =>
  provider === "anthropic" && cost.cache_write !== undefined ? cost.input * 2 : undefined

const pricesOf = (provider: string, cost: TheirPrices): Prices => ({
  input: cost.input,
  output: cost.output,
  cacheRead: cachePrice(cost.cache_read ?? cost.cached_input, cost.input),
  cacheWrite: cachePrice(cost.cache_write, cost.input),
  cacheWriteHour: hourly(provider, cost),
  reasoning: cost.reasoning
})

const tiersOf = (provider: string, cost: NonNullable<TheirModel["cost"]>): ReadonlyArray<Tier> =>
  cost.tiers !== undefined
    ? cost.tiers.map((tier) => ({ above: tier.tier.size, ...pricesOf(provider, tier) }))
    : cost.context_over_200k !== undefined
      ? [{ above: 200_000, ...pricesOf(provider, cost.context_over_200k) }]
      : []

/** False for models that output text and something else: models.dev lists one price, but the provider has two. */
const hasOnePrice = ({ modalities: { output } }: TheirModel): boolean => !output.includes("text") || output.length === 1

const capabilitiesOf = (model: TheirModel): ReadonlyArray<Capability> => [
  ...(model.reasoning === true ? (["reasoning"] as const) : []),
  ...(model.tool_call === true ? (["tools"] as const) : []),
  ...(model.structured_output === true ? (["structuredOutput"] as const) : []),
  ...(model.temperature === true ? (["temperature"] as const) : [])
]

const modelInfoOf = (provider: string, model: string, theirs: TheirModel): ModelInfo => {
  const cost = hasOnePrice(theirs) ? theirs.cost : undefined
  const tiers = cost === undefined ? [] : tiersOf(provider, cost)
  return {
    provider,
    model,
    aliases: aliases[provider]?.[model],
    name: theirs.name,
    released: theirs.release_date,
    isDeprecated: theirs.status === "deprecated" || undefined,
    prices: cost && { ...pricesOf(provider, cost), tiers: tiers.length === 0 ? undefined : tiers },
    // Image models are listed with limits of 0, which means unknown.
    limits: {
      context: theirs.limit.context || undefined,
      input: theirs.limit.input || undefined,
      output: theirs.limit.output || undefined
    },
    capabilities: capabilitiesOf(theirs),
    inputModalities: theirs.modalities.input,
    outputModalities: theirs.modalities.output
  }
}

/** The TypeScript source of a value, without `undefined` fields and unnecessary quotes. */
const sourceOf = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(sourceOf).join(", ")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return fields.length === 0 ? "{}" : `{ ${fields.map(([name, field]) => `${name}: ${sourceOf(field)}`).join(", ")} }`
}

const license = `MIT License. Copyright (c) 2025 models.dev

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

const moduleOf = (
  date: string,
  models: ReadonlyArray<ModelInfo>
): string => `/** Prices, limits and capabilities of models, from models.dev on ${date}. Generated by scripts/update-catalog.ts. */
// biome-ignore-all format: one line per model, so that an update can be read
import type { ModelInfo } from "./ModelInfo.js"

/*
The data is from https://models.dev (https://github.com/anomalyco/models.dev):

${license}
*/

/** The date of the data. */
export const date = "${date}"

/** All models of the providers that model strings can name, except providers that resell or rename others' models. */
export const models: ReadonlyArray<ModelInfo> = [
${models.map((model) => `  ${sourceOf(model)}`).join(",\n")}
]
`

const [source, givenDate] = process.argv.slice(2)
if (source === undefined)
  throw new Error("missing arguments; give the path or URL of a models.dev api.json, and its date")
const text = /^https?:/.test(source) ? await (await fetch(source)).text() : await readFile(source, "utf8")
const json = JSON.parse(text)
const date = givenDate ?? /\d{4}-\d{2}-\d{2}/.exec(json.source ?? "")?.[0] ?? new Date().toISOString().slice(0, 10)
const all: Record<string, { readonly models: Record<string, TheirModel> }> = json.providers ?? json
const models = Object.entries(providers).flatMap(([theirs, ours]) =>
  Object.entries(all[theirs]?.models ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, model]) => modelInfoOf(ours, id, model))
)
const path = fileURLToPath(new URL("../src/catalog/snapshot.ts", import.meta.url))
await writeFile(path, moduleOf(date, models))
process.stdout.write(`${models.length} models of ${date} written to ${path}\n`)
