/** Turns network reads into chunks. A response ends with one finish reason or an error, and loses or repeats no output. */
import { compile } from "../../domain/Check.js"
import type { LLMError } from "../../domain/LLMError.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"
import { isCompressed } from "../../http/Body.js"
import * as httpErrors from "../../http/errors/httpErrors.js"
import type { Frame, FrameReader } from "../../http/framing/Framing.js"
import { looseServerSentEvents } from "../../http/framing/looseServerSentEvents.js"
import { codesOfWords, errorLineIn, readErrorData, readOddData } from "../../http/framing/oddData.js"
import { isObject, type JsonObject, parseJson } from "../../http/Json.js"
import * as RateLimitHeaders from "../../http/RateLimitHeaders.js"
import { SimilarJson } from "../../http/SimilarJson.js"
import type { SizeLimits } from "../../http/SizeLimits.js"
import type { Citation, TextIndex } from "../../protocol/Citation.js"
import { readError } from "../../protocol/errorReader.js"
import type { Protocol, Step } from "../../protocol/Protocol.js"
import { pathOfProblem } from "../../protocol/pathOfProblem.js"
import { TextDigest } from "../../protocol/TextDigest.js"
import { textChunk } from "../../protocol/textChunk.js"
import { laterUsage } from "./laterUsage.js"
import { namedEvent } from "./namedEvents.js"
import { type CitedText, SourceList } from "./SourceList.js"

/**
 * Decodes one response. `openStream` reads the network; the decoder is synchronous. A mutable class, because it runs for
 * every network read.
 */
export class ResponseDecoder<Event, State> {
  /** `"complete"` or the error, once the response has ended; everything after it is ignored. */
  outcome: "complete" | LLMError | undefined
  /** Whether any content, reasoning or tool call has been read. */
  hasContent = false
  /** The provider's id of the response, once an event has named it. */
  responseId: string | undefined
  /** The highest number of an event so far, where the protocol can continue a response. */
  lastNumber: number | undefined

  private frames: FrameReader
  private readonly events = new SimilarJson()
  private isReopened = false
  private hasEvents = false
  private state: State
  private readonly chunks: Array<StreamChunk> = []
  private count = 0
  private size = 0
  /** The chunk with the finish reason, held back until the end because usage may follow it. */
  private finish: StreamChunk | undefined
  private readonly content = new TextDigest()
  private readonly reasoning = new TextDigest()
  /** The arguments of each tool call so far. */
  private readonly callArguments = new Map<number, string>()
  /** Where each part of the content begins. */
  private readonly starts = new Map<number, number>()
  private sources: SourceList | undefined
  private usage: Usage | null = null
  private model: string

  constructor(
    private readonly protocol: Protocol<Event, State>,
    private readonly isEvent: (json: unknown) => json is Event,
    private readonly context: httpErrors.RequestContext,
    private readonly sizeLimits: SizeLimits,
    private readonly textIndex: TextIndex | undefined
  ) {
    this.frames = this.newFrames()
    this.state = protocol.initial()
    this.model = context.model
  }

  /** Decodes one network read and returns the chunks that it completes. */
  push(bytes: Uint8Array): ReadonlyArray<StreamChunk> {
    if (this.size === 0 && isCompressed(bytes)) this.fail(httpErrors.compressed(this.context))
    this.size += bytes.length
    for (const frame of this.frames.push(bytes)) this.readFrame(frame)
    this.checkFraming()
    const { maxResponseBytes } = this.sizeLimits
    if (this.size > maxResponseBytes) this.fail(httpErrors.tooLarge(this.context, "response", maxResponseBytes))
    return this.flush()
  }

  /** Continues on another connection: forgets half an event, and ignores events that were read before. */
  reopen(): void {
    this.outcome = undefined
    this.frames = this.newFrames()
    this.isReopened = true
  }

  /** Handles the clean end of the body. The response is complete after a finish reason and truncated before it. */
  end(): ReadonlyArray<StreamChunk> {
    // The rest may be half an event. That is a truncated response, not a malformed event.
    for (const frame of this.frames.end()) {
      if (parseJson(frame.data) !== undefined || readOddData(frame.data).type !== "damaged") this.readFrame(frame)
    }
    this.checkFraming()
    if (this.frames.nonEventText !== "") this.readBody(this.frames.nonEventText)
    if (this.finish !== undefined) this.complete()
    this.fail(httpErrors.truncated(this.context, this.count))
    return this.flush()
  }

  /** Decodes a non-streaming response and returns all its chunks. */
  readResponse(response: unknown): ReadonlyArray<StreamChunk> {
    const error = this.protocol.reportedError(response)
    if (error !== undefined) this.fail(httpErrors.reported(this.context, error))
    for (const event of this.protocol.eventsOfResponse(response)) this.readEvent(event)
    if (this.finish !== undefined || this.hasContent) this.complete()
    this.fail(httpErrors.malformed(this.context, "it has no content and no finish reason"))
    return this.flush()
  }

  /** Decodes a whole response that is a stream of events nevertheless, and returns all its chunks. */
  readEvents(text: string): ReadonlyArray<StreamChunk> {
    return [...this.push(new TextEncoder().encode(text)), ...this.end()]
  }

  /** Records a broken connection: the response is truncated unless it has ended. */
  disconnected(cause: unknown): void {
    this.fail(httpErrors.disconnected(this.context, this.count, cause))
  }

  /** Ends the response with an error unless it has ended. */
  fail(error: LLMError): void {
    this.outcome ??= error
  }

  private newFrames(): FrameReader {
    return (this.protocol.framing ?? looseServerSentEvents)(this.sizeLimits.maxEventSize)
  }

  private checkFraming(): void {
    const { failure } = this.frames
    if (failure?.type === "tooLarge") {
      this.fail(httpErrors.tooLarge(this.context, "event", this.sizeLimits.maxEventSize))
    } else if (failure?.type === "truncated") {
      this.fail(httpErrors.truncated(this.context, this.count))
    } else if (failure !== undefined) this.fail(httpErrors.malformed(this.context, failure.problem))
  }

  private readFrame({ event, data }: Frame): void {
    if (this.outcome !== undefined) return
    if (event === "error") return this.failWith(readErrorData(data))
    const json = data.startsWith("{") ? this.events.parse(data) : undefined
    if (json === undefined) return this.readOdd(data, event)
    if (isObject(json) && this.continueText(json)) return this.events.expectMoreLike(data)
    const read = event === undefined ? json : namedEvent(json, event, this.protocol.typesEvents === true)
    if (read !== undefined) this.readJson(read)
  }

  /** Reads the JSON of an event. The first one may be a whole response. */
  private readJson(json: object): void {
    const events = this.hasEvents ? [] : this.protocol.eventsOfResponse(json)
    this.hasEvents = true
    if (events.length < 2) this.readEvent(json)
    else for (const event of events) this.readEvent(event)
  }

  private readOdd(data: string, event?: string): void {
    const odd = readOddData(data)
    // Text under a name of the server's own, such as `ping`, says nothing of the response; JSON may be its output.
    if (odd.type !== "events" && event !== undefined && event !== "message" && !/[[{"]/.test(data)) return
    switch (odd.type) {
      case "events":
        for (const event of odd.events) this.readJson(event)
        if (odd.isEnd && this.outcome === undefined) this.readEndMarker()
        return
      case "words":
        return this.finish === undefined ? this.failWith(odd.words) : undefined
      case "damaged":
        if (this.finish === undefined || /^\s*[[{]/.test(data)) {
          this.fail(httpErrors.malformed(this.context, "an event is not a JSON object"))
        }
    }
  }

  /**
   * An end marker alone does not complete a response: gateways write it after a broken upstream too. Complete tool calls
   * before it suffice, because some servers send no finish reason with them.
   */
  private readEndMarker(): void {
    if (this.finish !== undefined || this.hasCompleteCalls()) return this.complete()
    if (this.frames.nonEventText !== "") this.readBody(this.frames.nonEventText)
    this.fail(httpErrors.truncated(this.context, this.count))
  }

  private hasCompleteCalls(): boolean {
    const texts = Array.from(this.callArguments.values())
    // Arguments that are still empty may have been cut off.
    return texts.length > 0 && texts.every((text) => parseJson(text) !== undefined)
  }

  private failWith(failure: JsonObject | string): void {
    const error =
      typeof failure === "string"
        ? { message: failure, codes: codesOfWords(failure) }
        : (this.protocol.reportedError(failure) ?? readError(failure))
    this.fail(httpErrors.reported(this.context, error))
  }

  private readEvent(json: unknown): void {
    if (this.outcome !== undefined) return
    if (!this.isEvent(json)) return this.readOther(json)
    const id = idOf(this.protocol.responseId(json))
    if (this.isReopened && id !== undefined && id !== this.responseId)
      return this.fail(httpErrors.spliced(this.context, this.count))
    if (this.isRepeated(json)) return
    this.responseId ??= id
    const step = this.protocol.step(this.state, json)
    this.state = step.state
    if (step.isSpliced === true) return this.fail(httpErrors.spliced(this.context, this.count))
    if (step.model) this.model = step.model
    const isSnapshot = step.isSnapshot === true
    if (step.before !== undefined)
      for (const chunk of step.before) this.addChunk(this.withoutRepeats(chunk, isSnapshot))
    if (step.chunk !== undefined) this.addChunk(this.withoutRepeats(step.chunk, isSnapshot))
    if (step.citations !== undefined) this.addCitations(step.citations, json)
    this.readOutcome(step)
  }

  /** Reads an event that only continues the open text, under any name. Its chunk repeats nothing, as only the last may. */
  private continueText(json: JsonObject): boolean {
    const step = this.isReopened ? undefined : this.protocol.continueText?.(this.state, json)
    if (step === undefined) return false
    const { chunk, model, number } = step
    this.state = step.state
    if (model !== "") this.model = model
    if (typeof number === "number") this.noteNumber(number)
    if (chunk.usage !== null) this.noteUsage(chunk.usage)
    this.hasContent = true
    if (chunk.content === "") this.reasoning.push(chunk.reasoning)
    else this.addContent(chunk.content)
    // After the finish reason, output still counts.
    this.emit(chunk)
    return true
  }

  /** Reads an event of another shape than documented, if it can be brought into shape. */
  private readOther(json: unknown): void {
    const event = this.protocol.reshape?.(json)
    if (event !== undefined && this.isEvent(event)) this.readEvent(event)
    else this.fail(httpErrors.malformed(this.context, this.problemAt(pathOfProblem(this.protocol.event, json))))
  }

  /**
   * Notes the number of an event. Only after `reopen` it decides, because some servers give every event the same. From
   * then on an event without a number counts as repeated, unless it reports an error: its text may have been read before.
   */
  private isRepeated(event: Event): boolean {
    const number = this.protocol.resumption?.numberOf(event)
    if (typeof number !== "number") return this.isReopened && this.protocol.reportedError(event) === undefined
    const isNew = this.noteNumber(number)
    return this.isReopened && !isNew
  }

  private noteNumber(number: number): boolean {
    const isNew = number > (this.lastNumber ?? -1)
    if (isNew) this.lastNumber = number
    return isNew
  }

  /**
   * Leaves out a text that was output before: some servers repeat all of it in their last event. Where the protocol does
   * not mark the repetition, only a text of several deltas counts that the event with the finish reason repeats exactly.
   */
  private withoutRepeats(chunk: StreamChunk, isSnapshot: boolean): StreamChunk {
    const { content, reasoning, finishReason } = chunk
    if (isSnapshot) {
      const [text, thought] = [this.content.restOf(content), this.reasoning.restOf(reasoning)]
      return text === content && thought === reasoning ? chunk : { ...chunk, content: text, reasoning: thought }
    }
    return finishReason !== null && content !== "" && this.content.isRepeatedBy(content)
      ? { ...chunk, content: "" }
      : chunk
  }

  private readOutcome(step: Step<State>): void {
    if (step.malformed !== undefined) {
      this.fail(httpErrors.malformed(this.context, this.problemAt(step.malformed)))
    } else if (step.failure !== undefined) {
      this.fail(httpErrors.reported(this.context, step.failure))
    } else if (step.isEnd === true) this.readEndMarker()
  }

  private addChunk(chunk: StreamChunk): void {
    if (chunk.usage !== null) this.noteUsage(chunk.usage)
    const isOutput = hasOutput(chunk)
    if (isOutput) this.hasContent = true
    if (chunk.part !== undefined && !this.starts.has(chunk.part.index)) {
      this.starts.set(chunk.part.index, this.content.length)
    }
    if (chunk.content !== "") this.addContent(chunk.content)
    if (chunk.reasoning !== "") this.reasoning.push(chunk.reasoning)
    if (chunk.toolCalls.length > 0) this.addCalls(chunk.toolCalls)
    if (chunk.finishReason === null) {
      // After the finish reason, only the usage of a chunk without output or part is kept.
      if (isOutput || chunk.part !== undefined || this.finish === undefined) this.emit(chunk)
      return
    }
    // A second finish reason replaces the first one, whose part is still emitted.
    if (this.finish?.part !== undefined) this.emit({ ...this.finish, finishReason: null })
    if (isOutput) this.emit({ ...chunk, finishReason: null })
    this.finish = isOutput ? { ...chunk, part: undefined } : chunk
  }

  private noteUsage(usage: Usage): void {
    this.usage = this.usage === null ? usage : laterUsage(this.usage, usage)
  }

  private addContent(content: string): void {
    this.content.push(content)
    this.textIndex?.push(content)
  }

  private get citedText(): CitedText {
    return { length: this.content.length, starts: this.starts, index: this.textIndex }
  }

  /** Sources are chunks of their own. Those after the finish reason are on the last chunk. */
  private addCitations(citations: ReadonlyArray<Citation>, rawChunk: unknown): void {
    this.sources ??= new SourceList()
    if (this.finish !== undefined) return this.sources.keep(citations)
    const sources = this.sources.add(citations, this.citedText)
    if (sources.length > 0) this.emit({ ...empty, rawChunk, sources })
  }

  private addCalls(deltas: StreamChunk["toolCalls"]): void {
    for (const { index, arguments: text } of deltas) {
      this.callArguments.set(index, `${this.callArguments.get(index) ?? ""}${text}`)
    }
  }

  // Chunks retained until the next read would be promoted to the old generation. So would a literal, see `textChunk`.
  private flush(): ReadonlyArray<StreamChunk> {
    return this.chunks.splice(0)
  }

  private emit(chunk: StreamChunk): void {
    this.count++
    this.chunks.push(chunk)
  }

  private complete(): void {
    if (this.outcome !== undefined) return
    const { finishReason: reported, rawChunk, part, paused } = this.finish ?? { ...empty, finishReason: "other" }
    // Many servers say `stop`, or nothing, where the model waits for its tools.
    const waitsForTools = this.callArguments.size > 0 && (reported === "stop" || reported === "other")
    const finishReason = waitsForTools ? "tool_calls" : reported
    const origin = { provider: this.context.provider, model: this.model, requestedModel: this.context.model }
    const rateLimits = RateLimitHeaders.read(this.context.headers)
    const sources = this.sources?.end(this.citedText) ?? []
    this.emit({
      ...empty,
      finishReason,
      usage: this.usage,
      rawChunk,
      ...(part === undefined ? {} : { part }),
      ...(sources.length === 0 ? {} : { sources }),
      ...(paused === true ? { paused } : {}),
      ...(rateLimits === undefined ? {} : { rateLimits }),
      ...(this.context.warnings === undefined ? {} : { warnings: this.context.warnings }),
      origin
    })
    this.outcome = "complete"
  }

  /** Reads a body that has no events: a bare JSON error, a whole response, or the page or the words of a gateway. */
  private readBody(text: string): void {
    if (this.outcome !== undefined) return
    const json = parseJson(text) ?? parseJson(errorLineIn(text))
    const error = this.protocol.reportedError(json)
    if (error !== undefined) return this.fail(httpErrors.reported(this.context, error))
    if (this.finish === undefined && httpErrors.isPage(text)) return this.fail(httpErrors.page(this.context))
    if (this.hasEvents) return
    if (httpErrors.isEncoded(text, this.context)) return this.fail(httpErrors.compressed(this.context))
    if (json !== undefined) for (const event of this.protocol.eventsOfResponse(json)) this.readEvent(event)
    else if (readOddData(text).type === "words") this.failWith(text)
  }

  private problemAt(path: string): string {
    return `${path} of a ${this.protocol.eventName} event is not as documented`
  }
}

const empty = textChunk(null, "", "")

/** Ids are short; a longer one is not copied into spans. */
const idOf = (id: unknown): string | undefined =>
  typeof id === "string" && id !== "" && id.length <= 256 ? id : undefined

/** Makes the decoders of a protocol; the check of its events is compiled once. */
export const decoders = <Event, State>(protocol: Protocol<Event, State>, sizeLimits: SizeLimits) => {
  const isEvent = compile(protocol.event)
  return (context: httpErrors.RequestContext, hasHostedTools = false): ResponseDecoder<Event, State> =>
    new ResponseDecoder(protocol, isEvent, context, sizeLimits, hasHostedTools ? protocol.textIndex?.() : undefined)
}
