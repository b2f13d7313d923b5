/** Gives every tool call of a response, or of a conversation, an id of its own. */

/** The ids so far. Mutable, so that an id costs the same however many came before. */
export class CallIds {
  private next = 0

  /** Begins with the ids that are used already. */
  constructor(private readonly used = new Set<string>()) {}

  /** Returns the server's id, or a generated one (`call_0`) where it is empty or belongs to another call. */
  take(wireId: string, position: number): string {
    let id = wireId
    if (id === "" || this.used.has(id)) {
      this.next = Math.max(this.next, position)
      do id = `call_${this.next++}`
      while (this.used.has(id))
    }
    this.used.add(id)
    return id
  }
}
