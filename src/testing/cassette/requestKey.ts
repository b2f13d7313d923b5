/** Reads the properties by which requests are matched: method, URL and canonical body, without secrets. */
import type * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { canonicalText } from "../../http/canonicalJson.js"
import type { RecordedRequest } from "./Exchange.js"
import { decodedBytes, SecretMask } from "./SecretMask.js"
import { isSecretName, sentSecrets } from "./sentSecrets.js"

/** A request, and the secrets that it sends. */
export interface RequestKey {
  readonly request: RecordedRequest
  readonly secrets: ReadonlyArray<string>
}

/** Reads a request; fails with a sentence about one that cannot be recorded. */
export const requestKey = (
  request: HttpClientRequest.HttpClientRequest,
  sha256: (text: string) => string
): Effect.Effect<RequestKey, string> =>
  Effect.gen(function* () {
    const url = yield* Either.mapLeft(
      UrlParams.makeUrl(request.url, request.urlParams, request.hash),
      () => "the URL of the request is malformed"
    )
    const sent = yield* bodyOf(request.body)
    const isForm = request.body.contentType?.startsWith("application/x-www-form-urlencoded") === true
    const secrets = sentSecrets({ headers: request.headers, url, body: sent, isForm })
    const mask = new SecretMask(secrets)
    const body = mask.json(sent)
    const address = mask.text(withoutSecrets(url))
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body)
    const hash = sha256(`${request.method} ${address}\n${text}`)
    return { request: { method: request.method, url: address, body, hash }, secrets }
  })

/** The URL without the parameters and the user that are secrets, and with its other parameters sorted. */
const withoutSecrets = (url: URL): string => {
  const plain = new URL(url)
  plain.username = ""
  plain.password = ""
  plain.hash = ""
  for (const name of Array.from(plain.searchParams.keys())) if (isSecretName(name)) plain.searchParams.delete(name)
  plain.searchParams.sort()
  return plain.toString()
}

const bodyOf = (body: HttpBody.HttpBody): Effect.Effect<unknown, string> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(undefined)
    case "Uint8Array":
      return Effect.succeed(canonicalBody(decodedBytes(body.body).text))
    case "Raw":
      if (typeof body.body === "string") return Effect.succeed(canonicalBody(body.body))
      if (body.body instanceof Uint8Array) return Effect.succeed(canonicalBody(decodedBytes(body.body).text))
      return Effect.fail("its body is of a kind that cannot be recorded; send text, bytes or form data")
    case "FormData":
      return formOf(body.formData)
    case "Stream":
      return Effect.fail("its body is a stream, which cannot be recorded; send text, bytes or form data")
  }
}

/** The fields of a form in their order, with the text of its files. */
const formOf = (form: FormData): Effect.Effect<unknown> =>
  Effect.forEach(Array.from(form), ([name, value]) =>
    typeof value === "string"
      ? Effect.succeed({ name, value })
      : Effect.map(
          Effect.promise(() => value.text()),
          (text) => ({ name, filename: value.name, value: text })
        )
  )

/** JSON with sorted fields, and any other text as it is. */
const canonicalBody = (text: string): unknown => {
  const canonical = canonicalText(text)
  return canonical === undefined ? text : JSON.parse(canonical)
}
