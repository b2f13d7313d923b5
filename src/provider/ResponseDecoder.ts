/** Turns network reads into chunks, and keeps what a stream promises: complete or error, nothing twice, nothing lost. */
import { ParseResult, Schema } from "effect"
import { compile } from "../domain/Check.js"
import type { LLMError } from "../domain/LLMError.js"
import { hasOutput, type StreamChunk } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"
import { isCompressed } from "../http/Body.js"
import type { Frame, FrameReader } from "../http/Framing.js"
import * as httpErrors from "../http/httpErrors.js"
import { parseJson } from "../http/Json.js"
import { serverSentEvents } from "../http/ServerSentEvents.js"
import type { SizeLimits } from "../http/SizeLimits.js"
import type { Protocol, Step } from "../protocol/Protocol.js"

/** Reads one answer. Synchronous: the engine decides when to read, this decides what it means. */
export class ResponseDecoder<Event, State> {
  /** `"complete"` or the failure, once either is known; nothing is read after it. */
  outcome: "complete" | LLMError | undefined
  /** Whether any content, reasoning or tool call has been read. */
  hasContent = false

  private readonly frames: FrameReader
  private state: State
  private chunks: Array<StreamChunk> = []
  private count = 0
  private size = 0
  private finish: StreamChunk | undefined
  private usage: Usage | null = null
  private model: string

  constructor(
    private readonly protocol: Protocol<Event, State>,
    private readonly isEvent: (json: unknown) => json is Event,
    private readonly context: httpErrors.RequestContext,
    private readonly sizeLimits: SizeLimits
  ) {
    this.frames = (protocol.framing ?? serverSentEvents)(sizeLimits.maxEventSize)
    this.state = protocol.initial
    this.model = context.model
  }

  /** Takes one network read and returns the chunks that it completes. */
  push(bytes: Uint8Array): ReadonlyArray<StreamChunk> {
    if (this.size === 0 && isCompressed(bytes)) this.fail(httpErrors.compressed(this.context))
    this.size += bytes.length
    for (const frame of this.frames.push(bytes)) this.takeFrame(frame)
    this.checkFraming()
    const { maxResponseBytes } = this.sizeLimits
    if (this.size > maxResponseBytes) this.fail(httpErrors.tooLarge(this.context, "a response", maxResponseBytes))
    return this.flush()
  }

  /** Takes the clean end of the body. After a finish reason it is complete, before it is cut. */
  end(): ReadonlyArray<StreamChunk> {
    // What is left over may be half an event: then it is no malformed one, the answer is cut.
    for (const frame of this.frames.end()) {
      if (frame.data === this.protocol.endMarker || parseJson(frame.data) !== undefined) this.takeFrame(frame)
    }
    this.checkFraming()
    if (this.frames.nonEventText !== "") this.takeNonEventText(this.frames.nonEventText)
    if (this.finish !== undefined) this.complete()
    this.fail(httpErrors.truncated(this.context, this.count))
    return this.flush()
  }

  /** Takes a whole answer. */
  readResponse(answer: unknown): ReadonlyArray<StreamChunk> {
    const error = this.protocol.reportedError(answer)
    if (error !== undefined) this.fail(httpErrors.reported(this.context, error, this.protocol.errorRules))
    for (const event of this.protocol.eventsOfResponse(answer)) this.takeJson(event)
    if (this.finish !== undefined || this.hasContent) this.complete()
    this.fail(httpErrors.malformed(this.context, "there is no answer in it"))
    return this.flush()
  }

  /** Takes a break of the connection: the answer is cut, unless its end marker had come. */
  disconnected(cause: unknown): void {
    this.fail(httpErrors.truncated(this.context, this.count, cause))
  }

  /** Ends the answer with a failure, unless it has ended. */
  fail(error: LLMError): void {
    this.outcome ??= error
  }

  private checkFraming(): void {
    const { failure } = this.frames
    if (failure?.type === "tooLarge") {
      this.fail(httpErrors.tooLarge(this.context, "an event", this.sizeLimits.maxEventSize))
    } else if (failure?.type === "truncated") {
      this.fail(httpErrors.truncated(this.context, this.count))
    } else if (failure !== undefined) this.fail(httpErrors.malformed(this.context, failure.problem))
  }

  private takeFrame({ event, data }: Frame): void {
    if (this.outcome !== undefined || data === "" || isPing(event)) return
    if (data === this.protocol.endMarker) return this.complete()
    const json = parseJson(data)
    if (event === "error") return this.takeError(json, data)
    if (json === undefined) return this.fail(httpErrors.malformed(this.context, "an event is no JSON object"))
    this.takeJson(json)
  }

  private takeError(json: unknown, data: string): void {
    const error = this.protocol.reportedError(json) ?? { message: json === undefined ? data : "", codes: [] }
    this.fail(httpErrors.reported(this.context, error, this.protocol.errorRules))
  }

  private takeJson(json: unknown): void {
    if (this.outcome !== undefined) return
    if (!this.isEvent(json)) return this.fail(httpErrors.malformed(this.context, this.whatIsWrong(json)))
    const step = this.protocol.step(this.state, json)
    this.state = step.state
    if (step.model) this.model = step.model
    if (step.before !== undefined) for (const chunk of step.before) this.takeChunk(chunk)
    if (step.chunk !== undefined) this.takeChunk(step.chunk)
    this.takeOutcome(step)
  }

  private takeOutcome(step: Step<State>): void {
    if (step.malformed !== undefined) {
      this.fail(httpErrors.malformed(this.context, this.wrongAt(step.malformed)))
    } else if (step.failure !== undefined) {
      this.fail(httpErrors.reported(this.context, step.failure, this.protocol.errorRules))
    } else if (step.isEnd === true) this.complete()
  }

  private takeChunk(chunk: StreamChunk): void {
    if (chunk.usage !== null) this.usage = chunk.usage
    const shows = hasOutput(chunk)
    if (shows) this.hasContent = true
    if (chunk.finishReason === null) {
      // After the finish reason events only add to the last chunk, but nothing that carries something is withheld.
      if (shows || chunk.part !== undefined || this.finish === undefined) this.emit(chunk)
      return
    }
    if (shows) this.emit({ ...chunk, finishReason: null })
    // A repeated finish takes the place of the first one, but not of the part that the first one carried.
    else if (this.finish?.part !== undefined) this.emit({ ...this.finish, finishReason: null })
    this.finish = shows ? { ...chunk, part: undefined } : chunk
  }

  // Kept here they would stay alive until the next read, which with many streams comes late enough for them to grow old.
  private flush(): ReadonlyArray<StreamChunk> {
    const chunks = this.chunks
    this.chunks = []
    return chunks
  }

  private emit(chunk: StreamChunk): void {
    this.count++
    this.chunks.push(chunk)
  }

  private complete(): void {
    if (this.outcome !== undefined) return
    const { finishReason, rawChunk, part } = this.finish ?? { finishReason: "other", rawChunk: null }
    const origin = { provider: this.context.provider, model: this.model, requestedModel: this.context.model }
    this.emit({
      content: "",
      reasoning: "",
      toolCalls: [],
      finishReason,
      usage: this.usage,
      rawChunk,
      ...(part === undefined ? {} : { part }),
      origin
    })
    this.outcome = "complete"
  }

  /** A body that is no stream of events: a bare JSON error, or a gateway's page. */
  private takeNonEventText(nonEventText: string): void {
    if (this.outcome !== undefined) return
    const error = this.protocol.reportedError(parseJson(nonEventText))
    if (error !== undefined) this.fail(httpErrors.reported(this.context, error, this.protocol.errorRules))
    else if (this.finish === undefined && httpErrors.isPage(nonEventText)) this.fail(httpErrors.page(this.context))
  }

  /** The path of the first thing that is not as documented, but not its value. */
  private whatIsWrong(json: unknown): string {
    const result = Schema.validateEither(this.protocol.event)(json)
    const issue = result._tag === "Left" ? ParseResult.ArrayFormatter.formatErrorSync(result.left)[0] : undefined
    return this.wrongAt(issue?.path.map(String).join(".") || "the event")
  }

  private wrongAt(path: string): string {
    return `${path} of a ${this.protocol.eventName} event is not as documented`
  }
}

/** Makes the decoders of a protocol, whose check of an event is compiled once. */
export const decoders = <Event, State>(protocol: Protocol<Event, State>, sizeLimits: SizeLimits) => {
  const isEvent = compile(protocol.event)
  return (context: httpErrors.RequestContext): ResponseDecoder<Event, State> =>
    new ResponseDecoder(protocol, isEvent, context, sizeLimits)
}

const isPing = (name: string | undefined): boolean =>
  name !== undefined && /^(?:ping|keep-?alive|heartbeat)$/i.test(name)
