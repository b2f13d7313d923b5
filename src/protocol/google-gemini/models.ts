/** What the generations of Gemini's models need, by the id of a model. */

/** Checks whether a model is older than Gemini 3. An id without a number, such as `gemini-flash-latest`, is not. */
export const isBefore3 = (model: string): boolean =>
  /(?:^|\/)gemini-(?:[12](?:[.-]|$)|pro(?:-vision)?$|robotics-er-1\.)/.test(model)

/** Checks whether a model rejects function calls without a signature, as Gemini does since 3. */
export const requiresSignatures = (model: string): boolean => /(?:^|\/)gemini-/.test(model) && !isBefore3(model)

/** Checks whether a model before 3 cannot turn reasoning off: https://ai.google.dev/gemini-api/docs/thinking */
export const alwaysReasons = (model: string): boolean => /(?:^|\/)gemini-2\.5-pro(?:-|$)/.test(model)
