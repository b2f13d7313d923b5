/** Everything that a program could print of a call: what is shown of its errors, its logs and its spans. */
import { inspect } from "node:util"
import { Cause, Effect, type Exit, Layer, Logger, LogLevel, Tracer } from "effect"

/** What was printed. */
export class Printed {
  readonly texts: Array<string> = []

  /** Prints a value in every way that Node.js and Effect know. */
  look(value: unknown): void {
    this.texts.push(inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }))
    this.texts.push(String(value), JSON.stringify(value) ?? "")
    if (!(value instanceof Error)) return
    this.texts.push(value.message, value.stack ?? "", inspect(value.cause, { depth: Number.POSITIVE_INFINITY }))
    this.texts.push(Cause.pretty(Cause.fail(value)), Cause.pretty(Cause.fail(value), { renderErrorCause: true }))
  }

  /** Those of some words that were printed. */
  leaks(words: ReadonlyArray<string>): ReadonlyArray<string> {
    return words.flatMap((word) => this.texts.filter((text) => text.includes(word)).map((text) => `${word} in ${text}`))
  }

  /** Prints all that is logged, as each of Effect's loggers would. */
  readonly loggers: Layer.Layer<never> = Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      Logger.make((options) => {
        const loggers = [Logger.jsonLogger, Logger.logfmtLogger, Logger.stringLogger]
        for (const logger of loggers) this.texts.push(logger.log(options))
        this.look(Logger.structuredLogger.log(options))
        this.texts.push(Cause.pretty(options.cause, { renderErrorCause: true }))
      })
    ),
    Logger.minimumLogLevel(LogLevel.All)
  )

  /** Prints all that is traced. */
  readonly tracer: Tracer.Tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const span: Tracer.Span = {
        _tag: "Span",
        name,
        spanId: "span",
        traceId: "trace",
        parent,
        context,
        links,
        kind,
        sampled: true,
        status: { _tag: "Started", startTime },
        attributes: new Map(),
        addLinks: (added) => this.look(added),
        end: (_, exit: Exit.Exit<unknown, unknown>) => this.look(exit),
        attribute: (attribute, value) => this.look([attribute, value]),
        event: (event, _, attributes) => this.look([event, attributes])
      }
      this.look([name, Array.from(context.unsafeMap.keys())])
      return span
    },
    context: (run) => run()
  })

  /** Runs a program whose logs and spans are printed. */
  readonly watch = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    program.pipe(Effect.withSpan("app"), Effect.withTracer(this.tracer), Effect.provide(this.loggers))
}
