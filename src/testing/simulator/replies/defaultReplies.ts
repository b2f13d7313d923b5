/** The default replies of the Simulator: readable, and always the same for the same prompt. */
import { hash } from "../../../protocol/serve/hash.js"
import { capitals, facts, lists, numberInWords, numberNamed, sentences } from "./replyData.js"

type Rule = readonly [pattern: RegExp, say: (match: RegExpMatchArray, prompt: string) => string | undefined]

const itself =
  "I am a simulated model: a small server on this machine that speaks the wire of the real providers, with no network, " +
  "no key and no cost."

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const shortened = (text: string, length: number): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length <= length ? line : `${line.slice(0, length).replace(/\s\S*$/, "")}…`
}

const count = (from: number, to: number, inWords: boolean): string => {
  const length = Math.min(Math.abs(to - from), 100) + 1
  const numbers = Array.from({ length }, (_, index) => from + Math.sign(to - from) * index)
  return inWords ? `${capitalized(numbers.map(numberInWords).join(", "))}.` : numbers.join(", ")
}

const countTo: Rule[1] = (match, prompt) => {
  const to = numberNamed(match.groups?.["to"] ?? "")
  const from = numberNamed(match.groups?.["from"] ?? "1")
  if (to === undefined || from === undefined) return undefined
  return count(Math.min(from, 100), Math.min(to, 100), /\bwords?\b/i.test(prompt))
}

const countDown: Rule[1] = (match, prompt) => {
  const from = numberNamed(match.groups?.["from"] ?? "")
  return from === undefined ? undefined : count(Math.min(from, 100), 0, /\bwords?\b/i.test(prompt))
}

const listOf: Rule[1] = (match) => {
  const wanted = numberNamed(match.groups?.["count"] ?? "")
  const things = (match.groups?.["things"] ?? "").replace(/[.?!].*$/s, "").trim()
  if (wanted === undefined || things === "") return undefined
  const known = lists.find(([pattern]) => pattern.test(things))?.[1] ?? []
  const items = Array.from({ length: Math.min(wanted, 100) }, (_, index) => known[index] ?? `Example ${index + 1}`)
  return items.map((item, index) => `${index + 1}. ${capitalized(item)}`).join("\n")
}

const sum: Rule[1] = (match) => {
  const [left, right] = [Number(match.groups?.["left"]), Number(match.groups?.["right"])]
  const sign = match.groups?.["sign"] ?? "+"
  const results: { readonly [sign: string]: number } = {
    "+": left + right,
    "-": left - right,
    "*": left * right,
    x: left * right,
    "/": left / right
  }
  return `${left} ${sign} ${right} = ${Number((results[sign] ?? 0).toFixed(6))}`
}

/** So many words, the sentences in an order that follows from the prompt. */
const longText = (words: number, prompt: string): string => {
  const first = hash(prompt)
  const text: Array<string> = []
  for (let index = 0; text.length < words; index++) {
    text.push(...(sentences[(first + index * 7) % sentences.length] ?? "").split(" "))
  }
  return text
    .slice(0, words)
    .join(" ")
    .replace(/[,.]?$/, ".")
}

const explain: Rule[1] = (match) => {
  const content = (match.groups?.["thing"] ?? "").replace(/[.?!].*$/s, "").trim()
  const thing = content.replace(/\s+(?:in|with|to|using|as|like|briefly|simply|please)\b.*$/is, "")
  const name = singular(thing.replace(/^(?:an?|the)\s+/i, "").toLowerCase())
  if (name === "") return undefined
  const known = Object.entries(facts).find(([fact]) => singular(fact) === name)
  return (
    known?.[1] ??
    `In a sentence: ${shortened(thing, 80)} is what a real model would explain now; a simulated one only shows how the words arrive.`
  )
}

const singular = (name: string): string => name.replace(/s$/, "")

const rules: ReadonlyArray<Rule> = [
  [/\bcount\w*\s+down\b.*?\bfrom\s+(?<from>[\w-]+)/is, countDown],
  [/\bcount\w*\b.*?(?:\bfrom\s+(?<from>[\w-]+)\s+)?(?:up\s+)?\bto\s+(?<to>[\w-]+)/is, countTo],
  [
    /\b(?:list|name|give(?:\s+me)?|suggest|recommend|write)\s+(?:the\s+)?(?:first\s+)?(?<count>[\w-]+)\s+(?!words?\b)(?<things>.+)/is,
    listOf
  ],
  [
    /\b(?<count>\d+)[\s-]words?\b/i,
    (match, prompt) => longText(Math.min(Number(match.groups?.["count"]), 5000), prompt)
  ],
  [
    /(?:\bwhat(?:\s+is|['’]s)|\bcalculate|\bcompute|\bhow much is|^)\s*(?<left>-?\d+(?:\.\d+)?)\s*(?<sign>[-+*x/])\s*(?<right>\d+(?:\.\d+)?)/i,
    sum
  ],
  [/\bcapital of (?:the )?(?<country>\w+)/i, (match) => capitalOf(match.groups?.["country"] ?? "")],
  [/\b(?:who|what) are you\b|\byour name\b|\bwho am i talking to\b|\bintroduce yourself\b/i, () => itself],
  [/\bhaiku\b/i, () => "Tokens, one by one,\na small server on this desk\nspeaks like all the rest."],
  [/\bjoke\b/i, () => "Why did the stream never lose an argument? It always had one more chunk."],
  [/\b(?:stor(?:y|ies)|essay|poem|article|in detail|long answer)\b/i, (_, prompt) => longText(150, prompt)],
  [/\b(?:say|repeat|reply with|echo)\b[^"“]*["“](?<quoted>[^"”]+)["”]/i, (match) => match.groups?.["quoted"]],
  [/\bsay\s+(?<word>[\p{L}'’-]+)\s*[.!?]?\s*$/iu, (match) => `${capitalized(match.groups?.["word"] ?? "")}!`],
  [/^\W*(?:hi|hello|hey|good (?:morning|evening|day))\b/i, () => "Hello! How can I help you today?"],
  [/\b(?:what(?:\s+is|\s+are|['’]s)|who (?:is|was)|explain|define|describe|tell me about)\s+(?<thing>.+)/is, explain]
]

const capitalOf = (country: string): string | undefined => {
  const name = country.toLowerCase()
  const capital = Object.hasOwn(capitals, name) ? capitals[name] : undefined
  return capital === undefined ? undefined : `The capital of ${capitalized(name)} is ${capital}.`
}

/** Answers a prompt. */
export const sayTo = (prompt: string): string => {
  // Patterns are for what a person asks, not for a document that is sent along.
  const start = prompt.slice(0, 2000)
  for (const [pattern, say] of rules) {
    const match = start.match(pattern)
    const content = match === null ? undefined : say(match, start)
    if (content !== undefined) return content
  }
  if (start.trim() === "") return "I have read what you sent, and it holds no words that I could answer."
  return `You wrote: “${shortened(start, 120)}” A real model would answer that now; I am a simulated one, and can only confirm that the question has arrived.`
}

/** Thinks aloud about a prompt. */
export const thinkAbout = (prompt: string): string =>
  `The user asks: “${shortened(prompt, 60)}”. I look at what is wanted, settle on the simplest answer, and check it once.`
