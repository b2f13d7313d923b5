/** Bytes to server-sent events, a network read at a time; knows nothing of LLMs. */
import { createParser, type EventSourceMessage, type EventSourceParser } from "eventsource-parser"
import { Utf8Decoder } from "./Utf8.js"

/** The largest event by default, in UTF-16 code units: 8 Mi. */
export const defaultMaxEventSize = 8 * 1024 * 1024

// A provider that breaks off with a bare JSON error says it in far less.
const maxNonEventText = 64 * 1024

/** Splits one body into its events. */
export class ServerSentEventSplitter {
  /** Whether an event was larger than allowed; nothing is read after it. */
  tooLarge = false
  /** Lines that are no field of any event, as when a body turns out to be JSON or HTML. */
  nonEventText = ""

  private events: Array<EventSourceMessage> = []
  private readonly decoder = new Utf8Decoder()
  private readonly parser: EventSourceParser

  constructor(readonly maxEventSize: number = defaultMaxEventSize) {
    this.parser = createParser({
      maxBufferSize: maxEventSize,
      onEvent: (event) => {
        if (event.data.length > maxEventSize) this.tooLarge = true
        else this.events.push(event)
      },
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") this.tooLarge = true
        else if (error.line !== undefined && this.nonEventText.length < maxNonEventText)
          this.nonEventText += `${error.line}\n`
      }
    })
  }

  /** Takes the bytes of one network read. */
  push(bytes: Uint8Array): ReadonlyArray<EventSourceMessage> {
    return this.feed(this.decoder.push(bytes))
  }

  /** Takes the end of the body: the last event may lack its blank line. */
  end(): ReadonlyArray<EventSourceMessage> {
    return this.feed(`${this.decoder.end()}\n\n`)
  }

  private feed(text: string): ReadonlyArray<EventSourceMessage> {
    if (!this.tooLarge) this.parser.feed(text)
    const events = this.events
    this.events = []
    return events
  }
}
