/** The part of an error's message in which the provider speaks, which can name the account of the caller. */
import { type LLMError, withMessage } from "./LLMError.js"

const opening = " (it says: "

/** Writes what the provider says, as the end of a message. */
export const providerMessage = (quoted: string): string => `${opening}${quoted})`

/** Returns the error without what the provider says; the same error if it says nothing. */
export const withoutProviderMessage = (error: LLMError): LLMError => {
  const at = error.message.indexOf(opening)
  return at === -1 ? error : withMessage(error, error.message.slice(0, at))
}
