/** Opens responses that the provider stores, and continues them on another connection if theirs breaks. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Opening, Pull } from "../../domain/ChatStream.js"
import { isRetryable, isTransient, type LLMError } from "../../domain/LLMError.js"
import type { Protocol, Resumption } from "../../protocol/Protocol.js"
import type { Open, OpenOptions } from "../Provider.js"
import type { ProviderRuntime } from "../ProviderRuntime.js"
import { CurrentResponse } from "./CurrentResponse.js"
import { isJson, type OpenedResponse, opener } from "./openStream.js"
import { requester } from "./send.js"
import { watchPull } from "./watchPull.js"

/** Makes the `open` of a provider. A response is continued if the provider stores it and `onResume` allows it. */
export const openResumable = <Event, State>(
  runtime: ProviderRuntime,
  protocol: Protocol<Event, State>,
  resumption: Resumption<Event>
): Open => {
  const open = opener(runtime, protocol)
  const stored: StoredResponses<Event> = {
    request: requester(runtime, protocol),
    urlOf: runtime.endpoint.urlOf,
    resumption
  }
  return (chat, options) => {
    if (options?.onResume === undefined || options.stream === false)
      return Effect.map(open(chat, options), ({ pull }) => pull)
    const { onResume } = options
    return Effect.flatMap(Effect.scope, (scope) => {
      const response = new ResumableResponse(open(chat, options), scope, stored, { ...options, onResume })
      // Finalizers run in reverse order. This one is added before the connection's, so the socket closes first.
      return Effect.as(
        Effect.addFinalizer(() => response.cancel),
        response.pull
      )
    })
  }
}

/** The requests about responses that the provider stores. */
interface StoredResponses<Event> {
  readonly request: ReturnType<typeof requester>
  readonly urlOf: ProviderRuntime["endpoint"]["urlOf"]
  readonly resumption: Resumption<Event>
}

type ResumeOptions = OpenOptions & { readonly onResume: NonNullable<OpenOptions["onResume"]> }

// The longest time that an interrupted consumer waits for the cancellation.
const maxCancelTime = "2 seconds"

/** One response, read over one connection after another. A mutable class, because every read goes through it. */
class ResumableResponse<Event, State> {
  private readonly current: CurrentResponse
  private opened: OpenedResponse<Event, State> | undefined
  /** The failure of the last connection on which an event arrived. */
  private broken: LLMError | undefined
  /** The last event before the current connection. */
  private resumedAfter: number | undefined

  constructor(
    opening: Effect.Effect<OpenedResponse<Event, State>, LLMError, Scope.Scope>,
    scope: Scope.Scope,
    private readonly stored: StoredResponses<Event>,
    private readonly options: ResumeOptions
  ) {
    const first = Effect.map(opening, (opened) => {
      this.opened = opened
      return opened.pull
    })
    this.current = new CurrentResponse(first, scope)
    this.pull = watchPull(this.current.pull, {
      onChunks: (chunks) => chunks,
      onFailure: (error) => this.resume(error)
    })
  }

  /** Reads on, across connections. */
  readonly pull: Pull

  /** Cancels the response at the provider, which would finish and bill it, unless it has been read completely. */
  readonly cancel: Effect.Effect<void> = Effect.suspend(() => {
    const { opened } = this
    if (opened === undefined || opened.decoder.outcome === "complete") return Effect.void
    const url = this.urlOf(opened, (id) => this.stored.resumption.cancelPath(id))
    if (url === undefined) return Effect.void
    const request = this.stored.request({ method: "POST", url }, { context: opened.context, isStream: false })
    // In a fiber of its own, because a timeout has no effect in one that is being interrupted.
    return Effect.forkDaemon(Effect.interruptible(Effect.timeoutOption(Effect.scoped(request), maxCancelTime))).pipe(
      Effect.flatMap(Fiber.await),
      Effect.asVoid
    )
  })

  private resume(error: LLMError): Pull {
    const { opened } = this
    if (opened === undefined) return Effect.fail(error)
    const { outcome, lastNumber } = opened.decoder
    const hasEvents = lastNumber !== this.resumedAfter
    // The provider does not continue the response, for instance because it has expired.
    if (!canContinue(error, outcome !== undefined)) return Effect.fail(hasEvents ? error : (this.broken ?? error))
    if (hasEvents) this.broken = error
    // Without sequence numbers, repeated events cannot be distinguished from new ones.
    const url =
      lastNumber === undefined
        ? undefined
        : this.urlOf(opened, (id) => this.stored.resumption.eventsPath(id, lastNumber))
    if (url === undefined) return Effect.fail(error)
    const restart = Effect.suspend(() => {
      this.resumedAfter = lastNumber
      opened.decoder.reopen()
      this.current.restart(this.continuation(opened, url, error))
      return this.pull
    })
    return Effect.zipRight(Effect.zipRight(this.current.close, this.options.onResume(error)), restart)
  }

  private continuation(opened: OpenedResponse<Event, State>, url: string, error: LLMError): Opening {
    const { timeouts, onRateLimits, observer } = this.options
    const options = { context: opened.context, isStream: true, timeouts, onRateLimits, observer }
    return Effect.flatMap(this.stored.request({ method: "GET", url }, options), (received) =>
      isJson(received) ? Effect.fail(this.broken ?? error) : opened.continueWith(received)
    )
  }

  private urlOf(
    { decoder, encoded, context }: OpenedResponse<Event, State>,
    pathOf: (id: string) => string | undefined
  ): string | undefined {
    const id = this.stored.resumption.isKept(encoded.body) ? decoder.responseId : undefined
    const path = id === undefined ? undefined : pathOf(id)
    return path === undefined ? undefined : this.stored.urlOf(path, context.model)
  }
}

/** Whether the connection failed and not the response. Before its headers, whether a retry can help. */
const canContinue = (error: LLMError, hasBegun: boolean): boolean =>
  isRetryable(error) && (hasBegun ? error._tag === "NetworkError" && error.reason !== "Server" : isTransient(error))
