/** A tracer that records its spans. */
import { type Exit, Option, Tracer } from "effect"

/** A span as a test reads it. */
export interface SeenSpan {
  readonly name: string
  /** The name of the span above it. */
  readonly parent: string | undefined
  readonly kind: string
  readonly attributes: Map<string, unknown>
  exit: Exit.Exit<unknown, unknown> | undefined
}

/** A tracer that keeps its spans. */
export const tracing = () => {
  const spans: Array<SeenSpan> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const above = Option.getOrUndefined(parent)
      const parentName = above?._tag === "Span" ? above.name : undefined
      const seen: SeenSpan = { name, parent: parentName, kind, attributes: new Map(), exit: undefined }
      spans.push(seen)
      const span: Tracer.Span = {
        _tag: "Span",
        name,
        spanId: String(spans.length),
        traceId: "trace",
        parent,
        context,
        links,
        kind,
        sampled: true,
        status: { _tag: "Started", startTime },
        attributes: seen.attributes,
        attribute: (key, value) => void seen.attributes.set(key, value),
        event: () => {},
        addLinks: () => {},
        end: (_, exit) => {
          seen.exit = exit
        }
      }
      return span
    },
    context: (run) => run()
  })
  return { spans, tracer }
}
