/** How much a server may send. */

/** How much a server may send. Longer descriptions are cut; everything else that is larger is an error. */
export interface McpLimits {
  /** Tools of one server; 128 by default. */
  readonly tools?: number | undefined
  /** Characters of the description of a tool; 4,096 by default. */
  readonly description?: number | undefined
  /** Characters of the JSON Schema of a tool's parameters; 32,768 by default. */
  readonly schema?: number | undefined
  /** Levels of the JSON Schema of a tool's parameters; 32 by default. */
  readonly schemaDepth?: number | undefined
  /** Parts of a result, such as texts and images; 64 by default. */
  readonly parts?: number | undefined
  /** Characters of a result, with images in base64; 4,194,304 by default. */
  readonly result?: number | undefined
}

/** The limits, with defaults in the place of what is missing. */
export type Limits = { readonly [Name in keyof McpLimits]-?: number }

/** Fills the defaults in. */
export const limitsOf = ({
  tools = 128,
  description = 4096,
  schema = 32_768,
  schemaDepth = 32,
  parts = 64,
  result = 4_194_304
}: McpLimits = {}): Limits => ({ tools, description, schema, schemaDepth, parts, result })

/** The most bytes of one message of a server, before anything reads it. The largest result fits, in UTF-8. */
export const maxMessageBytes = (limits: Limits): number => 4 * limits.result + 1_048_576
