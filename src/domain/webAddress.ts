/** Checks addresses of web pages that a model or a provider names. Pages load it, so no Effect. */

// Longer addresses exist, but browsers and servers often reject them.
const maxLength = 2048

/**
 * Gives an address that is safe to show as a link: http or https, without blanks, control characters and credentials, at
 * most 2,048 characters. Anything else, such as `javascript:` or `data:`, is `undefined`.
 */
export const webAddress = (value: unknown): string | undefined => {
  if (typeof value !== "string" || value.length > maxLength || !/^https?:\/\//i.test(value)) return undefined
  const url = parsed(value)
  if (url === undefined || url.username !== "" || url.password !== "") return undefined
  return /^[\x21-\x7e]+$/.test(value) && !/["<>\\^`{|}]/.test(value) ? value : bounded(url.href)
}

// Escaped characters take several times their length.
const bounded = (href: string): string | undefined => (href.length > maxLength ? undefined : href)

const parsed = (value: string): URL | undefined => {
  try {
    return new URL(value)
  } catch {
    return undefined
  }
}
