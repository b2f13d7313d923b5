/**
 * HTTP clients that can also send a request without the steps of `HttpClient`. Such a client is recognized by its identity,
 * so every client that a program makes from it, by `HttpClient.mapRequest` for instance, is an ordinary one.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Context from "effect/Context"
import type { MessageBody } from "./Body.js"

/** A request that is ready to send. */
export interface DirectRequest {
  readonly method: "GET" | "POST"
  readonly url: URL
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array | null
  /** The context of the caller, which may contain options of the client. */
  readonly context: Context.Context<never>
}

/** A response whose headers have arrived. */
export interface DirectResponse {
  readonly status: number
  /** Names in lower case; several values are joined by commas. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: MessageBody
}

/**
 * Sends a request, and calls back once. Gives what closes its socket at once, before the headers or after them. That does
 * nothing where the response has ended; before the headers, nothing is called back any more.
 */
export type DirectSend = (
  request: DirectRequest,
  onResponse: (response: DirectResponse) => void,
  onFailure: (cause: unknown) => void
) => () => void

const directSends = new WeakMap<HttpClient.HttpClient, DirectSend>()

/** Gives a client the ability to send directly. */
export const withDirectSend = (client: HttpClient.HttpClient, send: DirectSend): HttpClient.HttpClient => {
  directSends.set(client, send)
  return client
}

/** How the registered client itself sends directly; clients derived from it are not registered. */
export const directSendOf = (client: HttpClient.HttpClient): DirectSend | undefined => directSends.get(client)
