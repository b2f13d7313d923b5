/** Ids that nobody can guess. Without `effect`, because pages use them too. */

/** Makes an id of 128 random bits, in 32 hexadecimal digits. */
export const randomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
