/** Signs a request and sends it, by the `HttpClient` of its provider or directly where that client can. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { AuthenticationError, type LLMError } from "../../domain/LLMError.js"
import * as Body from "../../http/Body.js"
import { type DirectSend, directSendOf } from "../../http/DirectClient.js"
import * as httpErrors from "../../http/errors/httpErrors.js"
import type { SignableRequest, Signature } from "../Auth.js"
import type { CallObserver } from "../CallObserver.js"
import { checkHeaders } from "../Endpoint.js"
import type { ProviderRuntime } from "../ProviderRuntime.js"
import type { RequestContext } from "./RequestContext.js"
import type { StreamTimers } from "./StreamTimers.js"

/** A request before it is signed. */
export interface OutgoingRequest {
  readonly method: "GET" | "POST"
  readonly url: string
  readonly body?: HttpBody.Uint8Array | undefined
  /** Beside those of the endpoint. */
  readonly headers?: RequestHeaders | undefined
}

type RequestHeaders = { readonly [name: string]: string }

/** One request, and what runs for it. */
export interface Sending {
  readonly request: OutgoingRequest
  readonly context: RequestContext
  readonly observer: CallObserver | undefined
  readonly timers: StreamTimers
  /** The context of the caller; its scope ends when the response is no longer read. */
  readonly services: Context.Context<Scope.Scope>
}

/** A response whose headers have arrived, whatever its status. */
export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** Opens the body, which can be read once. */
  readonly body: Effect.Effect<Body.MessageBody, never, Scope.Scope>
}

type Sent = Effect.Effect<HttpResponse, LLMError, Scope.Scope>

/** Signs and sends a request, after `before` if something comes first. The timers run during all of it. */
export type Execute = (sending: Sending, before?: Effect.Effect<void, LLMError>) => Sent

/** Makes what signs and sends the requests of a provider. Closing the scope closes the socket of a response. */
export const executor = (runtime: ProviderRuntime): Execute => {
  const direct = directSendOf(runtime.client)
  return direct === undefined ? executeByClient(runtime) : executeDirectly(runtime, direct)
}

const executeByClient = (runtime: ProviderRuntime): Execute => {
  const { sign } = runtime.auth
  const prepare = preparer(runtime)
  const send = sendByClient(runtime)
  return (sending, before = Effect.void) => {
    const { signable, headersOf } = prepare(sending)
    const sent = before.pipe(
      Effect.flatMap(() => sign(signable)),
      Effect.flatMap(headersOf),
      Effect.flatMap((headers) => send(sending, headers))
    )
    return withTimers(sending, sent)
  }
}

const executeDirectly = (runtime: ProviderRuntime, direct: DirectSend): Execute => {
  const { sign } = runtime.auth
  const prepare = preparer(runtime)
  const send = sendDirectly(direct, runtime.endpoint.localUrl)
  return (sending, before) => {
    const { signable, headersOf } = prepare(sending)
    const signing = before === undefined ? sign(signable) : Effect.flatMap(before, () => sign(signable))
    // The headers of a constant key are there at once. All else may take time, or not end.
    const signed = Exit.isExit(signing) ? signing : withTimers(sending, signing)
    return Effect.flatMap(Effect.flatMap(signed, headersOf), (headers) => send(sending, headers))
  }
}

const withTimers = <A, R>({ timers, context, services }: Sending, effect: Effect.Effect<A, LLMError, R>) =>
  timers.forHeaders(effect, Context.get(services, Scope.Scope), (timeout, afterMillis) =>
    httpErrors.timedOut(context, timeout, afterMillis)
  )

const noBody = new Uint8Array()

/** Makes what gives the request to sign, and all headers once it is signed. */
const preparer =
  ({ endpoint, propagateTraceContext }: ProviderRuntime) =>
  ({ request: { method, url, body, headers }, context, observer }: Sending) => {
    // Only `fetch` decompresses: the Node, Undici and direct clients do not.
    const plain = {
      "accept-encoding": "identity",
      ...(body === undefined ? {} : { "content-type": body.contentType }),
      ...endpoint.headers,
      ...headers,
      ...(propagateTraceContext ? traceContext(observer) : {})
    }
    const signable: SignableRequest = { method, url, headers: plain, body: body?.body ?? noBody }
    // With a line end in a header, undici throws an error that quotes the header, and the Node client crashes.
    const headersOf = (signature: Signature): Either.Either<RequestHeaders, AuthenticationError> => {
      context.secrets.add(signature.secrets)
      return Either.mapBoth(checkHeaders(signature.headers), {
        onLeft: (problem) =>
          new AuthenticationError({
            ...httpErrors.errorFields(context),
            message: `${context.provider}: the apiKey signs with a wrong header: ${problem}`
          }),
        onRight: (signed) => ({ ...signed, ...plain })
      })
    }
    return { signable, headersOf }
  }

/** The header of https://www.w3.org/TR/trace-context */
const traceContext = (observer: CallObserver | undefined): { readonly traceparent?: string } => {
  if (observer === undefined) return {}
  const { traceId, spanId, sampled } = observer.span
  return { traceparent: `00-${traceId}-${spanId}-${sampled ? "01" : "00"}` }
}

const sendByClient = ({ client, endpoint }: ProviderRuntime) => {
  // The platform's own span would end with an error that contains the request and with it the key. Its trace headers are
  // useless to a provider, and browsers reject them by CORS.
  const scoped = client.pipe(
    HttpClient.withScope,
    HttpClient.withTracerDisabledWhen(() => true)
  )
  return ({ request: { method, url, body }, context }: Sending, headers: RequestHeaders): Sent =>
    Effect.gen(function* () {
      const init = yield* Effect.serviceOption(FetchHttpClient.RequestInit)
      const response = yield* HttpClientRequest.make(method)(
        url,
        body === undefined ? { headers } : { body, headers }
      ).pipe(
        scoped.execute,
        Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, ...Object.keys(headers)]),
        // Following a redirect would send the key and the prompt to another host.
        Effect.provideService(FetchHttpClient.RequestInit, { ...Option.getOrUndefined(init), redirect: "manual" }),
        Effect.mapError((error) =>
          error._tag === "RequestError" && error.reason !== "Transport"
            ? httpErrors.notSent(context, error)
            : httpErrors.unreachable(context, error, endpoint.localUrl)
        )
      )
      return { status: response.status, headers: response.headers, body: Body.open(response) }
    })
}

/** Sends without a fiber and an abort signal. The client closes the socket, and never follows a redirect. */
const sendDirectly =
  (send: DirectSend, localUrl: string | undefined) =>
  ({ request: { method, url, body }, context, timers, services }: Sending, headers: RequestHeaders): Sent => {
    if (!URL.canParse(url)) return httpErrors.invalidUrl(context)
    let cancel: (() => void) | undefined
    const sent = Effect.async<HttpResponse, LLMError>((resume) => {
      timers.startHeaders((timeout, afterMillis) => {
        cancel?.()
        resume(httpErrors.timedOut(context, timeout, afterMillis))
      })
      cancel = send(
        { method, url: new URL(url), headers, body: body?.body ?? null, context: services },
        (response) => {
          timers.stopHeaders()
          resume(Effect.succeed({ ...response, body: Effect.succeed(response.body) }))
        },
        (cause) => {
          timers.stopHeaders()
          resume(httpErrors.unreachable(context, cause, localUrl))
        }
      )
    })
    const close = Effect.sync(() => cancel?.())
    return Effect.zipRight(Scope.addFinalizer(Context.get(services, Scope.Scope), close), sent)
  }
