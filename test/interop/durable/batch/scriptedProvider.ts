/** A provider with one batch, which ends, fails and breaks off as a test says, and counts what it is asked. */
import { Clock, Effect, Either, Layer, Stream } from "effect"
import type { ChatResponse, LLMError } from "llm-connectivity"
import { type BatchHandle, type BatchItem, ProviderBatch } from "llm-connectivity/batch"

/** How the provider behaves. */
export interface ProviderScript {
  /** Whether the batch has ended at a time in milliseconds; at once by default. */
  readonly isEnded?: (now: number) => boolean
  /** What the first requests for its status fail with. */
  readonly outages?: ReadonlyArray<LLMError>
  /** After how many results the first downloads fail, and with what. */
  readonly cuts?: ReadonlyArray<readonly [results: number, error: LLMError]>
}

const response = (content: string): ChatResponse => ({
  content,
  reasoning: "",
  toolCalls: [],
  usage: null,
  message: { role: "assistant", content },
  finishReason: "stop",
  cost: 0.5,
  provider: "test",
  model: "test",
  requestedModel: "test",
  rawResponse: {}
})

const counts = { total: 0, succeeded: 0, failed: 0, expired: 0, cancelled: 0 }

/** Makes the provider. */
export const scriptedProvider = ({ isEnded = () => true, outages = [], cuts = [] }: ProviderScript) => {
  /** When it was asked for the status, in milliseconds. */
  const asked: Array<number> = []
  const calls = { submissions: 0, downloads: 0 }
  let submitted: ReadonlyArray<BatchItem> = []
  const status = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const outage = outages[asked.push(now) - 1]
    if (outage !== undefined) return yield* outage
    return { state: isEnded(now) ? ("ended" as const) : ("running" as const), counts, parts: [] }
  })
  const layer = Layer.succeed(ProviderBatch, {
    submit: (id, items) =>
      Effect.sync((): BatchHandle => {
        calls.submissions++
        submitted = items
        const part = { providerId: "1", model: null, ids: items.map((item) => item.id) }
        return { version: 1, id, provider: "test", api: "test", parts: [part] }
      }),
    status: () => status,
    cancel: () => status,
    results: () =>
      Stream.suspend(() => {
        const [length, error] = cuts[calls.downloads++] ?? []
        // Every other download has the other order.
        const items = calls.downloads % 2 === 0 ? submitted : [...submitted].reverse()
        const read = Stream.map(Stream.fromIterable(items.slice(0, length)), ({ id }) => ({
          id,
          result: Either.right(response(`Answer ${id.split("-")[1]}`))
        }))
        return error === undefined ? read : Stream.concat(read, Stream.fail(error))
      })
  })
  return { layer, asked, calls }
}
