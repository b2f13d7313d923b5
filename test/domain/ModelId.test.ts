import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { models } from "../../src/catalog/snapshot.js"
import { knownModels, parse } from "../../src/domain/ModelId.js"

const known = ["openai", "google"]

describe("a model string", () => {
  it("is taken apart at its first slash", () => {
    expect(parse("openai/gpt-4o-mini", known)).toEqual(Either.right({ provider: "openai", model: "gpt-4o-mini" }))
    expect(parse("openai/org/model:free", known)).toEqual(Either.right({ provider: "openai", model: "org/model:free" }))
  })

  it("means the same with and without Google's own prefix", () => {
    expect(parse("google/models/gemini-2.5-flash", known)).toEqual(parse("google/gemini-2.5-flash", known))
  })

  it.each([
    ["gpt-4o-mini", 'write "provider/model", for instance "openai/gpt-4o-mini" (providers: openai, google)'],
    ["", 'write "provider/model", for instance "openai/gpt-4o-mini"'],
    ["gemini-2.5-flash", 'for instance "google/gemini-2.5-flash"'],
    ["openai:gpt-4o-mini", 'for instance "openai/gpt-4o-mini"'],
    ["OpenAI/gpt-4o", 'the provider "OpenAI" is unknown; write "openai/gpt-4o"'],
    ["opnai/gpt-4o", 'the provider "opnai" is unknown; use one of: openai, google'],
    ["openai/", 'the model is missing after "openai/"; add one']
  ])("that is wrong says what to write: %j", (id, problem) => {
    const result = parse(id, known)
    expect(Either.isLeft(result) && result.left._tag).toBe("ValidationError")
    expect(Either.isLeft(result) && result.left.message).toContain(problem)
  })

  it("that a program in JavaScript leaves undefined is one that is wrong", () => {
    const result = parse(JSON.parse("null"), known)
    expect(Either.isLeft(result) && result.left.message).toContain('for instance "openai/gpt-4o-mini"')
  })

  it("that an editor completes names a model that there is", () => {
    const real = models.map(({ provider, model }) => `${provider}/${model}`)
    expect(knownModels.filter((id) => !real.includes(id))).toEqual([])
  })
})
