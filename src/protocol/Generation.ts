/**
 * Recognises a second generation inside a response: a gateway that asks its upstream again after a failure writes both
 * into one stream, and joined they would read "Hello worHello world!".
 */

/** What an event says of its generation. */
export interface GenerationSign {
  /** The id of the response; anything but a text says nothing. */
  readonly id: unknown
  /** Whether the event is of the kind that begins a response. */
  readonly isStart: boolean
  /** Whether the response has output so far. */
  readonly hasOutput: boolean
}

/** The generation of one response. Mutable, as it reads every event. */
export class Generation {
  private id: string | undefined
  /** How many events had the id. */
  private count = 0
  /** Whether the server gives every event another id. */
  private varies = false

  /**
   * Reads an event, and checks whether it begins another generation after output. With `minEvents`, that many events
   * must have had the id before: some servers give every event an id of its own.
   */
  isOther({ id, isStart, hasOutput }: GenerationSign, minEvents = 1): boolean {
    if (typeof id !== "string" || id === "" || this.varies) return false
    if (id === this.id) {
      this.count++
      return false
    }
    if (this.id !== undefined && hasOutput && isStart && this.count >= minEvents) return true
    this.varies = this.id !== undefined && hasOutput
    this.id = id
    this.count = 1
    return false
  }

  /** Reads an event that goes on with the generation, and checks that it does. Any other one is still to be read. */
  goesOn(id: unknown): boolean {
    if (typeof id !== "string" || id === "") return true
    if (this.varies || id !== this.id) return false
    this.count++
    return true
  }
}
