/** Answers served to front ends: their events as JSON, and requests with a body. */
import { HttpServerRequest, type HttpServerResponse } from "@effect/platform"
import { Effect, Layer, Redacted, Ref, Schema, Stream } from "effect"
import { StreamChunk as Chunks, type StreamChunk } from "llm-connectivity"
import { ApprovalStore, Approvals, Tool } from "llm-connectivity/tools"

export type Json = { readonly [key: string]: unknown }

/** A response with its body read to the end. */
export interface Served {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly text: string
  /** The JSON of each event, without the end marker. */
  readonly events: ReadonlyArray<Json>
}

/** Reads the response to the end. */
export const served = <E, R>(
  response: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<Served, E, Exclude<R, import("effect").Scope.Scope>> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { status, headers, body } = yield* response
      const bytes =
        body._tag === "Stream"
          ? Stream.orDie(body.stream)
          : body._tag === "Uint8Array"
            ? Stream.make(body.body)
            : Stream.empty
      const text = yield* Stream.mkString(Stream.decodeText(bytes))
      const events = text
        .split("\n\n")
        .filter((event) => event.startsWith("data: {"))
        .map((event): Json => JSON.parse(event.slice("data: ".length)))
      return { status, headers, text, events }
    })
  )

/** A request with a body, as a server has it. */
export const withBody = (body: string | ReadableStream<Uint8Array>) =>
  Effect.provideService(
    HttpServerRequest.HttpServerRequest,
    HttpServerRequest.fromWeb(
      new Request("http://localhost/", {
        method: "POST",
        body,
        ...(typeof body === "string" ? {} : { duplex: "half" })
      })
    )
  )

export const chunk = (fields: Partial<StreamChunk>): StreamChunk => Chunks.make(fields)

const usage = {
  inputTokens: 5,
  outputTokens: 2,
  totalTokens: 7,
  cacheReadTokens: 1,
  cacheWriteTokens: 0,
  reasoningTokens: 0
}

/** The end of a response. */
export const finished = chunk({
  finishReason: "stop",
  usage,
  cost: 0.5,
  origin: { provider: "openai", model: "gpt-4o-mini" }
})

/** A tool that needs an approval, and what it has removed. */
export const makeRemove = Effect.map(Ref.make<ReadonlyArray<number>>([]), (removed) => ({
  removed: Ref.get(removed),
  remove: Tool.make("remove", {
    description: "Removes a user",
    parameters: { id: Schema.Number },
    needsApproval: true,
    execute: ({ id }) => Ref.update(removed, (all) => [...all, id])
  })
}))

/** A tool whose results are text and files, with fields that front ends have no place for. */
export const photo = Tool.make("photo", {
  execute: () =>
    Effect.succeed([
      { type: "text", text: "The user:" },
      { type: "image", data: "AAAA", mediaType: "image/png", detail: "low" },
      { type: "file", url: "https://example.com/a.pdf", mediaType: "application/pdf", filename: "a.pdf" }
    ] as const)
})

export const approvals = Layer.orDie(
  Approvals.layer({
    secret: Redacted.make("a secret of the tests, of at least 32 bytes"),
    store: ApprovalStore.memory
  })
)
