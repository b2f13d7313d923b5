/** Finds the secrets that a request sends: in its headers, its query and the user of its URL. */

/** The shortest secret that is searched for, in characters. Shorter ones can be guessed, and occur in responses by chance. */
export const minSecretLength = 8

const secretName = /auth|key|token|secret|cookie|signature|password|passwd|credential|session|\bsig\b/i

/** Says whether a header or a parameter of this name holds a secret. */
export const isSecretName = (name: string): boolean => secretName.test(name)

/** The secrets of a request, in plain text. */
export const sentSecrets = (
  headers: { readonly [name: string]: string | undefined },
  url: URL
): ReadonlyArray<string> => {
  const inHeaders = Object.entries(headers).flatMap(([name, value = ""]) => (isSecretName(name) ? partsOf(value) : []))
  const inQuery = Array.from(url.searchParams).flatMap(([name, value]) => (isSecretName(name) ? [value] : []))
  const inUrl = [url.username, url.password].map(decoded)
  return Array.from(new Set([...inHeaders, ...inQuery, ...inUrl])).filter((secret) => secret.length >= minSecretLength)
}

/** A header without its scheme; the values of cookies; the name and password of basic authentication. */
const partsOf = (value: string): ReadonlyArray<string> => {
  const [, scheme = "", rest = value] = /^([A-Za-z][\w-]*) +(.+)$/.exec(value) ?? []
  const fields = rest.split(/[;,] */).flatMap((field) => /^[\w-]+=(.+)$/.exec(field)?.[1] ?? [])
  const basic = scheme.toLowerCase() === "basic" ? basicParts(rest) : []
  return [rest, ...fields, ...basic]
}

const basicParts = (encoded: string): ReadonlyArray<string> => {
  // `atob` throws for what is not base64.
  try {
    const plain = atob(encoded)
    return [plain, plain.slice(plain.indexOf(":") + 1)]
  } catch {
    return []
  }
}

const decoded = (text: string): string => {
  // Throws for a wrong escape.
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
