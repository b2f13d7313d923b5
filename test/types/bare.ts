/** The README's first program without the library: a service with a stream and typed errors, on bare Effect. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

class Limited extends Data.TaggedError("Limited")<{ readonly message: string }> {}
class Unreachable extends Data.TaggedError("Unreachable")<{ readonly message: string }> {}

interface Piece {
  readonly content: string
}

interface PreparedRequest {
  readonly words: string
  readonly most?: number | undefined
}

interface ChatService {
  readonly stream: (sampleRequest: PreparedRequest) => Stream.Stream<Piece, Limited | Unreachable>
}

class Chat extends Context.Tag("Chat")<Chat, ChatService>() {
  static readonly stream = (sampleRequest: PreparedRequest): Stream.Stream<Piece, Limited | Unreachable, Chat> =>
    Stream.unwrap(Effect.map(Chat, (service) => service.stream(sampleRequest)))

  static readonly layer = (options: {
    readonly model: string
  }): Layer.Layer<Chat, ConfigError.ConfigError, HttpClient.HttpClient> =>
    Layer.effect(
      Chat,
      Effect.map(HttpClient.HttpClient, () => ({ stream: () => Stream.succeed({ content: options.model }) }))
    )
}

const program = Chat.stream({ words: "Count to 5 with words", most: 50 }).pipe(
  Stream.runForEach((piece) => Effect.sync(() => process.stdout.write(piece.content))),
  Effect.catchTags({
    Limited: (error) => Effect.logError(error.message),
    Unreachable: (error) => Effect.logError(error.message)
  })
)

program.pipe(Effect.provide(Chat.layer({ model: "any" })), Effect.provide(FetchHttpClient.layer), NodeRuntime.runMain)
