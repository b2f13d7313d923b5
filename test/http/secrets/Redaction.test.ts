import { describe, expect, it } from "vitest"
import { quote, withoutKeys } from "../../../src/http/secrets/Redaction.js"
import { cpuMillis, slack } from "../../support/atAnySpeed.js"

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

  it("takes less than 2 seconds of a usual machine for large and repetitive prompts", () => {
    const started = cpuMillis()
    expect(quoted("a".repeat(4000), "a".repeat(1_000_000))).toBe("[…]")
    expect(quoted("b".repeat(4000), "a".repeat(1_000_000))).toHaveLength(300)
    expect(cpuMillis() - started).toBeLessThan(2000 * slack)
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

const key = "sk-ant-api03-Tq7WzL0pXv3RbN8yKdH5mGcJ2fUa9sEo_i4-M1xV6tB"
const shown = (message: string): string => quote(message, { secrets: [key], sentTexts: () => [] })

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "")

/** The runs of eight letters and digits of the key beyond its public prefix. */
const beyondPrefix = lettersOf(key.slice(13))
const fragments = Array.from({ length: beyondPrefix.length - 7 }, (_, at) => beyondPrefix.slice(at, at + 8))

const fromHex = (_: string, digits: string): string => String.fromCharCode(Number.parseInt(digits, 16))
const fromBase64 = (skipped: number) => (text: string) =>
  Array.from(text.replace(/[\r\n]/g, "").matchAll(/[\w+/-]{12,}/g), ([word]) =>
    Buffer.from(word.slice(skipped), "base64").toString("latin1")
  ).join(" ")

const decodings: ReadonlyArray<(text: string) => string> = [
  (text) => text,
  ...[0, 1, 2, 3].map(fromBase64),
  (text) => text.replace(/([0-9a-f]{2})/g, fromHex),
  (text) => text.replace(/%25/g, "%").replace(/%([0-9a-f]{2})/gi, fromHex),
  (text) => text.replace(/\\+u00([0-9a-f]{2})/gi, fromHex),
  (text) => text.replace(/\\+[nr]/gi, ""),
  (text) => text.replace(/&(?:amp;)*#x([0-9a-f]{2});/gi, fromHex),
  (text) => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
]

/** The fragments of the key that someone could still read in a text. */
const readable = (text: string): ReadonlyArray<string> =>
  decodings.flatMap((decode) => fragments.filter((fragment) => lettersOf(decode(text)).includes(fragment)))

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0")
const each = (text: string, write: (character: string) => string): string => Array.from(text, write).join("")

describe("quote of a key", () => {
  it.each<readonly [string, string]>([
    ["in upper case", key.toUpperCase()],
    ["in lower case", key.toLowerCase()],
    ["in base64", btoa(key)],
    ["in base64, one byte later", btoa(`:${key}`)],
    ["in base64, two bytes later, beside other bytes", btoa(`u:${key}\r\nhost: x`)],
    ["in base64 for URLs", Buffer.from(`user:${key}`).toString("base64url")],
    ["in base64 with line ends", Buffer.from(key).toString("base64").replace(/.{16}/g, "$&\r\n")],
    ["in base64, a part of it", btoa(key.slice(20))],
    ["in hex", Buffer.from(key).toString("hex")],
    ["percent-encoded", encodeURIComponent(key)],
    ["percent-encoded, every character", each(key, (character) => `%${hex(character)}`)],
    ["percent-encoded twice", each(key, (character) => `%25${hex(character)}`)],
    ["as JSON in JSON", JSON.stringify(JSON.stringify(key))],
    ["as JSON escapes", each(key, (character) => `\\u00${hex(character)}`)],
    ["as decimal HTML escapes", each(key, (character) => `&#${character.charCodeAt(0)};`)],
    ["as HTML escapes in HTML", each(key, (character) => `&amp;#x${hex(character)};`)],
    ["broken by a line end", `${key.slice(0, 30)}\r\n${key.slice(30)}`],
    ["broken by an escaped line end", `${key.slice(0, 30)}\\n${key.slice(30)}`],
    ["broken by blanks", key.replace(/.{4}/g, "$& ")],
    ["broken by invisible characters", key.replace(/.{4}/g, "$&\u200b")],
    ["in quotation marks", `'${key}'`],
    ["without its end", key.slice(0, 25)],
    ["without its beginning", key.slice(25)],
    ["in the middle of a word", `x${key.slice(20, 40)}y`]
  ])("masks it %s", (_, echo) => {
    expect(readable(`the key ${echo} is wrong`)).not.toEqual([])
    const message = shown(`the key ${echo} is wrong`)
    expect(message).toMatch(/^the key .*\[…\].* is wrong$/)
    expect(readable(message)).toEqual([])
  })

  it("masks its first 20 characters, of which its public prefix has 13", () => {
    expect(shown(`the key ${key.slice(0, 20)} is wrong`)).toBe("the key […] is wrong")
    expect(shown("a key begins with sk-ant-api03-")).toBe("a key begins with sk-ant-api03-")
  })

  it.each([3_900, 3_950, 3_990, 7_960, 7_990, 100_000])(
    "masks it wherever the message is cut, as after %i blanks or other characters",
    (length) => {
      for (const filler of [" ", "\n", "x ", "\u0000"]) {
        const message = shown(`${filler.repeat(length / filler.length)}${key} and more`)
        expect(readable(message)).toEqual([])
        expect(message).not.toContain(key.slice(13, 20))
      }
    }
  )

  it("masks it in a request id before the id is cut", () => {
    for (let before = 100; before < 220; before += 7) {
      expect(readable(withoutKeys(`${"r".repeat(before)} ${key}`, [key]).slice(0, 200))).toEqual([])
    }
  })

  it("masks the keys of others by their form", () => {
    expect(shown("upstream key gsk_0123456789abcdefghijABCDEFGHIJ failed")).toBe("upstream key […] failed")
  })

  it("keeps words that a key contains by chance", () => {
    const sentence = "the mask of your task: invalid x-api-key, see https://docs.anthropic.com/en/api/errors"
    expect(shown(sentence)).toBe(sentence)
  })

  it("masks a short key only as it is", () => {
    const message = quote("key ollama, KEY OLLAMA", { secrets: ["ollama"], sentTexts: () => [] })
    expect(message).toBe("key […], KEY OLLAMA")
  })
})

describe("the cost of quote", () => {
  const cost = (run: () => void): number => {
    const times = Array.from({ length: 5 }, () => {
      const start = cpuMillis()
      run()
      return cpuMillis() - start
    })
    return Math.min(...times)
  }
  const keys = Array.from(
    { length: 40 },
    (_, index) => `sk-${index}-${key.slice(13).split("").reverse().join(index.toString(36))}`
  )

  it.each<readonly [string, string]>([
    ["keys", key],
    ["escapes", "\\u0041"],
    ["backslashes", "\\"],
    ["percent signs", "%25"],
    ["ampersands", "&amp;"],
    ["masked keys", "sk-"],
    ["words", "word "],
    ["blanks", " "]
  ])("grows no faster than a message of %s", (_, unit) => {
    const messageOf = (size: number) => unit.repeat(size / unit.length)
    const quoteOf = (size: number) =>
      quote(messageOf(size), { secrets: keys, sentTexts: () => ["word word word", "word"] })
    quoteOf(2_000_000)
    const [small, large] = [cost(() => quoteOf(8_000)), cost(() => quoteOf(2_000_000))]
    expect(large).toBeLessThan(4 * small + 50 * slack)
  })

  it("grows no faster than the number of texts that are sent", () => {
    const texts = (count: number) =>
      Array.from({ length: count }, (_, index) => (index % 2 === 0 ? "word" : `w${index}`))
    const quoteOf = (count: number) => quote("word ".repeat(2000), { secrets: [], sentTexts: () => texts(count) })
    quoteOf(1000)
    const [small, large] = [cost(() => quoteOf(10_000)), cost(() => quoteOf(100_000))]
    expect(large).toBeLessThan(20 * small + 50 * slack)
  })
})
