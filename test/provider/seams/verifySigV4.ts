/** Verifies AWS Signature Version 4 as a server does, with `node:crypto` and from the received request alone. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { SeenRequest } from "../../support/server.js"

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/[^/]+\/aws4_request), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

const encode = (text: string): string =>
  text.replace(/[^\w.~-]/g, (letter) =>
    Buffer.from(letter)
      .toString("hex")
      .replace(/../g, (code) => `%${code.toUpperCase()}`)
  )

/** The canonical request of a received POST request, which AWS repeats in the error of a wrong signature. */
export const canonicalRequestOf = ({ url, headers, body }: SeenRequest): string => {
  const [path = "", query = ""] = url.split("?")
  const names = form.exec(headers.authorization ?? "")?.[3]?.split(";") ?? []
  const lines = names.map((name) => `${name}:${headers[name]}\n`)
  const parameters = query.split("&").sort().join("&")
  return `POST\n${path.split("/").map(encode).join("/")}\n${parameters}\n${lines.join("")}\n${names.join(";")}\n${sha256(body)}`
}

/** Says what is wrong with the signature of a request; `undefined` if it is right. */
export const problemOf = (request: SeenRequest, secretAccessKey: string): string | undefined => {
  const [, , scope = "", names = "", signature = ""] = form.exec(request.headers.authorization ?? "") ?? []
  if (signature === "") return "no signature"
  const time = String(request.headers["x-amz-date"])
  const [date = "", ...others] = scope.split("/")
  if (!time.startsWith(date)) return "the date is not that of the scope"
  for (const name of ["host", "x-amz-date", "content-type", "x-amz-security-token"]) {
    if (request.headers[name] !== undefined && !names.split(";").includes(name)) return `${name} is not signed`
  }
  const key = others.reduce<Buffer>((derived, part) => hmac(derived, part), hmac(`AWS4${secretAccessKey}`, date))
  const expected = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonicalRequestOf(request))}`)
  return timingSafeEqual(expected, Buffer.from(signature, "hex")) ? undefined : "the signature does not match"
}
