/**
 * Server-sent events of servers that keep to the format only roughly: fields that are indented or in capitals, one line
 * end between events, JSON objects without fields.
 */
import type { Framing } from "./Framing.js"
import { ServerSentEventReader } from "./ServerSentEvents.js"

// Far more than the bare JSON error with which some providers end a stream, and enough for most whole responses.
const maxNonEventText = 1024 * 1024

class LooseReader extends ServerSentEventReader {
  private hasEvents = false
  /** The last line of the data that was not dispatched. */
  private lastLine = ""

  protected override readUnknownLine(line: string): void {
    if (/^(?:id|retry)(?::|$)/.test(line)) return
    const data = /^\s{0,20}data ?: ?([[{].*)$/is.exec(line)?.[1]
    if (data !== undefined) return this.addData(data)
    // Servers that ignore the format send an object a line. The first one may be all there is.
    const isEvent = !this.hasEvents && line.startsWith("{") && line.endsWith("}")
    if (isEvent) this.frames.push({ data: line })
    if (!isEvent || this.nonEventText === "") this.keep(line)
  }

  /** Keeps a line for errors that are not sent as events. */
  private keep(line: string): void {
    const room = maxNonEventText - this.nonEventText.length
    if (room > 0) this.nonEventText += `${line.slice(0, room)}\n`
  }

  protected override addData(value: string): void {
    // No JSON goes on with a brace after a brace. To look at all data, V8 would copy it for every line.
    if (this.lastLine.endsWith("}") && /^ ?(?:\{|\[DONE)/.test(value)) this.dispatch()
    this.lastLine = value
    super.addData(value)
  }

  protected override dispatch(): void {
    this.hasEvents ||= this.data !== undefined
    this.lastLine = ""
    super.dispatch()
  }
}

/** Frames a response as server-sent events, however roughly its server writes them. */
export const looseServerSentEvents: Framing = (maxEventSize) => new LooseReader(maxEventSize)
