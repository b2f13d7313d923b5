import { describe, expect, it } from "vitest"
import { quote } from "../../src/http/Redaction.js"

const prompt = "The launch codes are 0000 and nobody may know them"
const quoted = (sentence: string, ...texts: ReadonlyArray<string>): string =>
  quote(sentence, { secrets: ["sk-secret-123"], sentTexts: () => texts })

describe("quote", () => {
  it("removes the API key, complete or masked by the provider", () => {
    expect(quoted("bad key sk-secret-123 given")).toBe("bad key […] given")
    expect(quoted("Incorrect API key provided: sk-abc***xyz. You can")).not.toMatch(/abc|xyz/)
  })

  it("removes text that repeats the prompt or a part of it", () => {
    expect(quoted(`invalid text: '${prompt}'`, prompt)).toBe("invalid text: '[…]'")
    expect(quoted("invalid: 'launch codes are 0000 and nob…'", prompt)).not.toContain("0000")
    expect(quoted("role 'canary' is unknown", "canary")).toBe("role '[…]' is unknown")
  })

  it("removes text that repeats the prompt as JSON, as JSON in JSON, or with other whitespace", () => {
    const code = 'const door = "left"\nif (vault)\n\topen(door, \\beta)\nelse\n\tgo("Zürich")'
    const json = JSON.stringify({ input: code })
    const ascii = json.replace(/[^ -~]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
    for (const echo of [code, json, ascii, JSON.stringify(json), code.replace(/\s+/g, "  ")]) {
      expect(quoted(`invalid input ${echo} at line 1`, code)).toMatch(
        /^invalid input [^a-z]*(?:input[^a-z]*)?\[…\]\W* at line 1$/
      )
    }
  })

  it("takes less than 2 seconds for large and repetitive prompts", () => {
    const started = performance.now()
    expect(quoted("a".repeat(4000), "a".repeat(1_000_000))).toBe("[…]")
    expect(quoted("b".repeat(4000), "a".repeat(1_000_000))).toHaveLength(300)
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it("keeps a message that only shares common words with the prompt", () => {
    const sentence = "Invalid value for messages[0].content: expected a string"
    expect(quoted(sentence, "a string of messages for the value")).toBe(sentence)
  })

  it("returns one line of at most 300 characters without control characters", () => {
    expect(quoted(`a\n\tb\u001b[31mred`)).toBe("a b[31mred")
    expect(quoted("x".repeat(1000))).toHaveLength(300)
  })
})
