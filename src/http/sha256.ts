/** The SHA-256 of a text, by Web Crypto. */
import * as Effect from "effect/Effect"

/** Gives the hash in hexadecimal digits. Web Crypto is missing on pages from plain http, where it is a defect. */
export const sha256 = (text: string): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
    (digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )
