/** One request over undici's `dispatch`, and the body of its response. */

import { Buffer } from "node:buffer"
import * as Headers from "@effect/platform/Headers"
import { UndiciRequestOptions } from "@effect/platform-node/NodeHttpClient"
import type { Dispatcher } from "@effect/platform-node/Undici"
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import type { MessageBody } from "../../http/Body.js"
import type { DirectRequest, DirectResponse, DirectSend } from "../../http/DirectClient.js"

/** The body of a message pauses its connection while this many bytes wait for their reader. */
const maxWaitingBytes = 64 * 1024

/** The reason of every abort. An error of its own for each would take a stack trace. */
const left = new Error("the response is no longer read")

/** Makes what sends requests by a dispatcher. The options of a request replace those of the layer, as on the platform. */
export const sendBy = (dispatcher: Dispatcher, layerOptions: Option.Option<Dispatcher.RequestOptions>): DirectSend => {
  return (request, onResponse, onFailure) => {
    const exchange = new Exchange(onResponse, onFailure)
    const options = Option.orElse(Context.getOption(request.context, UndiciRequestOptions), () => layerOptions)
    // Dispatchers may throw: undici's `ProxyAgent` does for a header `proxy-authorization`, and so may any interceptor.
    try {
      dispatcher.dispatch({ ...Option.getOrUndefined(options), ...dispatchOptions(request) }, exchange)
    } catch (cause) {
      exchange.onResponseError(undefined, cause)
    }
    return exchange.cancel
  }
}

const dispatchOptions = ({ method, url, headers, body }: DirectRequest): Dispatcher.DispatchOptions => ({
  method,
  origin: url.origin,
  path: url.pathname + url.search,
  headers,
  body,
  // The timeouts of a call run in `StreamTimers`.
  headersTimeout: 0,
  bodyTimeout: 0
})

/** How a body has ended. */
type End = { readonly type: "clean" } | { readonly type: "broken"; readonly cause: unknown }

/** What waits for a read. */
type Reader = Parameters<MessageBody["next"]>

/** A mutable class, because it runs for every network read. */
class Exchange implements Dispatcher.DispatchHandler, MessageBody {
  private controller: Dispatcher.DispatchController | undefined
  private hasResponse = false
  private isCanceled = false
  private chunks: Array<Uint8Array> = []
  private waitingBytes = 0
  private end: End | undefined
  private reader: Reader | undefined

  constructor(
    private readonly onResponse: (response: DirectResponse) => void,
    private readonly onFailure: (cause: unknown) => void
  ) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.isCanceled) controller.abort(left)
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  ): void {
    // Informational responses precede the response.
    if (status < 200) return
    this.hasResponse = true
    this.onResponse({ status, headers: Headers.fromInput(headers), body: this })
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Uint8Array): void {
    const reader = this.takeReader()
    if (reader !== undefined) return reader[0](bytes)
    this.chunks.push(bytes)
    this.waitingBytes += bytes.length
    if (this.waitingBytes >= maxWaitingBytes) controller.pause()
  }

  onResponseEnd(): void {
    this.end = { type: "clean" }
    this.takeReader()?.[0](undefined)
  }

  onResponseError(_: unknown, cause: unknown): void {
    if (this.end !== undefined) return
    this.end = { type: "broken", cause }
    if (this.hasResponse) this.takeReader()?.[1](cause)
    else if (!this.isCanceled) this.onFailure(cause)
  }

  readonly next: MessageBody["next"] = (...reader) => {
    const [onBytes, onBroken] = reader
    if (this.chunks.length > 0) onBytes(this.takeBytes())
    else if (this.end === undefined) this.reader = reader
    else if (this.end.type === "clean") onBytes(undefined)
    else onBroken(this.end.cause)
  }

  /** Closes the socket at once, unless the response has ended and left it to other requests. */
  readonly cancel = (): void => {
    this.isCanceled = true
    if (this.end === undefined) this.controller?.abort(left)
  }

  private takeReader(): Reader | undefined {
    const { reader } = this
    this.reader = undefined
    return reader
  }

  /** All that waits, because undici reports each chunk of the transfer encoding: one read of the socket may have many. */
  private takeBytes(): Uint8Array {
    const { chunks, waitingBytes } = this
    this.chunks = []
    this.waitingBytes = 0
    // May report more chunks at once.
    if (this.controller?.paused === true) this.controller.resume()
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, waitingBytes)
  }
}
