/** How much work the types of tools add to the type check of a program. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { root } from "../../scripts/declarations.js"
import { compile, linesOf } from "./compile.js"

const instantiationsOf = (text: string): number => {
  const program = compile(text)
  expect(linesOf(program.getSemanticDiagnostics())).toEqual([])
  return program.getInstantiationCount()
}

/** The assistant of the tutorial, with a client of its own instead of the one of the examples. */
const assistant = readFileSync(join(root, "examples/08-tools/assistant.ts"), "utf8")
  .replace(/^import \{ (?:answering|printError) \}.*\n/gm, "")
  .replace("import { print }", 'import { FetchHttpClient } from "@effect/platform"\nimport { LLMClient, print }')
  .replace("Effect.provide(answering)", 'Effect.provide(LLMClient.layer({ model: "openai/gpt-4o-mini" }))')
  .replace("Effect.catchAll(printError)", "Effect.provide(FetchHttpClient.layer)")

/** The same without tools: the arguments are decoded and the results encoded by hand. */
const byHand = `
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Schema } from "effect"
import { LLMClient, print } from "llm-connectivity"

const decode = Schema.decodeUnknown(Schema.Struct({ city: Schema.String }))
const encode = Schema.encode(Schema.Struct({ celsius: Schema.Number, sky: Schema.String }))

const weather = (json: unknown) =>
  Effect.flatMap(decode(json), ({ city }) => encode({ celsius: 20 + city.length, sky: "clear" }))

const messages = [{ role: "user", content: "What is the weather in Lisbon?" }] as const

const program = Effect.zipRight(weather({ city: "Lisbon" }), print(LLMClient.chatStream({ messages })))

program.pipe(
  Effect.provide(LLMClient.layer({ model: "openai/gpt-4o-mini" })),
  Effect.provide(FetchHttpClient.layer),
  NodeRuntime.runMain
)
`

it("the assistant of the tutorial needs at most 1.5 times the instantiations of the same program without tools", () => {
  expect(instantiationsOf(assistant) / instantiationsOf(byHand)).toBeLessThanOrEqual(1.5)
})

it("the assistant of the tutorial has at most 25 lines", () => {
  expect(
    readFileSync(join(root, "examples/08-tools/assistant.ts"), "utf8").trimEnd().split("\n").length
  ).toBeLessThanOrEqual(25)
})
