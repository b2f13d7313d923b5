/** The part of a provider's message that is examined. */

// In characters. Longer messages are pages or attacks; no phrase and no hint stands beyond this.
const maxExaminedLength = 4000

/** The beginning of a message: nothing looks at more of it, so that no message takes long to read. */
export const excerptOf = (message: string): string => message.slice(0, maxExaminedLength)
