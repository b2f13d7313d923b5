/** AWS Signature Version 4 as an auth: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
import { Clock, Effect } from "effect"
import { type Auth, AuthenticationError, type NetworkError } from "llm-connectivity"

/** The credentials of AWS; temporary ones have a session token. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Where a request is valid. */
export interface SigningScope {
  readonly region: string
  readonly service: string
}

/** A request to sign, of any method, as the published vectors have several. */
export interface AnyRequest {
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
}

/** What is signed, step by step, and the headers to add. */
export interface Signed {
  readonly canonicalRequest: string
  readonly stringToSign: string
  readonly signature: string
  readonly headers: { readonly [name: string]: string }
}

const encoder = new TextEncoder()

const hexOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("")

const hash = async (bytes: Uint8Array): Promise<string> =>
  hexOf(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)))

const hmac = async (key: ArrayBuffer | Uint8Array, text: string): Promise<ArrayBuffer> => {
  const imported = await crypto.subtle.importKey("raw", Uint8Array.from(new Uint8Array(key)), algorithm, false, [
    "sign"
  ])
  return crypto.subtle.sign("HMAC", imported, encoder.encode(text))
}

const algorithm = { name: "HMAC", hash: "SHA-256" }

/** Derives the key of one day, region and service. */
export const signingKey = async (
  secretAccessKey: string,
  date: string,
  { region, service }: SigningScope
): Promise<ArrayBuffer> => {
  let key = await hmac(encoder.encode(`AWS4${secretAccessKey}`), date)
  for (const part of [region, service, "aws4_request"]) key = await hmac(key, part)
  return key
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)

const byCodeUnit = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

// Every service but S3 encodes the encoded path once more.
const canonicalPath = (url: URL): string => url.pathname.split("/").map(encode).join("/")

const canonicalQuery = (url: URL): string =>
  Array.from(url.searchParams, ([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort(byCodeUnit)
    .join("&")

// Browsers replace this header.
const unsigned = new Set(["accept-encoding"])

/** Signs a request as of a time in milliseconds. */
export const signRequest = async (
  request: AnyRequest,
  credentials: AwsCredentials,
  scope: SigningScope,
  atMillis: number
): Promise<Signed> => {
  const url = new URL(request.url)
  const time = new Date(atMillis).toISOString().replace(/[-:]|\.\d+/g, "")
  const date = time.slice(0, 8)
  const { sessionToken } = credentials
  const added = { "x-amz-date": time, ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }) }
  const signed = Object.entries({ ...request.headers, host: url.host, ...added })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, " ")] as const)
    .filter(([name]) => !unsigned.has(name))
    .sort(([one], [other]) => byCodeUnit(one, other))
  const names = signed.map(([name]) => name).join(";")
  const canonicalRequest = [
    request.method,
    canonicalPath(url),
    canonicalQuery(url),
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    await hash(request.body)
  ].join("\n")
  const scopeText = `${date}/${scope.region}/${scope.service}/aws4_request`
  const stringToSign = ["AWS4-HMAC-SHA256", time, scopeText, await hash(encoder.encode(canonicalRequest))].join("\n")
  const signature = hexOf(await hmac(await signingKey(credentials.secretAccessKey, date, scope), stringToSign))
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scopeText}, SignedHeaders=${names}, Signature=${signature}`
  return { canonicalRequest, stringToSign, signature, headers: { authorization, ...added } }
}

/** How requests are signed. Credentials are read for each request, as temporary ones expire. */
export interface SigV4Options extends SigningScope {
  readonly credentials: Effect.Effect<AwsCredentials, AuthenticationError | NetworkError>
}

/** Signs each request. */
export const sigV4 = (options: SigV4Options): Auth => ({
  sign: (request) =>
    Effect.gen(function* () {
      const credentials = yield* options.credentials
      const now = yield* Clock.currentTimeMillis
      const { headers, signature } = yield* Effect.tryPromise({
        try: () => signRequest(request, credentials, options, now),
        catch: () =>
          new AuthenticationError({
            provider: "",
            model: "",
            message: "the request could not be signed; check the key"
          })
      })
      const { secretAccessKey, sessionToken } = credentials
      return { headers, secrets: [secretAccessKey, signature, ...(sessionToken === undefined ? [] : [sessionToken])] }
    })
})
