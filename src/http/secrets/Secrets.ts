/** The keys and tokens of the providers of one client. */

// More than any client uses at once. Tokens that rotate for months do not accumulate.
const maxSecrets = 256

/**
 * Keys and tokens that no error may contain. The providers of a client share one, so that the error of a fallback does
 * not repeat the key of the first provider. Printing and serializing it shows no secret.
 */
export class Secrets implements Iterable<string> {
  /** The oldest first. A private field, because `inspect` shows all others. */
  readonly #known = new Set<string>()

  /** Makes one that knows some secrets. */
  constructor(secrets: Iterable<string> = []) {
    this.add(secrets)
  }

  /** Adds secrets, and forgets the oldest of more than 256. */
  add(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      // Deleted first, so that the secrets in use are the newest.
      this.#known.delete(secret)
      if (secret !== "") this.#known.add(secret)
    }
    for (const oldest of this.#known) {
      if (this.#known.size <= maxSecrets) return
      this.#known.delete(oldest)
    }
  }

  /** Makes one that knows the secrets of several. */
  static union(all: Iterable<Secrets | undefined>): Secrets {
    const union = new Secrets()
    for (const secrets of all) if (secrets !== undefined) union.add(secrets)
    return union
  }

  /** Lists the secrets, the oldest first. */
  [Symbol.iterator](): Iterator<string> {
    return this.#known.values()
  }
}
