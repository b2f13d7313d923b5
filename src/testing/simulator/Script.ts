/** The queue of scripted replies, one per request. */
import type { Fault } from "./faults/Fault.js"
import type { SimulatedReply } from "./SimulatedReply.js"
import type { SimulatedRequest } from "./SimulatedRequest.js"

/** Replies in the order of the requests (a string is just its content), or a function; `undefined` is the default. */
export type SimulatedScript =
  | ReadonlyArray<SimulatedReply | string>
  | ((request: SimulatedRequest, index: number) => SimulatedReply | string | undefined)

/** The state of a script. */
export class Script {
  private readonly queue: Array<SimulatedReply> = []
  private index = 0

  constructor(private readonly script: SimulatedScript) {
    if (typeof script !== "function") this.add(script)
  }

  /** Appends replies to the queue. */
  add(replies: ReadonlyArray<SimulatedReply | string>): void {
    this.queue.push(...replies.map(replyOf))
  }

  /** The reply to a request. */
  next(request: SimulatedRequest): SimulatedReply {
    const queued = this.queue.shift()
    const index = this.index++
    if (queued !== undefined || typeof this.script !== "function") return queued ?? {}
    return replyOf(this.script(request, index) ?? {})
  }

  /** Takes the next reply if it refuses the connection, which happens before a request exists. */
  takeRefusal(): boolean {
    const refuses = faultsOf(this.queue[0] ?? {}).some((fault) => fault.type === "refuse")
    if (refuses) this.queue.shift()
    return refuses
  }
}

/** The faults of a reply as a list. */
export const faultsOf = ({ fault }: SimulatedReply): ReadonlyArray<Fault> =>
  fault === undefined ? [] : "type" in fault ? [fault] : fault

const replyOf = (reply: SimulatedReply | string): SimulatedReply =>
  typeof reply === "string" ? { content: reply } : reply
