/** Finds the secrets that a request sends: in its headers, its query, the user of its URL, and the body of a login. */
import { isObject } from "../../http/Json.js"

/** The shortest secret that is searched for, in characters. Shorter ones can be guessed, and occur in responses by chance. */
export const minSecretLength = 8

const secretName = /auth|key|token|secret|cookie|signature|password|passwd|credential|session|\bsig\b/i

/** Says whether a header or a parameter of this name holds a secret. */
export const isSecretName = (name: string): boolean => secretName.test(name)

// Stricter than for headers and forms, because the JSON of a request has fields such as `max_tokens` and `prompt_cache_key`.
const secretField = /secret|passw|credential|assertion|(?:refresh|access|id)_?token|api_?key/i

/** The parts of a request that can hold secrets. */
export interface SentRequest {
  readonly headers: { readonly [name: string]: string | undefined }
  readonly url: URL
  /** JSON or text. */
  readonly body: unknown
  readonly isForm: boolean
}

/** The secrets of a request, in plain text. */
export const sentSecrets = ({ headers, url, body, isForm }: SentRequest): ReadonlyArray<string> => {
  const inHeaders = Object.entries(headers).flatMap(([name, value = ""]) => (isSecretName(name) ? partsOf(value) : []))
  const inQuery = secretParameters(url.searchParams)
  const inUrl = [url.username, url.password].map(decoded)
  const inForm = isForm && typeof body === "string" ? secretParameters(new URLSearchParams(body)) : []
  const inJson = isObject(body)
    ? Object.entries(body).flatMap(([name, value]) =>
        secretField.test(name) && typeof value === "string" ? [value] : []
      )
    : []
  return Array.from(new Set([...inHeaders, ...inQuery, ...inUrl, ...inForm, ...inJson])).filter(
    (secret) => secret.length >= minSecretLength
  )
}

const secretParameters = (parameters: URLSearchParams): ReadonlyArray<string> =>
  Array.from(parameters).flatMap(([name, value]) => (isSecretName(name) ? [value] : []))

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
