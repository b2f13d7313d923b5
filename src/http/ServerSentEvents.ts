/** Server-sent events, the framing of most providers: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import { createParser, type EventSourceMessage, type EventSourceParser } from "eventsource-parser"
import type { FrameReader, Framing, FramingFailure } from "./Framing.js"
import { Utf8Decoder } from "./Utf8.js"

// Far more than the bare JSON error with which some providers end a stream.
const maxNonEventText = 64 * 1024

/** Reads the server-sent events of one response. A mutable class, because it runs for every network read. */
class ServerSentEventReader implements FrameReader {
  failure: FramingFailure | undefined
  nonEventText = ""

  private events: Array<EventSourceMessage> = []
  private readonly decoder = new Utf8Decoder()
  private readonly parser: EventSourceParser

  constructor(maxEventSize: number) {
    this.parser = createParser({
      maxBufferSize: maxEventSize,
      onEvent: (event) => {
        if (event.data.length > maxEventSize) this.failure = { type: "tooLarge" }
        else this.events.push(event)
      },
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") this.failure = { type: "tooLarge" }
        else if (error.line !== undefined && this.nonEventText.length < maxNonEventText) {
          this.nonEventText += `${error.line}\n`
        }
      }
    })
  }

  push(bytes: Uint8Array): ReadonlyArray<EventSourceMessage> {
    return this.feed(this.decoder.push(bytes))
  }

  /** The last event may lack its blank line. */
  end(): ReadonlyArray<EventSourceMessage> {
    return this.feed(`${this.decoder.end()}\n\n`)
  }

  private feed(text: string): ReadonlyArray<EventSourceMessage> {
    if (this.failure === undefined) this.parser.feed(text)
    const events = this.events
    this.events = []
    return events
  }
}

/** Frames a response as server-sent events. */
export const serverSentEvents: Framing = (maxEventSize) => new ServerSentEventReader(maxEventSize)
