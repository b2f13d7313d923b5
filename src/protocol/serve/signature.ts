/** Signatures of reasoning, which the Simulator verifies when they are sent back, as the real providers do. */
import { idOf } from "./hash.js"

const checkLength = 8

/** Signs a text. */
export const signatureOf = (text: string): string => {
  const body = idOf(`signature ${text}`, 56)
  return `${body}${idOf(body, checkLength)}`
}

/** Checks whether the Simulator made a signature. */
export const isSignature = (signature: unknown): boolean =>
  typeof signature === "string" && idOf(signature.slice(0, -checkLength), checkLength) === signature.slice(-checkLength)
