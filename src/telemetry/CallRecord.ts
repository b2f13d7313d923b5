/** Records the facts of one call that its span, metrics and log line share. */
import type * as Exit from "effect/Exit"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { ChatFold } from "../domain/ChatResponse.js"
import type { EmbedRequest, EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import type { AssistantMessage } from "../domain/Message.js"
import type { FinishReason, Origin, StreamChunk } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"
import type { CallEvent, ServerAddress } from "../provider/CallObserver.js"
import { errorOf } from "./errorType.js"

/** A call to observe. The request may be invalid: it is observed before it is checked. */
export interface ObservedCall {
  readonly requested: Origin
  /** Whether to put messages and responses on the span. */
  readonly traceContent: boolean
  readonly request:
    | { readonly operation: "chat"; readonly isStream: boolean; readonly chat: ChatRequest }
    | { readonly operation: "embeddings"; readonly embed: EmbedRequest }
}

/** How a call ended. Times are in seconds. */
export interface CallEnd {
  readonly operation: "chat" | "embeddings"
  /** The provider that answered; the requested one if none did. */
  readonly provider: string
  /** The model that was requested of that provider. */
  readonly requestModel: string
  readonly responseModel: string | undefined
  readonly responseId: string | undefined
  readonly server: ServerAddress | undefined
  readonly finishReason: FinishReason | undefined
  readonly usage: Usage | null
  /** Whether the response was not requested for this call, so that its usage counts for another one. */
  readonly fromCache: boolean
  /** US dollars. */
  readonly cost: number | null
  readonly error: LLMError | undefined
  readonly duration: number
  /** Of a stream. */
  readonly timeToFirstChunk: number | undefined
  /** The mean after the first chunk, of a stream that was read to its end. */
  readonly timePerOutputChunk: number | undefined
  /** What arrived, if content is traced. */
  readonly message: AssistantMessage | undefined
}

/** A mutable class, because every network read goes through it. */
export class CallRecord {
  private readonly startedAt: bigint
  private firstAt: bigint | undefined
  private lastAt: bigint | undefined
  private chunks = 0
  private usage: Usage | null = null
  private finish: StreamChunk | undefined
  private embedded: EmbedResponse | undefined
  private responseId: string | undefined
  private server: ServerAddress | undefined
  private readonly fold: ChatFold | undefined

  /** `now` is in nanoseconds. */
  constructor(
    private readonly call: ObservedCall,
    private readonly now: () => bigint
  ) {
    this.startedAt = now()
    this.fold = call.traceContent ? new ChatFold() : undefined
  }

  /** Adds the chunks of one network read. */
  readonly onChunks = (chunks: ReadonlyArray<StreamChunk>): void => {
    const last = chunks.at(-1)
    if (last === undefined) return
    this.chunks += chunks.length
    if (this.firstAt === undefined) this.firstAt = this.now()
    if (this.fold !== undefined) for (const chunk of chunks) this.fold.add(chunk)
    if (last.usage !== null) this.usage = last.usage
    if (last.finishReason === null) return
    this.finish = last
    this.lastAt = this.now()
  }

  /** Adds the response of an embedding call. */
  readonly onEmbeddings = (response: EmbedResponse): void => {
    this.embedded = response
    this.usage = response.usage
  }

  /** Takes what the end of the call will say. The last request and response count. */
  onEvent(event: CallEvent): void {
    if (event.type === "request") this.server = event.server
    else if (event.type === "response") this.responseId = event.id
  }

  /** Sums up the call. */
  end(exit: Exit.Exit<unknown, LLMError>): CallEnd {
    const { requested, request } = this.call
    const origin: Origin | undefined = this.finish?.origin ?? this.embedded
    const isStream = request.operation === "chat" && request.isStream
    return {
      operation: request.operation,
      provider: origin?.provider ?? requested.provider,
      requestModel: origin?.requestedModel ?? requested.model,
      responseModel: origin?.model,
      responseId: this.responseId,
      server: this.server,
      finishReason: this.finish?.finishReason ?? undefined,
      usage: this.usage,
      fromCache: this.finish?.fromCache === true,
      cost: this.finish?.cost ?? this.embedded?.cost ?? null,
      error: errorOf(exit),
      duration: seconds(this.startedAt, this.now()),
      timeToFirstChunk: isStream && this.firstAt !== undefined ? seconds(this.startedAt, this.firstAt) : undefined,
      timePerOutputChunk: isStream ? this.timePerChunk() : undefined,
      message: this.fold?.partial().message
    }
  }

  private timePerChunk(): number | undefined {
    const { firstAt, lastAt, chunks } = this
    return firstAt === undefined || lastAt === undefined || chunks < 2
      ? undefined
      : seconds(firstAt, lastAt) / (chunks - 1)
  }
}

const seconds = (from: bigint, to: bigint): number => Number(to - from) / 1e9
