/** The events of one response, whose finish reason is sent when its stream ends. */
import { Rounds } from "../domain/Rounds.js"
import { hasOutput, type StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/framing/EventFormat.js"

/** Encodes the chunks of one response. The finish reason is sent when the stream ends, because another response may follow. */
export class EncodedResponse {
  private readonly rounds = new Rounds()
  private finished: StreamChunk | undefined

  constructor(private readonly also: ReadonlyArray<Format.Extra>) {}

  encode(chunks: ReadonlyArray<StreamChunk>): string {
    let text = ""
    for (const each of chunks) {
      const chunk = this.rounds.add(each)
      text += this.withoutFinish()
      if (chunk.finishReason === null) text += Format.encodeChunk(chunk, this.also)
      else this.finished = chunk
    }
    return text
  }

  finish(): string {
    return this.finished === undefined ? "" : Format.encodeChunk(this.finished, this.also)
  }

  /** The event of the last chunk of an earlier response, without its finish reason; `""` if nothing else is in it. */
  private withoutFinish(): string {
    if (this.finished === undefined) return ""
    const { origin: _, cost: __, ...chunk } = this.finished
    this.finished = undefined
    return hasOutput(chunk) || chunk.part !== undefined || chunk.sources !== undefined
      ? Format.encodeChunk({ ...chunk, finishReason: null }, this.also)
      : ""
  }
}
