/** Replays recorded exchanges at their recorded times, without a connection. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import { monotonicMillis } from "../../domain/monotonic.js"
import type { Fault } from "../simulator/faults/Fault.js"
import type { Plan } from "../simulator/Plan.js"
import { stepsOf } from "../simulator/playback.js"
import { CassetteError } from "./CassetteError.js"
import { differencesOf, nearest } from "./difference.js"
import type { Exchange, RecordedRequest } from "./Exchange.js"
import type { NodeModules } from "./nodeModules.js"
import { notSent, responseOf } from "./record.js"
import { faultyPlan, planOf } from "./replayPlan.js"
import { requestKey } from "./requestKey.js"

/** The remaining exchanges, and the faults of the next requests. */
export class Replay {
  private readonly remaining: Array<Exchange>
  private readonly faults: Array<ReadonlyArray<Fault>>

  constructor(
    private readonly path: string,
    private readonly exchanges: ReadonlyArray<Exchange>,
    faults: ReadonlyArray<ReadonlyArray<Fault>>,
    readonly node: Pick<NodeModules, "gzip" | "sha256">
  ) {
    this.remaining = [...exchanges]
    this.faults = [...faults]
  }

  /** The recorded requests that were not sent. */
  get unused(): ReadonlyArray<RecordedRequest> {
    return this.remaining.map(({ request }) => request)
  }

  /** The response to a request, with what ends its body if the recording does not end properly. */
  take(request: RecordedRequest): { readonly plan: Plan; readonly ending: string } | CassetteError {
    const index = this.remaining.findIndex((exchange) => exchange.request.hash === request.hash)
    const exchange = this.remaining[index]
    if (exchange === undefined) return this.unmatched(request)
    const faults = this.faults.shift() ?? []
    if (faults.length > 0) {
      // The exchange stays, so that a retry gets it.
      return { plan: faultyPlan(exchange, faults, this.node.gzip), ending: "the connection was reset by a fault" }
    }
    this.remaining.splice(index, 1)
    const isInterrupted = exchange.response?.ending === "interrupted"
    const ending = isInterrupted
      ? "the recording ends here, because its caller stopped reading; record it again to read on"
      : "the recorded connection was broken here"
    return { plan: planOf(exchange), ending }
  }

  private unmatched(sent: RecordedRequest): CassetteError {
    const { path } = this
    const recorded = this.exchanges.map(({ request }) => request)
    const isUsed = recorded.some((request) => differencesOf(request, sent).length === 0)
    const differences = isUsed ? [] : (nearest(recorded, sent) ?? [])
    const problem = isUsed
      ? `it was recorded ${recorded.filter(({ hash }) => hash === sent.hash).length} times, and is sent once more`
      : recorded.length === 0
        ? "the cassette is empty"
        : `the nearest recorded request differs at ${differences.join(", ")}`
    return new CassetteError({
      reason: "Unmatched",
      path,
      differences,
      message: `no recorded exchange is left for this request: ${problem}; send what was recorded, or delete ${path} to record again`
    })
  }
}

/** Makes a client that answers from a replay. It applies the request changes of `client`, but sends nothing through it. */
export const replayer = (client: HttpClient.HttpClient, replay: Replay, layer: Scope.Scope): HttpClient.HttpClient =>
  HttpClient.transform(client, (_, request) =>
    Effect.gen(function* () {
      const key = yield* Effect.catchAll(requestKey(request, replay.node.sha256), (problem) =>
        notSent(request, new Error(problem))
      )
      const taken = replay.take(key.request)
      if (taken instanceof CassetteError) return yield* notSent(request, taken)
      const clock = yield* Effect.clock
      const start = monotonicMillis(clock)
      yield* Effect.sleep(taken.plan.delayMillis)
      const { head } = taken.plan
      if (head === undefined) return yield* refused(request, taken.ending, taken.plan.ending)
      const body = new PlayedBody(taken.plan, taken.ending, clock, start + taken.plan.delayMillis)
      const runtime = yield* Effect.runtime<never>()
      const scope = Option.getOrElse(yield* Effect.serviceOption(Scope.Scope), () => layer)
      yield* Scope.addFinalizer(scope, Effect.sync(body.stop))
      return HttpClientResponse.fromWeb(request, responseOf(body.stream(runtime), head.status, head.headers))
    })
  )

const refused = (request: HttpClientRequest.HttpClientRequest, ending: string, how: Plan["ending"]) =>
  how === "open"
    ? Effect.never
    : Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: new Error(ending) }))

/** Plays the body of a plan, one step for each read. A mutable class, because a stream calls back. */
class PlayedBody {
  private readonly steps: ReturnType<typeof stepsOf>
  private cancel: (() => void) | undefined

  constructor(
    private readonly plan: Plan,
    private readonly ending: string,
    private readonly clock: Clock.Clock,
    /** When the next step is due. */
    private due: number
  ) {
    this.steps = stepsOf(plan.body)
  }

  /** Ends the timer of a read that nobody waits for. */
  readonly stop = (): void => {
    this.cancel?.()
  }

  stream(runtime: Runtime.Runtime<never>): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) => new Promise<void>((resolve) => this.next(controller, resolve, runtime)),
        cancel: this.stop
      },
      // Nothing is played before it is read.
      { highWaterMark: 0 }
    )
  }

  private next(
    controller: ReadableStreamDefaultController<Uint8Array>,
    resolve: () => void,
    runtime: Runtime.Runtime<never>
  ): void {
    for (let step = this.steps.next(); step.done !== true; step = this.steps.next()) {
      if (step.value.type === "write") {
        if (step.value.bytes.length === 0) continue
        controller.enqueue(step.value.bytes)
        return resolve()
      }
      this.due += step.value.millis
      const millis = this.due - monotonicMillis(this.clock)
      if (millis <= 0) continue
      this.cancel = Runtime.runCallback(runtime)(this.clock.sleep(Duration.millis(millis)), {
        onExit: () => this.next(controller, resolve, runtime)
      })
      return
    }
    if (this.plan.ending === "open") return
    if (this.plan.ending === "end") controller.close()
    else controller.error(new Error(this.ending))
    resolve()
  }
}
