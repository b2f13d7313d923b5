/** One turn: sends a request and prints the response as it streams, as text or as lines of JSON. */
import { fstatSync } from "node:fs"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { ModelCatalog } from "../../catalog/ModelCatalog.js"
import type { LLMClientService } from "../../client/serve.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { LLMError } from "../../domain/LLMError.js"
import type { ModelId } from "../../domain/ModelId.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { collect } from "../../output/Collect.js"
import { LineTracker } from "../../output/LineTracker.js"
import { tapPrint } from "../../output/Print.js"
import { canRedraw, styleOf } from "../../output/progress/Terminal.js"
import { sanitizeTerminal } from "../../output/sanitizeTerminal.js"
import type { Writable } from "../../output/Writable.js"
import { printLine, printNotice } from "../Output.js"
import { formatStats, Stopwatch } from "./Stats.js"
import { WordWrap } from "./WordWrap.js"

/** A request, its client, and what to print besides the response. */
export interface Turn {
  readonly client: LLMClientService
  readonly model: ModelId
  readonly request: ChatRequest
  readonly showsStats: boolean
  /** Called with each chunk before it is printed. */
  readonly onChunk?: ((chunk: StreamChunk) => void) | undefined
}

/** Prints the text of the response as it arrives, and a status line until then. */
export const printAsText = (turn: Turn): Effect.Effect<void, LLMError> =>
  Effect.gen(function* () {
    const output = new LineTracker(yield* wrappedOutput)
    const timed = yield* streamResponse(turn, (stream) => tapPrint(output)(withStatus(turn)(stream))).pipe(
      Effect.ensuring(Effect.sync(() => output.endLine()))
    )
    yield* printRemarks(turn, timed.response)
    yield* printStats(turn, timed)
  })

/** The standard output; on a terminal, lines break between words. */
const wrappedOutput = Effect.suspend((): Effect.Effect<Writable> => {
  if (!canRedraw(process.stdout)) return Effect.succeed(process.stdout)
  return Effect.map(
    Effect.promise(() => import("../../output/progress/TerminalWidth.js")),
    ({ widthOf }) => new WordWrap(process.stdout, widthOf)
  )
})

/** Prints one line of JSON per chunk, then one for the complete response or the error. */
export const printAsJson = (turn: Turn): Effect.Effect<void, LLMError> =>
  streamResponse(turn, (stream) =>
    Stream.tap(withStatus(turn)(stream), ({ rawChunk: _, ...chunk }) => printJson("chunk", chunk))
  ).pipe(
    Effect.tapError((error) => printJson("error", encodeError(error))),
    Effect.flatMap((timed) => {
      const { rawResponse: _, ...response } = timed.response
      return Effect.zipRight(printJson("response", response), printStats(turn, timed))
    })
  )

const encode = Schema.encodeSync(LLMError.schema)

const encodeError = (error: LLMError): object => {
  const { _tag, ...fields } = encode(error)
  return { error: _tag, ...fields }
}

const printJson = (type: "chunk" | "response" | "error", fields: object): Effect.Effect<void> =>
  printLine(JSON.stringify({ type, ...fields }))

interface TimedResponse {
  readonly response: ChatResponse
  readonly stopwatch: Stopwatch
}

const streamResponse = (
  { client, request, onChunk = () => {} }: Turn,
  printChunks: (stream: ChunkStream) => ChunkStream
): Effect.Effect<TimedResponse, LLMError> =>
  Effect.gen(function* () {
    const stopwatch = new Stopwatch(yield* Effect.clock)
    const timed = Stream.mapChunks(client.chatStream(request), (chunks) => {
      for (const chunk of chunks) {
        stopwatch.observe(chunk)
        onChunk(chunk)
      }
      return chunks
    })
    return { response: yield* collect(printChunks(timed)), stopwatch }
  })

const printStats = ({ showsStats }: Turn, { response, stopwatch }: TimedResponse): Effect.Effect<void> =>
  showsStats ? printNotice(styleOf(process.stderr).dim(formatStats(response, stopwatch))) : Effect.void

/** Shows a status line on a terminal until the response appears there. */
const withStatus = ({ model, request }: Turn): ((stream: ChunkStream) => ChunkStream) => {
  if (!canRedraw(process.stderr)) return identity
  const until = isStdoutFile() ? "end" : "firstContent"
  return (stream) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const catalog = yield* ModelCatalog.snapshot
        // Loading it takes 50 ms, because it measures the width of text; piped output need not wait for that.
        const { status } = yield* Effect.promise(() => import("../../output/progress/Status.js"))
        return Stream.provideService(status({ model, request, until })(stream), ModelCatalog, catalog)
      })
    )
}

type ChunkStream = Stream.Stream<StreamChunk, LLMError>

/** A pipe may end on the same terminal, such as `| tee`; a file never appears on it. */
const isStdoutFile = (): boolean => {
  try {
    return fstatSync(1).isFile()
  } catch {
    return false
  }
}

/** Prints what the text does not show: a fallback, a truncated or an empty response. */
const printRemarks = (
  { model }: Turn,
  { finishReason, content, provider, model: respondingModel }: ChatResponse
): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (!model.startsWith(`${provider}/`)) {
      yield* printNotice(sanitizeTerminal(`(fell back from ${model} to ${provider}/${respondingModel})`))
    }
    if (finishReason === "length") yield* printNotice("(the response reached its token limit, see --max-tokens)")
    else if (finishReason === "content_filter") yield* printNotice("(the provider's content filter ended the response)")
    else if (content === "") yield* printNotice("(the response has no text)")
  })
