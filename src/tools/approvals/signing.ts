/** Signs and verifies approvals with HMAC-SHA-256 by Web Crypto. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import { canonicalJson } from "../../http/canonicalJson.js"
import type { LoopCall } from "../LoopCall.js"

/** Everything that an approval is bound to. */
export interface ApprovalClaim {
  /** The loop of the call. */
  readonly loopId: string
  /** Who runs the loop, `""` if nobody is named. */
  readonly caller: string
  /** The digest of the conversation with which the loop ended. One for all calls, because a conversation can be long. */
  readonly conversation: string
  /** The call, with its arguments. */
  readonly call: LoopCall
  /** What the model was told of the tool. */
  readonly fingerprint: string
  /** In milliseconds since 1970. */
  readonly expiresAt: number
}

/** A key that signs and verifies. */
export type SigningKey = CryptoKey

const encoder = new TextEncoder()
const algorithm = { name: "HMAC", hash: "SHA-256" }

/** Makes a key of a secret. */
export const importKey = (secret: string): Effect.Effect<SigningKey> =>
  Effect.promise(() => crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign", "verify"]))

/** Gives the SHA-256 of a value's canonical JSON, in hexadecimal digits. */
export const digestOf = (value: unknown): Effect.Effect<string> =>
  Effect.promise(() => crypto.subtle.digest("SHA-256", encoder.encode(canonicalJson(value)))).pipe(
    Effect.map((digest) => Encoding.encodeHex(new Uint8Array(digest)))
  )

// The version comes first, so that another form of the claim cannot be taken for this one.
const bytesOf = ({ loopId, caller, conversation, call, fingerprint, expiresAt }: ApprovalClaim) =>
  encoder.encode(canonicalJson(["approval-1", loopId, caller, conversation, call, fingerprint, expiresAt]))

/** Signs a claim. */
export const sign = (key: SigningKey, claim: ApprovalClaim): Effect.Effect<string> =>
  Effect.promise(() => crypto.subtle.sign("HMAC", key, bytesOf(claim))).pipe(
    Effect.map((signature) => Encoding.encodeBase64Url(new Uint8Array(signature)))
  )

/** Checks the signature of a claim against several keys, each in constant time. */
export const verify = (
  keys: ReadonlyArray<SigningKey>,
  claim: ApprovalClaim,
  signature: string
): Effect.Effect<boolean> =>
  Either.match(Encoding.decodeBase64Url(signature), {
    onLeft: () => Effect.succeed(false),
    onRight: (given) => {
      const bytes = bytesOf(claim)
      return Effect.exists(keys, (key) =>
        Effect.promise(() => crypto.subtle.verify("HMAC", key, new Uint8Array(given), bytes))
      )
    }
  })
