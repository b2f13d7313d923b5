/** The command `simulate`: serves the Simulator and logs its requests. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { isObject } from "../http/Json.js"
import * as Figures from "../output/progress/Figures.js"
import { styleOf } from "../output/progress/Terminal.js"
import { sanitizeTerminal } from "../output/sanitizeTerminal.js"
import type { ErrorKind } from "../testing/index.js"
import { Simulator, type SimulatorService } from "../testing/Simulator.js"
import type { Fault, Position } from "../testing/simulator/faults/Fault.js"
import type { SimulatedReply } from "../testing/simulator/SimulatedReply.js"
import type { SimulatedRequest } from "../testing/simulator/SimulatedRequest.js"
import { type Command, defineCommand } from "./Command.js"
import { CommandError, exitCodes, usageError } from "./CommandError.js"
import * as Options from "./Options.js"
import { printLine, printNotice } from "./Output.js"

/** Error responses, by the names that `--error` takes. */
const errors = {
  authentication: "authentication",
  permission: "permission",
  "insufficient-credits": "insufficientCredits",
  "rate-limit": "rateLimit",
  overloaded: "overloaded",
  "model-not-found": "modelNotFound",
  "context-window": "contextWindow",
  "invalid-request": "invalidRequest",
  server: "server"
} as const satisfies { readonly [name: string]: ErrorKind }

/** Where and how a fault happens. */
interface FaultSettings {
  readonly position: Position
  /** Milliseconds. */
  readonly delay: number
  readonly error: ErrorKind
}

/** Faults of a connection or stream, by the names that `--fault` takes. */
const faults = {
  reset: ({ position }) => ({ type: "reset", ...position }),
  truncate: ({ position }) => ({ type: "truncate", ...position }),
  stall: ({ position }) => ({ type: "stall", ...position }),
  "cut-character": ({ position }) => ({ type: "cutCharacter", ...position }),
  "malformed-event": ({ position }) => ({ type: "malformedEvent", ...position }),
  "error-event": ({ position, error }) => ({ type: "errorEvent", error, ...position }),
  "reset-before-headers": () => ({ type: "resetBeforeHeaders" }),
  "slow-headers": ({ delay }) => ({ type: "slowHeaders", delay }),
  "slow-first-content": ({ delay }) => ({ type: "slowFirstContent", delay }),
  trickle: () => ({ type: "trickle" }),
  page: () => ({ type: "page" }),
  "empty-body": () => ({ type: "emptyBody" }),
  "wrong-content-type": () => ({ type: "wrongContentType" }),
  redirect: () => ({ type: "redirect" }),
  gzip: () => ({ type: "gzip" }),
  "endless-event": () => ({ type: "endlessEvent" }),
  "endless-stream": () => ({ type: "endlessStream" }),
  noise: () => ({ type: "noise" }),
  "duplicate-finish": () => ({ type: "duplicateFinish" }),
  linger: () => ({ type: "linger" }),
  "reset-on-reuse": () => ({ type: "resetOnReuse" })
} as const satisfies { readonly [name: string]: (settings: FaultSettings) => Fault }

const namesOf = <Names extends string>(record: { readonly [Name in Names]: unknown }): ReadonlyArray<Names> => {
  const isName = (name: string): name is Names => Object.hasOwn(record, name)
  return Object.keys(record).filter(isName)
}

const errorNames = namesOf(errors)
const faultNames = namesOf(faults)

const options = {
  port: Options.integer({ name: "port", value: "n", help: "The port on 127.0.0.1. Default: any free port" }, 0, 65535),
  pace: Options.duration({
    name: "pace",
    value: "time",
    help: "The pause between two chunks of a response. Default: 20ms"
  }),
  error: Options.choice(
    { name: "error", value: "kind", help: `Respond with this error: ${errorNames.join(", ")}` },
    errorNames
  ),
  retryAfter: Options.duration({
    name: "retry-after",
    value: "time",
    help: "With --error: the wait that the response asks for"
  }),
  fault: Options.choice(
    { name: "fault", value: "kind", help: `Respond with this fault: ${faultNames.join(", ")}` },
    faultNames
  ),
  after: Options.integer(
    { name: "after", value: "n", help: "With --fault: after how many chunks it happens. Default: 3" },
    0
  ),
  delay: Options.duration({
    name: "delay",
    value: "time",
    help: "With a slow --fault: how long it delays. Default: 5s"
  }),
  first: Options.integer(
    { name: "first", value: "n", help: "Only the first n requests fail, to see that retries help" },
    1
  ),
  every: Options.integer({ name: "every", value: "n", help: "Only every n-th request fails" }, 1)
}

type SimulateOptions = Options.OptionValues<typeof options>

const run = (values: SimulateOptions): Effect.Effect<never, CommandError> =>
  Effect.gen(function* () {
    const failure = yield* failureReply(values)
    const failed = new WeakSet<SimulatedRequest>()
    const script = (request: SimulatedRequest, index: number): SimulatedReply | undefined => {
      if (failure === undefined || !shouldFail(index + 1, values)) return undefined
      failed.add(request)
      return failure
    }
    const { port, pace } = values
    const layer = Simulator.layer({ port, script, ...(pace === undefined ? {} : { pace }) })
    const simulator = Context.get(yield* Layer.build(layer).pipe(Effect.catchAllDefect(startError)), Simulator)
    yield* printVariables(simulator)
    return yield* logRequests(simulator, (request) =>
      failed.has(request) ? (values.error ?? values.fault) : undefined
    )
  }).pipe(Effect.scoped)

const startError = (defect: unknown): CommandError =>
  new CommandError({
    message: defect instanceof Error ? defect.message : String(defect),
    exitCode: exitCodes.unexpected
  })

const shouldFail = (count: number, { first, every = 1 }: SimulateOptions): boolean =>
  (first === undefined || count <= first) && count % every === 0

/** Says which option would do nothing. */
const unusedOption = (values: SimulateOptions): string | undefined => {
  const { error, fault, retryAfter, after, delay, first, every } = values
  if (error === undefined && retryAfter !== undefined) return "--retry-after needs an --error"
  if (fault === undefined && after !== undefined) return "--after needs a --fault"
  if (fault === undefined && delay !== undefined) return "--delay needs a --fault"
  if (error !== undefined || fault !== undefined) return undefined
  if (first !== undefined) return "--first needs an --error or a --fault"
  return every === undefined ? undefined : "--every needs an --error or a --fault"
}

/** The reply of failing requests; `undefined` if none should fail. */
const failureReply = (values: SimulateOptions): Effect.Effect<SimulatedReply | undefined, CommandError> => {
  const { error, fault, retryAfter, after = 3, delay = 5000 } = values
  const unused = unusedOption(values)
  if (unused !== undefined) return usageError(unused)
  if (error !== undefined && fault !== undefined && fault !== "error-event") {
    return usageError("give either --error or --fault; only the fault error-event takes both")
  }
  const kind = error === undefined ? undefined : errors[error]
  if (fault !== undefined) {
    const settings = { position: { afterChunks: after }, delay, error: kind ?? "overloaded" }
    return Effect.succeed({ fault: faults[fault](settings) })
  }
  return Effect.succeed(kind === undefined ? undefined : { error: { kind, retryAfter } })
}

/** Prints the environment variables that make programs use the Simulator. */
const printVariables = ({ url, environment }: SimulatorService): Effect.Effect<void> => {
  const shell = shellOf(process.platform, process.env)
  const where = shell === "PowerShell" ? " in PowerShell" : ""
  return Effect.zipRight(
    printNotice(`Simulated providers listen at ${url}; Ctrl-C stops them. Set these variables${where} to use them:`),
    printLine(linesToPaste(environment, shell))
  )
}

type Shell = "POSIX" | "PowerShell"

/** The shell that the lines are for. On Windows, Git Bash and Cygwin set `SHELL`. */
export const shellOf = (platform: NodeJS.Platform, { SHELL = "" }: { readonly SHELL?: string }): Shell =>
  platform === "win32" && SHELL === "" ? "PowerShell" : "POSIX"

/** One line for each variable, which sets it for the programs that the shell starts. */
export const linesToPaste = (variables: SimulatorService["environment"], shell: Shell): string =>
  Object.entries(variables)
    .map(([name, value]) => (shell === "PowerShell" ? `$env:${name} = "${value}"` : `export ${name}=${value}`))
    .join("\n")

/** Writes one line per request when its response has ended. */
const logRequests = (
  simulator: SimulatorService,
  faultOf: (request: SimulatedRequest) => string | undefined
): Effect.Effect<never> => {
  const seen = new WeakSet<SimulatedRequest>()
  const poll = Effect.flatMap(simulator.requests, (requests) =>
    Effect.forEach(
      requests.filter((request) => !seen.has(request)),
      (request) => {
        seen.add(request)
        return Effect.fork(logRequest(request, faultOf(request)))
      },
      { discard: true }
    )
  )
  return Effect.zipRight(Effect.schedule(poll, Schedule.spaced("50 millis")), Effect.never)
}

const logRequest = (request: SimulatedRequest, fault: string | undefined): Effect.Effect<void> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const startedAt = clock.unsafeCurrentTimeMillis()
    const { chunks, bytes, closedBy } = yield* request.closed
    const style = styleOf(process.stderr)
    const model = isObject(request.body) ? request.body["model"] : undefined
    const parts = [
      style.dim(new Date(startedAt).toTimeString().slice(0, 8)),
      sanitizeTerminal(`${request.method} ${request.path.replace(/\?.*$/, "")}`),
      typeof model === "string" ? sanitizeTerminal(model) : undefined,
      style.dim("→"),
      `${Figures.count(chunks)} ${chunks === 1 ? "chunk" : "chunks"}, ${Figures.count(bytes)} bytes`,
      `in ${Figures.seconds((clock.unsafeCurrentTimeMillis() - startedAt) / 1000)}`,
      fault === undefined ? undefined : style.red(`(${fault})`),
      closedBy === "caller" ? "(closed by the caller)" : undefined
    ]
    yield* printNotice(parts.filter((part) => part !== undefined).join(" "))
  })

/** Serves the Simulator. */
export const simulate: Command = defineCommand({
  name: "simulate",
  paragraphs: [
    "It speaks the protocols of OpenAI, Anthropic and Google, needs no key of theirs, and costs nothing. The environment " +
      "variables that direct programs to it go to the standard output, ready to paste: into PowerShell on Windows, and " +
      "elsewhere, as in Git Bash, into a POSIX shell. Each request is logged in one line on the standard error, without " +
      "its prompt. Ctrl-C stops the server."
  ],
  options,
  examples: [
    ["llm-connectivity simulate --port 8080", ""],
    ["llm-connectivity simulate --error rate-limit --retry-after 2s --first 2", ""],
    ["llm-connectivity simulate --fault reset --after 5 --every 3", ""]
  ],
  run
})
