/** The README's first program without us: a service of its own with a stream and typed errors, on bare Effect. */
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { type ConfigError, Context, Data, Effect, Layer, Stream } from "effect"

class Limited extends Data.TaggedError("Limited")<{ readonly message: string }> {}
class Unreachable extends Data.TaggedError("Unreachable")<{ readonly message: string }> {}

interface Piece {
  readonly content: string
}

interface PreparedRequest {
  readonly words: string
  readonly most?: number | undefined
}

interface TalkerService {
  readonly talk: (sampleRequest: PreparedRequest) => Stream.Stream<Piece, Limited | Unreachable>
}

class Talker extends Context.Tag("Talker")<Talker, TalkerService>() {
  static readonly talk = (sampleRequest: PreparedRequest): Stream.Stream<Piece, Limited | Unreachable, Talker> =>
    Stream.unwrap(Effect.map(Talker, (talker) => talker.talk(sampleRequest)))

  static readonly layer = (options: {
    readonly model: string
  }): Layer.Layer<Talker, ConfigError.ConfigError, HttpClient.HttpClient> =>
    Layer.effect(
      Talker,
      Effect.map(HttpClient.HttpClient, () => ({ talk: () => Stream.succeed({ content: options.model }) }))
    )
}

const program = Talker.talk({ words: "Count to 5 with words", most: 50 }).pipe(
  Stream.runForEach((piece) => Effect.sync(() => process.stdout.write(piece.content))),
  Effect.catchTags({
    Limited: (error) => Effect.logError(error.message),
    Unreachable: (error) => Effect.logError(error.message)
  })
)

program.pipe(Effect.provide(Talker.layer({ model: "any" })), Effect.provide(FetchHttpClient.layer), NodeRuntime.runMain)
