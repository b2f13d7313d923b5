/** Streams one answer to where it belongs: as text, or as lines of JSON. */
import { fstatSync } from "node:fs"
import { Effect, identity, Schema, Stream } from "effect"
import { ModelCatalog } from "../../catalog/ModelCatalog.js"
import type { LLMClientService } from "../../client/serve.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { LLMError } from "../../domain/LLMError.js"
import type { ModelId } from "../../domain/ModelId.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { collect } from "../../output/Collect.js"
import { tapPrint, type Writable } from "../../output/Print.js"
import { canRedraw, styleOf } from "../../output/progress/Terminal.js"
import { harmless, print, tell } from "../Output.js"
import { Stopwatch, statsOf } from "./Stats.js"

/** A question, to whom, and whether its numbers are wanted. */
export interface Question {
  readonly client: LLMClientService
  readonly model: ModelId
  readonly request: ChatRequest
  readonly wantsStats: boolean
  /** Is shown each chunk as it passes. */
  readonly onChunk?: ((chunk: StreamChunk) => void) | undefined
}

/** Prints the answer as it arrives, with a line of status as long as there is nothing to read. */
export const answerAsText = (question: Question): Effect.Effect<void, LLMError> =>
  Effect.suspend(() => {
    const page = new Page(process.stdout)
    return ask(question, (stream) => tapPrint(page)(withStatus(question)(stream))).pipe(
      Effect.ensuring(Effect.sync(() => page.endLine())),
      Effect.flatMap((answered) => Effect.zipRight(remark(question, answered.response), tellStats(question, answered)))
    )
  })

/** Writes a line of JSON for each chunk and for the whole, or for the failure. */
export const answerAsJson = (question: Question): Effect.Effect<void, LLMError> =>
  ask(question, (stream) =>
    Stream.tap(withStatus(question)(stream), ({ rawChunk: _, ...chunk }) => printJson("chunk", chunk))
  ).pipe(
    Effect.tapError((error) => printJson("error", encodeError(error))),
    Effect.flatMap((answered) => {
      const { rawResponse: _, ...response } = answered.response
      return Effect.zipRight(printJson("response", response), tellStats(question, answered))
    })
  )

const encode = Schema.encodeSync(LLMError.schema)

const encodeError = (error: LLMError): object => {
  const { _tag, ...fields } = encode(error)
  return { error: _tag, ...fields }
}

const printJson = (type: "chunk" | "response" | "error", fields: object): Effect.Effect<void> =>
  print(JSON.stringify({ type, ...fields }))

interface Answered {
  readonly response: ChatResponse
  readonly stopwatch: Stopwatch
}

const ask = (
  { client, request, onChunk = () => {} }: Question,
  show: (stream: ChatStream) => ChatStream
): Effect.Effect<Answered, LLMError> =>
  Effect.gen(function* () {
    const stopwatch = new Stopwatch(yield* Effect.clock)
    const watched = Stream.mapChunks(client.chatStream(request), (chunks) => {
      for (const chunk of chunks) {
        stopwatch.see(chunk)
        onChunk(chunk)
      }
      return chunks
    })
    return { response: yield* collect(show(watched)), stopwatch }
  })

const tellStats = ({ wantsStats }: Question, { response, stopwatch }: Answered): Effect.Effect<void> =>
  wantsStats ? tell(styleOf(process.stderr).dim(statsOf(response, stopwatch))) : Effect.void

/** On a terminal, as long as the answer does not appear on it. */
const withStatus = ({ model, request }: Question): ((stream: ChatStream) => ChatStream) => {
  if (!canRedraw(process.stderr)) return identity
  const until = isFile() ? "end" : "firstContent"
  return (stream) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const catalog = yield* ModelCatalog.snapshot
        // Measuring the width of text takes 50 ms to begin, which who pipes the answer on need not wait for.
        const { status } = yield* Effect.promise(() => import("../../output/progress/Status.js"))
        return Stream.provideService(status({ model, request, until })(stream), ModelCatalog, catalog)
      })
    )
}

type ChatStream = Stream.Stream<StreamChunk, LLMError>

/** What is piped on may end on the same terminal; what goes to a file does not. */
const isFile = (): boolean => {
  try {
    return fstatSync(1).isFile()
  } catch {
    return false
  }
}

/** Says what the reader would not see from the text. */
const remark = (
  { model }: Question,
  { finishReason, content, provider, model: by }: ChatResponse
): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (!model.startsWith(`${provider}/`)) yield* tell(harmless(`(answered by ${provider}/${by} in place of ${model})`))
    if (finishReason === "length") yield* tell("(the answer was cut at its token limit, see --max-tokens)")
    else if (finishReason === "content_filter") yield* tell("(the provider's filter ended the answer)")
    else if (content === "") yield* tell("(the answer has no text)")
  })

/** Remembers whether its last line has ended. */
class Page implements Writable {
  private isAtLineStart = true

  constructor(private readonly to: NodeJS.WriteStream) {}

  get isTTY(): boolean {
    return this.to.isTTY
  }

  write(text: string): void {
    if (text !== "") this.isAtLineStart = text.endsWith("\n")
    this.to.write(text)
  }

  endLine(): void {
    if (!this.isAtLineStart) this.to.write("\n")
  }
}
