/** The batches and files of a Simulator: their requests and results. */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { JsonObject } from "../../../http/Json.js"
import { idOf } from "../../../protocol/serve/hash.js"
import { errorOf, kindOf } from "../../../protocol/serve/ServedError.js"
import type { ErrorResponse } from "../../../protocol/serve/WireFormat.js"
import { endpointAt } from "../Endpoint.js"
import type { ProtocolName, SimulatedReply } from "../SimulatedReply.js"
import type { SimulatedBatchOptions } from "./BatchOptions.js"

/** A request inside a batch. */
export interface BatchedRequest {
  readonly id: string
  /** The path of the request if it were sent alone. */
  readonly path: string
  readonly body: JsonObject
}

/** The outcome of a request inside a batch. */
export type BatchedOutcome =
  | { readonly type: "response"; readonly body: JsonObject }
  | { readonly type: "error"; readonly error: ErrorResponse }
  | { readonly type: "expired" }
  | { readonly type: "cancelled" }

/** The outcome of a request, by its id. `line` replaces the line that the protocol would write. */
export interface BatchedResult {
  readonly id: string
  readonly outcome: BatchedOutcome
  readonly line?: string
}

/** One batch. */
export interface SimulatedBatch {
  readonly id: string
  readonly protocol: ProtocolName
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** The other fields of the request that created it. */
  readonly fields: JsonObject
  readonly requests: ReadonlyArray<BatchedRequest>
  polls: number
  isCancelled: boolean
  results: ReadonlyArray<BatchedResult> | undefined
}

type NextReply = (path: string, protocol: ProtocolName, body: JsonObject) => SimulatedReply

/** The state of all batches. */
export class SimulatedBatches {
  readonly delayMillis: number
  private readonly files = new Map<string, string>()
  private readonly batches: Array<SimulatedBatch> = []

  constructor(
    readonly options: SimulatedBatchOptions,
    private readonly nextReply: NextReply
  ) {
    this.delayMillis = Duration.toMillis(options.delay ?? 0)
  }

  /** Stores a file, and gives its id. */
  addFile(text: string): string {
    const id = idOf(`file ${this.files.size}`, 22)
    this.files.set(id, text)
    return id
  }

  /** Adds to a file that is uploaded in pieces. */
  appendTo(id: string, text: string): void {
    this.files.set(id, (this.files.get(id) ?? "") + text)
  }

  file(id: string): string | undefined {
    return this.files.get(id)
  }

  create(batch: Pick<SimulatedBatch, "protocol" | "createdAt" | "fields" | "requests">): SimulatedBatch {
    const id = idOf(`batch ${this.batches.length}`, 22)
    const created: SimulatedBatch = { ...batch, id, polls: 0, isCancelled: false, results: undefined }
    this.batches.push(created)
    return created
  }

  /** The batches of a protocol, the newest first. */
  list(protocol: ProtocolName): ReadonlyArray<SimulatedBatch> {
    return this.batches.filter((batch) => batch.protocol === protocol).reverse()
  }

  find(id: string): SimulatedBatch | undefined {
    return this.batches.find((batch) => batch.id === id)
  }

  /** Finds a batch for a status request, and runs it after `polls` such requests. */
  poll(id: string): SimulatedBatch | undefined {
    const batch = this.find(id)
    if (batch === undefined) return undefined
    const { polls = 1 } = this.options
    if (batch.polls >= polls) batch.results ??= this.run(batch)
    batch.polls++
    return batch
  }

  cancel(id: string): SimulatedBatch | undefined {
    const batch = this.find(id)
    if (batch !== undefined && this.options.ignoresCancel !== true && batch.results === undefined) {
      batch.isCancelled = true
    }
    return batch
  }

  // Of a cancelled batch, half of the requests have run. Results are in reverse order, because no provider promises one.
  private run({ requests, isCancelled, protocol }: SimulatedBatch): ReadonlyArray<BatchedResult> {
    const { expired = 0, malformedLines = 0, foreignLines = 0, repeatedLines = 0, isRefused } = this.options
    if (isRefused === true) return []
    const isRun = (index: number) => index < (isCancelled ? requests.length / 2 : requests.length - expired)
    const results = requests.map(
      (request, index): BatchedResult => ({
        id: request.id,
        outcome: isRun(index) ? this.answer(request, protocol) : { type: isCancelled ? "cancelled" : "expired" }
      })
    )
    const damaged = results.map((result, index) =>
      index < malformedLines ? { ...result, line: '{"custom_id": "' } : result
    )
    const foreign = Array.from(
      { length: foreignLines },
      (_, index): BatchedResult => ({
        id: `nobody-${index}`,
        outcome: { type: "expired" }
      })
    )
    return [...damaged, ...damaged.slice(damaged.length - repeatedLines), ...foreign].reverse()
  }

  private answer({ path, body }: BatchedRequest, protocol: ProtocolName): BatchedOutcome {
    // Inside a batch, requests have no headers of their own.
    const endpoint = endpointAt("POST", path, { "anthropic-version": "2023-06-01" })
    if (endpoint === undefined) return { type: "expired" }
    const reply = this.nextReply(path, protocol, body)
    const { status } = reply
    const failure = reply.error ?? (status !== undefined && status >= 400 ? kindOf(status) : undefined)
    const model = String(body["model"] ?? endpoint.model)
    const answered = failure === undefined ? endpoint.respond(body, reply) : Either.left(errorOf(failure))
    return Either.match(answered, {
      onLeft: (error) => ({ type: "error", error: endpoint.wire.errorResponse(error, model) }),
      onRight: (success) => ({ type: "response", body: success.type === "json" ? success.body : {} })
    })
  }
}
