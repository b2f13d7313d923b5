/**
 * A provider on the seams: Anthropic's messages, framed as an AWS event stream and signed with Signature Version 4.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
 */
import type { HttpClient } from "@effect/platform"
import { Effect, Either } from "effect"
import { Provider, type ValidationError } from "llm-connectivity"
import type { Frame, Framing } from "../../../src/http/framing/Framing.js"
import * as anthropicMessages from "../../../src/protocol/anthropic-messages/protocol.js"
import { openStream } from "../../../src/provider/engine/openStream.js"
import * as ProviderRuntime from "../../../src/provider/ProviderRuntime.js"
import { awsEventStream } from "./awsEventStream.js"
import { type SigV4Options, sigV4 } from "./sigV4.js"

/** How to reach Bedrock. */
export interface BedrockOptions extends Omit<SigV4Options, "service">, ProviderRuntime.AccessOptions {
  readonly baseUrl: string
}

const messages = anthropicMessages.make({ provider: "bedrock" })

/** The event inside a `chunk`: `{ "bytes": base64 }`. */
const withoutBase64 = (frame: Frame): Frame => {
  if (frame.event !== "chunk") return frame
  try {
    const { bytes } = JSON.parse(frame.data)
    return { data: new TextDecoder().decode(Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))) }
  } catch {
    return { data: "a chunk without its bytes" }
  }
}

/** Frames the events that Bedrock wraps. */
const bedrockEventStream: Framing = (maxEventSize) => {
  const reader = awsEventStream(maxEventSize)
  return {
    push: (bytes) => reader.push(bytes).map(withoutBase64),
    end: () => reader.end().map(withoutBase64),
    get failure() {
      return reader.failure
    },
    nonEventText: ""
  }
}

/** Anthropic's messages as Bedrock takes them: the model and the stream are in the path, the version in the body. */
export const protocol: typeof messages = {
  ...messages,
  framing: bedrockEventStream,
  encode: (request, stream) =>
    Either.map(messages.encode(request, stream), ({ body: { model: _, stream: __, ...body } }) => ({
      path: stream ? "/invoke-with-response-stream" : "/invoke",
      body: { ...body, anthropic_version: "bedrock-2023-05-31" }
    }))
}

/** Makes the provider. */
export const make = (options: BedrockOptions): Effect.Effect<Provider, ValidationError, HttpClient.HttpClient> =>
  Effect.map(
    ProviderRuntime.make({
      ...options,
      provider: "bedrock",
      apiKey: sigV4({ ...options, service: "bedrock" }),
      keyHeaders: () => ({}),
      pathOf: (path, model) => `/model/${encodeURIComponent(model)}${path}`
    }),
    (runtime) => Provider.make({ name: "bedrock", open: openStream(runtime, protocol) })
  )
