/** How many tokens something has, and whether that is certain. */

/** A count of tokens. */
export interface TokenCount {
  /** How many. */
  readonly tokens: number
  /**
   * Whether it is certain: of a text, that these are its tokens in the model's own encoding; of a request, that the
   * provider will count the same. Otherwise it is an estimate, as far off as its counter says.
   */
  readonly isExact: boolean
}
