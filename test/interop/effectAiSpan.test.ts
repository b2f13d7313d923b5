/** The span attributes of calls through @effect/ai. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Option, Stream, Tracer } from "effect"
import { EffectAi } from "llm-connectivity/effect-ai"
import { MockLLM } from "llm-connectivity/testing"
import * as program from "./program.js"

interface Seen {
  readonly name: string
  readonly parent: string | undefined
  readonly attributes: Map<string, unknown>
  ended: boolean
}

/** A tracer that records its spans. */
const tracing = (seen: Array<Seen>) =>
  Tracer.make({
    context: (run) => run(),
    span: (name, parent, context, links, startTime, kind) => {
      const of = Option.getOrUndefined(parent)
      const attributes = new Map<string, unknown>()
      const entry: Seen = { name, parent: of?._tag === "Span" ? of.name : undefined, attributes, ended: false }
      seen.push(entry)
      return {
        _tag: "Span",
        name,
        spanId: String(seen.length),
        traceId: "trace",
        parent,
        context,
        links: [...links],
        sampled: true,
        kind,
        attributes,
        status: { _tag: "Started", startTime },
        attribute: (key, value) => attributes.set(key, value),
        addLinks: () => {},
        event: () => {},
        end: (_, exit) => {
          entry.ended = Exit.isExit(exit)
        }
      }
    }
  })

describe("a span", () => {
  it.effect.each([
    ["LanguageModel.generateText", Effect.asVoid(program.text)],
    ["LanguageModel.streamText", Stream.runDrain(program.streamed)]
  ] as const)(
    "%s has the model and usage, has the client's span as a child, and contains no content",
    ([name, asking]) => {
      const seen: Array<Seen> = []
      return Effect.gen(function* () {
        yield* Effect.withTracer(asking, tracing(seen))
        const [outer, client] = [
          seen.find((span) => span.name === name),
          seen.find((span) => span.name === "chat mock")
        ]
        expect(Object.fromEntries(outer?.attributes ?? [])).toMatchObject({
          "gen_ai.system": "mock",
          "gen_ai.operation.name": "chat",
          "gen_ai.request.max_tokens": 9,
          "gen_ai.request.temperature": 0,
          "gen_ai.response.model": "mock",
          "gen_ai.response.finish_reasons": ["stop"]
        })
        expect(client?.parent).toBe(name)
        expect(seen.every((span) => span.ended)).toBe(true)
        expect(JSON.stringify(seen.map((span) => [...span.attributes]))).not.toMatch(/Count|words|canary/)
      }).pipe(
        Effect.provide(EffectAi.layer({ maxTokens: 9, temperature: 0, stop: "END" })),
        Effect.provide(MockLLM.layer(["canary"]))
      )
    }
  )
})
