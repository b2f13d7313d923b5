/** The types of tools and loops. */
import { Context, Data, Effect, Schema, type Stream } from "effect"
import type { LLMClient, LLMError } from "llm-connectivity"
import {
  type ApprovalError,
  type Approvals,
  type StandardJsonSchema,
  Tool,
  ToolLoop,
  type ToolResult
} from "llm-connectivity/tools"
import { describe, expectTypeOf, it } from "vitest"

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { city: Schema.String }) {}
class Broken extends Data.TaggedError("Broken") {}
class Database extends Context.Tag("Database")<Database, { readonly find: (id: number) => Effect.Effect<string> }>() {}

const weather = Tool.make("weather", {
  parameters: { city: Schema.String, days: Schema.optional(Schema.NumberFromString) },
  success: Schema.Struct({ celsius: Schema.Number }),
  execute: ({ city, days }, call) => {
    expectTypeOf(city).toEqualTypeOf<string>()
    expectTypeOf(days).toEqualTypeOf<number | undefined>()
    expectTypeOf(call.id).toEqualTypeOf<string>()
    return city === "" ? Effect.fail(new NotFound({ city })) : Effect.succeed({ celsius: 20 })
  }
})

const find = Tool.make("find", {
  parameters: Schema.Struct({ id: Schema.Number }),
  failure: NotFound,
  failureMode: "return",
  execute: ({ id }) =>
    Effect.flatMap(Database, (database) => (id < 0 ? Effect.fail(new NotFound({ city: "" })) : database.find(id)))
})

const remove = Tool.make("remove", {
  parameters: { id: Schema.Number },
  needsApproval: ({ id }) => Effect.map(Database, () => id > 10),
  execute: ({ id }) => (id < 0 ? Effect.fail(new Broken()) : Effect.void)
})

const ask = Tool.make("ask", { parameters: { question: Schema.String } })

const request = { messages: [{ role: "user", content: "Hi" }] } as const

describe("a tool", () => {
  it("has the error and the context of its execute", () => {
    expectTypeOf(weather).toEqualTypeOf<Tool<"weather", NotFound>>()
    expectTypeOf(ask).toEqualTypeOf<Tool<"ask">>()
  })

  it("loses the failures that it returns to the model", () => {
    expectTypeOf(find).toEqualTypeOf<Tool<"find", never, Database>>()
  })

  it("keeps failures that its failure schema does not describe", () => {
    const both = Tool.make("both", {
      failure: NotFound,
      failureMode: "return",
      execute: (): Effect.Effect<void, NotFound | Broken> => Effect.fail(new Broken())
    })
    expectTypeOf(both).toEqualTypeOf<Tool<"both", Broken>>()
  })

  it("requires Approvals if it needs an approval", () => {
    expectTypeOf(remove).toEqualTypeOf<Tool<"remove", Broken, Database | Approvals>>()
    const always = Tool.make("always", { needsApproval: true, execute: () => Effect.void })
    expectTypeOf(always).toEqualTypeOf<Tool<"always", never, Approvals>>()
    const never = Tool.make("never", { needsApproval: false, execute: () => Effect.void })
    expectTypeOf(never).toEqualTypeOf<Tool<"never">>()
  })

  it("takes the arguments of a JSON Schema and of a Standard JSON Schema", () => {
    Tool.make("json", {
      parameters: { type: "object", properties: { city: { type: "string" } } },
      execute: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ readonly [key: string]: unknown }>()
        return Effect.succeed("done")
      }
    })
    const schema: StandardJsonSchema<unknown, { readonly city: string }> = {
      "~standard": { version: 1, vendor: "test", jsonSchema: { input: () => ({ type: "object" }) } }
    }
    Tool.make("standard", {
      parameters: schema,
      execute: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ readonly city: string }>()
        return Effect.void
      }
    })
    Tool.make("nothing", {
      execute: (args) => {
        // biome-ignore lint/complexity/noBannedTypes: no fields.
        expectTypeOf(args).toEqualTypeOf<{}>()
        return Effect.void
      }
    })
  })

  it("does not compile with an argument or a result of another type", () => {
    Tool.make("argument", {
      parameters: { city: Schema.String },
      // @ts-expect-error: the city is a string
      execute: ({ city }: { readonly city: number }) => Effect.succeed(String(city))
    })
    Tool.make("argument", {
      parameters: { city: Schema.String },
      // @ts-expect-error: there is no country
      execute: ({ country }) => Effect.succeed(String(country))
    })
    Tool.make("result", {
      success: Schema.Struct({ celsius: Schema.Number }),
      // @ts-expect-error: the result has no celsius
      execute: () => Effect.succeed({ fahrenheit: 70 })
    })
    // @ts-expect-error: without a success schema the result is text or parts
    Tool.make("result", { execute: () => Effect.succeed({ celsius: 20 }) })
    expectTypeOf<string>().toMatchTypeOf<ToolResult>()
  })
})

describe("a loop", () => {
  it("has the errors and the context of all tools, of any shapes in one list", () => {
    const events = ToolLoop.stream(request, { tools: [weather, find, ask] })
    expectTypeOf<Stream.Stream.Error<typeof events>>().toEqualTypeOf<LLMError | NotFound>()
    expectTypeOf<Stream.Stream.Context<typeof events>>().toEqualTypeOf<LLMClient | Database>()
  })

  it("requires Approvals unless it approves by itself", () => {
    const asking = ToolLoop.run(request, { tools: [remove] })
    expectTypeOf<Effect.Effect.Context<typeof asking>>().toEqualTypeOf<LLMClient | Database | Approvals>()
    const deciding = ToolLoop.run(request, { tools: [remove], approve: () => Effect.succeed("approve" as const) })
    expectTypeOf<Effect.Effect.Context<typeof deciding>>().toEqualTypeOf<LLMClient | Database>()
    expectTypeOf<Effect.Effect.Error<typeof deciding>>().toEqualTypeOf<LLMError | Broken>()
  })

  it("has the errors and the context of its callbacks and of tools that an effect gives", () => {
    const running = ToolLoop.chatStream(request, {
      tools: Effect.as(Effect.zipRight(Database, Effect.fail(new Broken())), [weather]),
      prepareStep: ({ step }) => Effect.map(Database, () => ({ model: `model-${step}` })),
      onStep: () => Effect.fail("no" as const)
    })
    expectTypeOf<Stream.Stream.Error<typeof running>>().toEqualTypeOf<LLMError | NotFound | Broken | "no">()
    expectTypeOf<Stream.Stream.Context<typeof running>>().toEqualTypeOf<LLMClient | Database>()
  })

  it("can fail with an ApprovalError if it resumes", () => {
    const running = ToolLoop.run(request, { tools: [ask], resume: { approvals: [] } })
    expectTypeOf<Effect.Effect.Error<typeof running>>().toEqualTypeOf<LLMError | ApprovalError>()
    expectTypeOf<Effect.Effect.Context<typeof running>>().toEqualTypeOf<LLMClient | Approvals>()
  })

  it("can also fail with it if it may resume", () => {
    const resume: { readonly resume?: { readonly approvals: [] } } = {}
    const running = ToolLoop.run(request, { tools: [ask], ...resume })
    expectTypeOf<Effect.Effect.Error<typeof running>>().toEqualTypeOf<LLMError | ApprovalError>()
    const never = ToolLoop.run(request, { tools: [ask], resume: undefined })
    expectTypeOf<Effect.Effect.Error<typeof never>>().toEqualTypeOf<LLMError>()
  })

  it("rejects unknown options", () => {
    // @ts-expect-error: the option is `stopWhen`
    ToolLoop.run(request, { tools: [ask], stopwhen: { steps: 2 } })
    // @ts-expect-error: the tools are those of the options
    ToolLoop.run({ ...request, tools: [] }, { tools: [ask], stopWhen: {} })
  })
})
