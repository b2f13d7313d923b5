/** What is known of a model: what its tokens cost, how many it takes, and what it can do. */

/** Prices in US dollars per 1,000,000 tokens, for the provider's standard processing. At most 9 decimals count. */
export interface Prices {
  /** Prompt tokens that neither come from a cache nor go to one. */
  readonly input: number
  /** Completion tokens. */
  readonly output: number
  /** Prompt tokens read from the provider's cache; the input price where it is not listed. */
  readonly cacheRead?: number | undefined
  /** Prompt tokens written to the provider's cache; the input price where it is not listed. */
  readonly cacheWrite?: number | undefined
  /** Prompt tokens written to a cache that keeps them for an hour; where it is not listed, their cost is unknown. */
  readonly cacheWriteHour?: number | undefined
  /** Completion tokens spent on reasoning; the output price where it is not listed. */
  readonly reasoning?: number | undefined
}

/** The prices of a request whose prompt is longer than `above` tokens: all of its tokens, not only those beyond. */
export interface Tier extends Prices {
  /** The length of the prompt in tokens, cached ones included, beyond which these prices hold. */
  readonly above: number
}

/** What a model can do beyond text: think, call tools, fit a JSON Schema, and be told a temperature. */
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
  /** For people, such as `GPT-4o mini`. */
  readonly name?: string | undefined
  /** The day of its release, `YYYY-MM-DD`. */
  readonly released?: string | undefined
  /** Whether the provider has announced its end. */
  readonly isDeprecated?: boolean | undefined
  /** Missing where nobody lists any; a price of 0 is free. */
  readonly prices?:
    | (Prices & {
        /** What longer prompts cost; of those that a prompt is longer than, the highest holds. */
        readonly tiers?: ReadonlyArray<Tier> | undefined
      })
    | undefined
  /** In tokens, each where it is known. */
  readonly limits?:
    | {
        /** Of prompt and answer together. */
        readonly context?: number | undefined
        /** Of the prompt alone. */
        readonly input?: number | undefined
        /** Of the answer alone. */
        readonly output?: number | undefined
      }
    | undefined
  /** What it can do beyond text; missing where it is not known. */
  readonly capabilities?: ReadonlyArray<Capability> | undefined
  /** What a prompt may hold. */
  readonly inputModalities?: ReadonlyArray<Modality> | undefined
  /** What an answer may hold. */
  readonly outputModalities?: ReadonlyArray<Modality> | undefined
}
