/** Embeddings that cannot belong to the texts are a failure in every protocol, never wrong vectors. */
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import * as Google from "../../src/protocol/google-gemini/embedding.js"
import * as OpenAI from "../../src/protocol/openAIEmbedding.js"

const infinite: unknown = JSON.parse("1e400")
const base64 = (...numbers: ReadonlyArray<number>): string =>
  Buffer.from(new Float32Array(numbers).buffer).toString("base64")

const decodedBy = {
  openai: (vectors: ReadonlyArray<unknown>, indexes?: ReadonlyArray<number>) =>
    OpenAI.make("openai", OpenAI.openAILimits).decode(
      { data: vectors.map((embedding, at) => ({ embedding, index: indexes === undefined ? at : indexes[at] })) },
      2
    ),
  google: (vectors: ReadonlyArray<unknown>) =>
    Google.make("google").decode({ embeddings: vectors.map((values) => ({ values })) }, 2)
}

const wrong: ReadonlyArray<readonly [string, ReadonlyArray<unknown>]> = [
  ["too few", [[1, 2]]],
  ["too many", [[1], [2], [3]]],
  ["of different lengths", [[1, 2], [3]]],
  ["empty", [[], []]],
  ["one of them empty", [[1], []]],
  ["not finite", [[1], [infinite]]],
  ["not numbers", [[1], ["2"]]]
]

describe("vectors are rejected, with the reason", () => {
  it.each(wrong)("%s", (_, vectors) => {
    for (const decoded of [decodedBy.openai(vectors), decodedBy.google(vectors)]) {
      expect(decoded).toMatchObject({ _tag: "Left", left: expect.stringMatching(/vector|as documented/) })
    }
  })

  it.each([
    ["twice", [0, 0]],
    ["beyond the texts", [0, 2]],
    ["below 0", [-1, 0]],
    ["between two", [0, 0.5]],
    ["at 1e400", [0, Number(infinite)]]
  ])("with an index %s", (_, indexes) => {
    expect(decodedBy.openai([[1], [2]], indexes)).toMatchObject({ _tag: "Left", left: expect.stringMatching(/index/) })
  })

  it.each([
    ["cut", [base64(1), base64(2).slice(0, 3)]],
    ["of different lengths", [base64(1, 2), base64(3)]],
    ["empty", ["", ""]],
    ["not finite", [base64(1), base64(Number.POSITIVE_INFINITY)]],
    ["not a number", [base64(1), base64(Number.NaN)]],
    ["not base64", [base64(1), "*&*"]]
  ])("in base64, %s", (_, vectors) => {
    expect(decodedBy.openai(vectors)).toMatchObject({ _tag: "Left", left: expect.stringMatching(/vector/) })
  })
})

describe("vectors are read", () => {
  it("in the order of the texts, as numbers or in base64", () => {
    expect(
      Either.getOrThrow(
        decodedBy.openai(
          [
            [1, 2],
            [3, 4]
          ],
          [1, 0]
        )
      ).embeddings
    ).toEqual([
      [3, 4],
      [1, 2]
    ])
    expect(Either.getOrThrow(decodedBy.openai([base64(0.5, -2), base64(3, 4)])).embeddings).toEqual([
      [0.5, -2],
      [3, 4]
    ])
  })
})
