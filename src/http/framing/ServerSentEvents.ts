/** Server-sent events, the framing of most providers: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import { copyText } from "../copyText.js"
import type { Frame, FrameReader, Framing, FramingFailure } from "./Framing.js"
import { Utf8Decoder } from "./Utf8.js"

const space = 0x20
const lineFeed = 0x0a
const colon = 0x3a

/** Reads the server-sent events of one response. A mutable class, because it runs for every network read. */
export class ServerSentEventReader implements FrameReader {
  failure: FramingFailure | undefined
  nonEventText = ""

  private readonly decoder = new Utf8Decoder()
  protected readonly frames: Array<Frame> = []
  private event: string | undefined
  protected data: string | undefined
  private id: string | undefined
  /** A line whose end has not arrived. Only what arrives is searched for it, so that a long line costs linear time. */
  private incomplete = ""
  /** A carriage return ends a line at once; a line feed that follows it belongs to it, also in the next read. */
  private skipsLineFeed = false

  constructor(private readonly maxEventSize: number) {}

  push(bytes: Uint8Array): ReadonlyArray<Frame> {
    return this.feed(this.decoder.push(bytes))
  }

  /** The last event may lack its blank line. */
  end(): ReadonlyArray<Frame> {
    return this.feed(`${this.decoder.end()}\n\n`)
  }

  private feed(text: string): ReadonlyArray<Frame> {
    if (this.failure === undefined && text !== "") this.readLines(text)
    // V8 would allocate a new literal in the old generation once those of many short responses have survived.
    return this.frames.splice(0)
  }

  private readLines(text: string): void {
    let at = this.skipsLineFeed && text.charCodeAt(0) === lineFeed ? 1 : 0
    this.skipsLineFeed = false
    let feed = text.indexOf("\n", at)
    let carriage = text.indexOf("\r", at)
    while (feed !== -1 || carriage !== -1) {
      const isCarriage = carriage !== -1 && (feed === -1 || carriage < feed)
      const end = isCarriage ? carriage : feed
      if (this.incomplete === "") this.readLine(text, at, end)
      else this.readCompleted(text.slice(at, end))
      if (this.failure !== undefined) return
      at = end + 1
      if (isCarriage) {
        if (at === text.length) this.skipsLineFeed = true
        else if (feed === at) at++
        carriage = text.indexOf("\r", at)
      }
      if (feed !== -1 && feed < at) feed = text.indexOf("\n", at)
    }
    if (at < text.length) this.incomplete += copyText(text.slice(at))
    this.checkSize()
  }

  private readCompleted(rest: string): void {
    const line = this.incomplete + rest
    this.incomplete = ""
    this.readLine(line, 0, line.length)
  }

  private readLine(text: string, start: number, end: number): void {
    if (start === end) this.dispatch()
    else if (text.startsWith("data:", start)) this.addData(fieldValue(text, start + 5, end))
    else if (text.startsWith("event:", start)) this.event = fieldValue(text, start + 6, end)
    else if (text.charCodeAt(start) !== colon) this.readOtherLine(text.slice(start, end))
  }

  /** A field may lack its colon. */
  private readOtherLine(line: string): void {
    if (line === "data") this.addData("")
    else if (line === "event") this.event = ""
    else if (line.startsWith("id:")) this.id = fieldValue(line, 3, line.length)
    else this.readUnknownLine(line)
  }

  /** The format ignores such lines. */
  protected readUnknownLine(_line: string): void {}

  protected addData(value: string): void {
    this.data = this.data === undefined ? value : `${this.data}\n${value}`
    this.checkSize()
  }

  protected dispatch(): void {
    // An event without data is none: https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
    if (this.data !== undefined) {
      const frame = { event: this.event || undefined, data: this.data }
      this.frames.push(this.id === undefined ? frame : { ...frame, id: this.id })
    }
    this.event = undefined
    this.data = undefined
    this.id = undefined
  }

  private checkSize(): void {
    if (this.incomplete.length + (this.data?.length ?? 0) > this.maxEventSize) this.failure = { type: "tooLarge" }
  }
}

/** The value of a field, without the one blank that may follow its colon. */
const fieldValue = (text: string, start: number, end: number): string =>
  text.slice(text.charCodeAt(start) === space && start < end ? start + 1 : start, end)

/** Frames a response as server-sent events. */
export const serverSentEvents: Framing = (maxEventSize) => new ServerSentEventReader(maxEventSize)
