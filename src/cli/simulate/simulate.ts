/** Does what `simulate` is for: serves the Simulator until it is stopped, and logs what it is asked. */
import { Context, Effect, Layer, Schedule } from "effect"
import { isObject } from "../../http/Json.js"
import * as Figures from "../../output/progress/Figures.js"
import { styleOf } from "../../output/progress/Terminal.js"
import { Simulator, type SimulatorService } from "../../testing/Simulator.js"
import type { SimulatedReply } from "../../testing/simulator/SimulatedReply.js"
import type { SimulatedRequest } from "../../testing/simulator/SimulatedRequest.js"
import { harmless, print, tell } from "../Output.js"
import { exitCodes, misused, Problem } from "../Problem.js"
import { errors, faults } from "./faults.js"
import type { SimulateOptions } from "./options.js"

/** Serves until it is interrupted. */
export const run = (options: SimulateOptions): Effect.Effect<never, Problem> =>
  Effect.gen(function* () {
    const reply = yield* replyOf(options)
    const goesWrong = new WeakSet<SimulatedRequest>()
    const script = (request: SimulatedRequest, index: number): SimulatedReply | undefined => {
      if (reply === undefined || !isMeant(index + 1, options)) return undefined
      goesWrong.add(request)
      return reply
    }
    const { port, pace } = options
    const layer = Simulator.layer({ port, script, ...(pace === undefined ? {} : { pace }) })
    const simulator = Context.get(yield* Layer.build(layer).pipe(Effect.catchAllDefect(unable)), Simulator)
    yield* introduce(simulator)
    return yield* logging(simulator, (request) =>
      goesWrong.has(request) ? (options.error ?? options.fault) : undefined
    )
  }).pipe(Effect.scoped)

const unable = (defect: unknown): Problem =>
  new Problem({ message: defect instanceof Error ? defect.message : String(defect), exitCode: exitCodes.unexpected })

const isMeant = (count: number, { first, every = 1 }: SimulateOptions): boolean =>
  (first === undefined || count <= first) && count % every === 0

const replyOf = (options: SimulateOptions): Effect.Effect<SimulatedReply | undefined, Problem> => {
  const { error, fault, retryAfter, after = 3, delay = 5000 } = options
  if (error === undefined && retryAfter !== undefined) return misused("--retry-after belongs to an --error")
  if (error !== undefined && fault !== undefined && fault !== "error-event") {
    return misused("give either --error or --fault; only the fault error-event takes both")
  }
  const kind = error === undefined ? undefined : errors[error]
  if (fault !== undefined) {
    const setting = { position: { afterChunks: after }, delay, error: kind ?? "overloaded" }
    return Effect.succeed({ fault: faults[fault](setting) })
  }
  return Effect.succeed(kind === undefined ? undefined : { error: { kind, retryAfter } })
}

/** Says where it is, and what leads programs there. */
const introduce = ({ url, environment }: SimulatorService): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* tell(`Simulated providers at ${url}; Ctrl-C stops them. These variables lead programs there:`)
    const isWindows = process.platform === "win32"
    yield* print(
      Object.entries(environment)
        .map(([name, value]) => (isWindows ? `$env:${name} = "${value}"` : `export ${name}=${value}`))
        .join("\n")
    )
  })

/** Writes a line for each request when it has been answered. */
const logging = (
  simulator: SimulatorService,
  faultOf: (request: SimulatedRequest) => string | undefined
): Effect.Effect<never> => {
  const seen = new WeakSet<SimulatedRequest>()
  const look = Effect.flatMap(simulator.requests, (requests) =>
    Effect.forEach(
      requests.filter((request) => !seen.has(request)),
      (request) => {
        seen.add(request)
        return Effect.fork(log(request, faultOf(request)))
      },
      { discard: true }
    )
  )
  return Effect.zipRight(Effect.schedule(look, Schedule.spaced("50 millis")), Effect.never)
}

const log = (request: SimulatedRequest, fault: string | undefined): Effect.Effect<void> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const startedAt = clock.unsafeCurrentTimeMillis()
    const { chunks, bytes, closedBy } = yield* request.closed
    const style = styleOf(process.stderr)
    const parts = [
      style.dim(new Date(startedAt).toTimeString().slice(0, 8)),
      harmless(`${request.method} ${request.path.replace(/\?.*$/, "")}`),
      isObject(request.body) && typeof request.body["model"] === "string" ? harmless(request.body["model"]) : undefined,
      style.dim("→"),
      `${Figures.count(chunks)} ${chunks === 1 ? "piece" : "pieces"}, ${Figures.count(bytes)} bytes`,
      `in ${Figures.seconds((clock.unsafeCurrentTimeMillis() - startedAt) / 1000)}`,
      fault === undefined ? undefined : style.red(`(${fault})`),
      closedBy === "caller" ? "(the caller left)" : undefined
    ]
    yield* tell(parts.filter((part) => part !== undefined).join(" "))
  })
