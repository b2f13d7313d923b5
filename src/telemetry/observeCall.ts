/** Observes one call for its span, metrics and log line. */
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as LogLevel from "effect/LogLevel"
import type * as Tracer from "effect/Tracer"
import { type CallEnd, CallRecord, type ObservedCall } from "./CallRecord.js"
import { errorType } from "./errorType.js"
import { recordEnd, recordEvent } from "./metrics.js"
import { attribute, providerName } from "./names.js"
import type { TracingObserver } from "./observe.js"
import type { Labels } from "./SeriesLabels.js"
import { addEvent, setEnd, startSpan } from "./spans.js"

/** Makes the observer of a call. */
export const callObserver = (call: ObservedCall): Effect.Effect<TracingObserver> =>
  Effect.withFiberRuntime((fiber) => {
    const labels = fiber.getFiberRef(FiberRef.currentMetricLabels)
    return Effect.clockWith((clock) =>
      Effect.map(startSpan(call), (span) => observerOf(call, span, labels, () => clock.unsafeCurrentTimeNanos()))
    )
  })

/** `labels` are Effect's own, of the fiber that made the call. `now` is in nanoseconds. */
const observerOf = (call: ObservedCall, span: Tracer.Span, labels: Labels, now: () => bigint): TracingObserver => {
  const record = new CallRecord(call, now)
  const called = {
    [attribute.operation]: call.request.operation,
    [attribute.provider]: providerName(call.requested.provider),
    [attribute.requestModel]: call.requested.model
  }
  return {
    span,
    onChunks: record.onChunks,
    onEmbeddings: record.onEmbeddings,
    onEvent: (event) => {
      record.onEvent(event)
      addEvent(span, event, now())
      recordEvent(event, called, labels)
    },
    onEnd: (exit) =>
      Effect.suspend(() => {
        const end = record.end(exit)
        setEnd(span, end)
        span.end(now(), exit)
        recordEnd(end, labels)
        return log(end)
      })
  }
}

/** Writes one line per call, without content. */
const log = (end: CallEnd): Effect.Effect<void> =>
  Effect.asVoid(
    Effect.whenLogLevel(
      Effect.suspend(() => logLine(end)),
      LogLevel.Debug
    )
  )

const logLine = ({ operation, provider, requestModel, duration, finishReason, usage, cost, error, ...end }: CallEnd) =>
  Effect.logDebug(`${operation} ${provider}/${requestModel}: ${error === undefined ? "ended" : errorType(error)}`).pipe(
    Effect.annotateLogs({
      seconds: duration,
      finishReason,
      inputTokens: usage?.inputTokens,
      outputTokens: usage?.outputTokens,
      cost,
      responseId: end.responseId
    })
  )
