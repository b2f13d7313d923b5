/** The ways in which vendors of chat completions differ, as data. */

/** Something that not every vendor takes. */
export type Refusal =
  | "tools"
  /** Any `toolChoice` but `auto`. */
  | "toolChoice"
  /** A `toolChoice` that names a tool. */
  | "namedTool"
  | "images"
  /** Images at an address. */
  | "imageUrls"
  | "files"
  /** Files at an address. */
  | "fileUrls"
  | "stop"

/** What the vendors of this protocol want sent differently from OpenAI. */
export interface Differences {
  /** The name in errors, and the one under which the provider's `providerOptions` stand. */
  readonly provider: string
  /** The field that bounds the answer; OpenAI's reasoning models refuse the older `max_tokens`. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens"
  /** Whether the usage of a stream must be asked for (the default); some send it unasked and refuse the field. */
  readonly usageIsAskedFor?: boolean
  /** The field of the seed, `null` where there is none; `seed` by default. */
  readonly seedField?: "seed" | "random_seed" | null
  /**
   * How reasoning is asked for: an effort (the default), an object with effort or budget, a switch beside the effort,
   * or not at all.
   */
  readonly reasoning?: "effort" | "object" | "switch" | null
  /** The field in which a turn takes its reasoning back; by default it is left out. */
  readonly reasoningField?: "reasoning_content"
  /** Whether an answer can be held to JSON of any form; it can by default. */
  readonly jsonMode?: boolean
  /** Whether an answer can be held to a JSON Schema; it can by default. */
  readonly jsonSchema?: boolean
  /** The word that forces some tool call; `required` by default. */
  readonly requiredTool?: "required" | "any"
  /** What the vendor does not take at all. */
  readonly refuses?: ReadonlyArray<Refusal>
}
