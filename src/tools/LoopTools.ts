/** The tools of one loop. A list is read and described once, an effect before each step. */
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import type { ValidationError } from "../domain/LLMError.js"
import type { ToolSource } from "./ToolLoopOptions.js"
import { type Definitions, definitionsOf, type StepTools, toolsOf } from "./toolset.js"

/** Reads and describes the tools. Mutable, because it caches the tools of a list and the last descriptions. */
export class LoopTools {
  private listed: StepTools | undefined
  private described: { readonly tools: StepTools; readonly definitions: Definitions } | undefined
  private descriptions: ReadonlyMap<string, string | undefined> = new Map()

  constructor(
    private readonly source: ToolSource,
    private readonly span: Tracer.Span
  ) {}

  /** Gives the tools as they are now. */
  read(): Effect.Effect<StepTools, unknown, unknown> {
    const { source, listed } = this
    if (Effect.isEffect(source)) return Effect.withParentSpan(toolsOf(source), this.span)
    if (listed !== undefined) return Effect.succeed(listed)
    return Effect.tap(toolsOf(source), (tools) => {
      this.listed = tools
    })
  }

  /** Describes tools to the model. */
  describe(tools: StepTools): Effect.Effect<Definitions, ValidationError> {
    if (this.described?.tools === tools) return Effect.succeed(this.described.definitions)
    return Effect.tap(definitionsOf(tools), (definitions) => {
      this.described = { tools, definitions }
      this.descriptions = new Map(
        definitions.map((tool) => [tool.name, "description" in tool ? tool.description : undefined])
      )
    })
  }

  /** What the model was told of a tool. */
  readonly descriptionOf = (name: string): string | undefined => this.descriptions.get(name)
}
