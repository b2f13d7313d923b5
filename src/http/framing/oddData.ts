/**
 * Reads the data of an event that is not one JSON object, in the ways that servers were reported to write it. Only such
 * data comes here, so that ordinary events pay nothing.
 */
import { isObject, type JsonObject, parseJson } from "../Json.js"

/** What odd data holds: events, the end of the stream, words of a failure, or something that is no event at all. */
export type OddData =
  | { readonly type: "events"; readonly events: ReadonlyArray<JsonObject>; readonly isEnd: boolean }
  | { readonly type: "words"; readonly words: string }
  | { readonly type: "damaged" }

const nothing: OddData = { type: "events", events: [], isEnd: false }

/** Reads odd data. */
export const readOddData = (data: string): OddData => {
  const text = withoutPrefixes(data.trim())
  if (isEndMarker(text)) return { type: "events", events: [], isEnd: true }
  if (isKeepAlive(text)) return nothing
  if (!/^[[{]/.test(text)) return readWords(unquoted(text))
  const whole = parseJson(text)
  if (whole !== undefined) return { type: "events", events: membersOf(whole), isEnd: false }
  return readSeveral(text)
}

/** Reads the data of an event that says it is an error: its first object, or its words. */
export const readErrorData = (data: string): JsonObject | string => {
  const whole = parseJson(data)
  if (isObject(whole)) return whole
  const odd = readOddData(data)
  if (odd.type === "events") return odd.events[0] ?? data
  return odd.type === "words" ? odd.words : data
}

/** The error of llama.cpp's server, which begins its line with `error:` instead of `data:`. */
export const errorLineIn = (text: string): string => /^error:(.*)$/m.exec(text)?.[1] ?? ""

/** Some servers frame their events twice: `data: data: {…}`. */
const withoutPrefixes = (text: string): string => {
  let at = 0
  while (text.startsWith("data:", at)) {
    at += 5
    while (text[at] === " ") at++
  }
  return at === 0 ? text : text.slice(at)
}

/** The end marker of chat completions, which gateways send for other protocols too, and write in other ways. */
const isEndMarker = (text: string): boolean => text.length < 200 && /^"?\[?done\b/i.test(text)

// Words that were seen as keep-alives, and JSON that has no event: `null`, `true`, numbers, empty texts and lists.
const keepAlive = /^"?\[?(?::.*|ping|pong|keep[- ]?alive|heartbeat|null|true|false|\d+|)\]?"?$/is

const isKeepAlive = (text: string): boolean => text.length < 100 && keepAlive.test(text)

/** A list of events, or an event. */
const membersOf = (json: object): ReadonlyArray<JsonObject> =>
  Array.isArray(json) ? json.filter(isObject) : isObject(json) ? [json] : []

/** Several events in one: one line end between them, none, or numbers that JSON does not have. */
const readSeveral = (text: string): OddData => {
  const events: Array<JsonObject> = []
  for (const piece of split(text)) {
    const line = withoutPrefixes(piece.trim())
    if (isEndMarker(line)) return { type: "events", events, isEnd: true }
    if (line === "" || isKeepAlive(line)) continue
    const json = parseJson(line) ?? parseJson(withoutNonNumbers(line))
    if (json === undefined) return { type: "damaged" }
    events.push(...membersOf(json))
  }
  return { type: "events", events, isEnd: false }
}

/** Splits a text after every complete object, outside of strings. */
const split = (text: string): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  let [start, depth, isString] = [0, 0, false]
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (isString) {
      if (letter === "\\") at++
      else if (letter === '"') isString = false
    } else if (letter === '"') isString = true
    else if (letter === "{") depth++
    else if (letter === "}" && --depth === 0) {
      pieces.push(text.slice(start, at + 1))
      start = at + 1
    }
  }
  pieces.push(text.slice(start))
  return pieces
}

/** Python writes `NaN` and `Infinity`, which JSON does not have. */
const withoutNonNumbers = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.?)*(?:"|$)|-?\b(?:NaN|Infinity)\b/gs, (found) => (found.startsWith('"') ? found : "null"))

/** Words are the failure of a server that writes it without a form. Other words are no stream of a model. */
const readWords = (words: string): OddData =>
  soundsFailed.test(words.slice(0, 1000)) ? { type: "words", words } : { type: "damaged" }

const soundsFailed =
  /\b(?:errors?|exception|fail(?:ed|ure)?|time(?:d )?-?out|unavailable|overloaded|denied|refused|invalid|limit|exceed(?:s|ed)|bad gateway|upstream|unauthorized|forbidden|not found)\b/i

/** The error codes that words without a form stand for. A failure in other words is not retried. */
export const codesOfWords = (words: string): ReadonlyArray<string> =>
  codePatterns.filter(([pattern]) => pattern.test(words.slice(0, 1000))).map(([, code]) => code)

const codePatterns: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /\b(?:unauthori[sz]ed|unauthenticated|forbidden|(?:access|permission) (?:is |was )?denied)\b/i,
    "authentication_error"
  ],
  [/\brate[- ]?limit|\btoo many requests\b/i, "rate_limit_error"],
  [/\b(?:time(?:d )?-?out|unavailable|upstream|overloaded|bad gateway|internal)\b/i, "server_error"]
]

const unquoted = (text: string): string => text.replace(/^"|"$/g, "")
