import { describe, expect, it } from "vitest"
import { quote } from "../../src/wire/Redaction.js"

const prompt = "The launch codes are 0000 and nobody may know them"
const quoted = (sentence: string, ...texts: ReadonlyArray<string>): string =>
  quote(sentence, { keys: ["sk-secret-123"], texts: () => texts })

describe("a provider's sentence", () => {
  it("is repeated without the key, whole or masked by the provider", () => {
    expect(quoted("bad key sk-secret-123 given")).toBe("bad key […] given")
    expect(quoted("Incorrect API key provided: sk-abc***xyz. You can")).not.toMatch(/abc|xyz/)
  })

  it("is repeated without what it echoes of the prompt, be it a part of it", () => {
    expect(quoted(`invalid text: '${prompt}'`, prompt)).toBe("invalid text: '[…]'")
    expect(quoted("invalid: 'launch codes are 0000 and nob…'", prompt)).not.toContain("0000")
    expect(quoted("role 'canary' is unknown", "canary")).toBe("role '[…]' is unknown")
  })

  it("is left alone where it only shares common words with the prompt", () => {
    const sentence = "Invalid value for messages[0].content: expected a string"
    expect(quoted(sentence, "a string of messages for the value")).toBe(sentence)
  })

  it("is one line of at most 300 characters that no terminal obeys", () => {
    expect(quoted(`a\n\tb\u001b[31mred`)).toBe("a b[31mred")
    expect(quoted("x".repeat(1000))).toHaveLength(300)
  })
})
