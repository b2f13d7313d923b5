/** Prices, limits and capabilities of a model. */

/** Prices in US dollars per 1,000,000 tokens, for the provider's standard processing. At most 9 decimals count. */
export interface Prices {
  /** Prompt tokens that neither come from a cache nor go to one. */
  readonly input: number
  /** Completion tokens. */
  readonly output: number
  /** Prompt tokens read from the provider's cache; the input price if not listed. */
  readonly cacheRead?: number | undefined
  /** Prompt tokens written to the provider's cache; the input price if not listed. */
  readonly cacheWrite?: number | undefined
  /** Prompt tokens written to a cache that expires after one hour; their cost is unknown if not listed. */
  readonly cacheWriteHour?: number | undefined
  /** Completion tokens spent on reasoning; the output price if not listed. */
  readonly reasoning?: number | undefined
}

/** The prices for all tokens of a request whose prompt is longer than `above` tokens. */
export interface Tier extends Prices {
  /** The length of the prompt in tokens, cached tokens included, above which these prices apply. */
  readonly above: number
}

/** Features of a model: reasoning, tools, output by a JSON Schema, and the temperature parameter. */
export type Capability = "reasoning" | "tools" | "structuredOutput" | "temperature"

/** What a model reads or writes. */
export type Modality = "text" | "image" | "audio" | "video" | "pdf"

/** A model of one provider. */
export interface ModelInfo {
  /** The provider's name in model strings, such as `openai`. */
  readonly provider: string
  /** The provider's own id of the model, such as `gpt-4o-mini`. */
  readonly model: string
  /** Other ids of the same model at the same prices, such as `gpt-4o-mini-2024-07-18`. */
  readonly aliases?: ReadonlyArray<string> | undefined
  /** The display name, such as `GPT-4o mini`. */
  readonly name?: string | undefined
  /** The day of its release, `YYYY-MM-DD`. */
  readonly released?: string | undefined
  /** Whether the provider has announced its retirement. */
  readonly isDeprecated?: boolean | undefined
  /** `undefined` if no prices are listed; a price of 0 is free. */
  readonly prices?:
    | (Prices & {
        /** Prices for longer prompts; the tier with the highest exceeded threshold applies. */
        readonly tiers?: ReadonlyArray<Tier> | undefined
      })
    | undefined
  /** In tokens; unknown limits are `undefined`. */
  readonly limits?:
    | {
        /** The maximum of prompt and answer together. */
        readonly context?: number | undefined
        /** The maximum of the prompt. */
        readonly input?: number | undefined
        /** The maximum of the answer. */
        readonly output?: number | undefined
      }
    | undefined
  /** Its features; `undefined` if unknown. */
  readonly capabilities?: ReadonlyArray<Capability> | undefined
  /** What a prompt may contain. */
  readonly inputModalities?: ReadonlyArray<Modality> | undefined
  /** What an answer may contain. */
  readonly outputModalities?: ReadonlyArray<Modality> | undefined
}
