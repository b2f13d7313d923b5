/** How the time of functions grows with what a provider or a model wrote. */
import { Either, Schema } from "effect"
import { decodeToolArguments } from "llm-connectivity"
import { EventReader } from "../../src/browser/EventReader.js"
import { RunningCount } from "../../src/catalog/countTokens.js"
import { estimateTokens } from "../../src/catalog/estimateTokens.js"
import { ChatFold } from "../../src/domain/ChatResponse.js"
import { isTooDeep } from "../../src/domain/JsonText.js"
import * as httpErrors from "../../src/http/errors/httpErrors.js"
import * as RetryHint from "../../src/http/errors/RetryHint.js"
import { looseServerSentEvents } from "../../src/http/framing/looseServerSentEvents.js"
import { readOddData } from "../../src/http/framing/oddData.js"
import { parseJson } from "../../src/http/Json.js"
import { SimilarJson } from "../../src/http/SimilarJson.js"
import { quote, withoutKeys } from "../../src/http/secrets/Redaction.js"
import { sanitizeTerminal, TerminalSanitizer } from "../../src/output/sanitizeTerminal.js"
import { LineSplitter, SentenceSplitter } from "../../src/output/text/splitters.js"
import * as AnthropicErrors from "../../src/protocol/anthropic-messages/errors.js"
import { decodedArguments, withoutRepetition } from "../../src/protocol/argumentsText.js"
import { readFinishReason } from "../../src/protocol/finishReasons.js"
import * as GoogleErrors from "../../src/protocol/google-gemini/errors.js"
import { withInlineMedia } from "../../src/protocol/inlineMedia.js"
import * as OpenAIErrors from "../../src/protocol/openAIErrors.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import { PartialJson } from "../../src/structured/PartialJson.js"
import { Shape } from "../../src/structured/Shape.js"
import { SecretMask } from "../../src/testing/cassette/SecretMask.js"
import { spreadTexts } from "../../src/testing/cassette/spreadTexts.js"
import { cpuMillis } from "./atAnySpeed.js"

/** A function of a text that a provider or a model wrote. */
export type Reader = (text: string) => unknown

const context: httpErrors.RequestContext = {
  provider: "openai",
  model: "gpt-4o",
  status: 429,
  headers: {},
  secrets: ["sk-canary-key-0123456789abcdef"],
  sentTexts: () => ["Hello, who are you today?", "wait 1s"]
}

const recordedMask = new SecretMask(Array.from(context.secrets))

const chat = OpenAIChat.make({ provider: "test", maxTokensField: "max_tokens" })

/** The text in small pieces, as a stream has it. */
const inPieces = (text: string, push: (piece: string) => unknown): void => {
  for (let at = 0; at < text.length; at += 7) push(text.slice(at, at + 7))
}

const encoder = new TextEncoder()
const readSize = 4096

/** The network reads of a text. */
const readsOf = (text: string): ReadonlyArray<Uint8Array> => {
  const bytes = encoder.encode(text)
  return Array.from({ length: Math.ceil(bytes.length / readSize) }, (_, index) =>
    bytes.subarray(index * readSize, (index + 1) * readSize)
  )
}

const framed = (text: string): void => {
  const frames = looseServerSentEvents(8 * 1024 * 1024)
  for (const read of readsOf(text)) frames.push(read)
  frames.end()
}

/** Reads a text as partial JSON, and looks at each value as a page that shows it does. */
const partialJson = (text: string): void => {
  const json = new PartialJson(Shape.of(Schema.Unknown))
  inPieces(text, (piece) => json.push(piece))
}

/** Everything that reads text of an error. */
export const errorReaders: { readonly [name: string]: Reader } = {
  "the retry hint of a message": (text) => RetryHint.read({}, text),
  "the retry hint of a header": (text) =>
    RetryHint.read({ "retry-after": text, "retry-after-ms": text, date: text }, ""),
  "the retry delay of a body": (text) => RetryHint.read({}, "", text),
  "the error of a message": (text) => httpErrors.reported(context, { message: text, codes: [] }),
  "the error of a code": (text) => httpErrors.reported(context, { message: "", codes: [text], retryDelay: text }),
  "the request id": (text) => httpErrors.errorFields({ ...context, headers: { "x-request-id": text } }),
  "the cause of a broken connection": (text) => httpErrors.unreachable(context, { cause: { message: text } }),
  "quoting a message": (text) => quote(text, context),
  "quoting an echo of the prompt": (text) => quote(text, { ...context, sentTexts: () => [text] }),
  "masking keys": (text) => withoutKeys(text.slice(0, 4000), context.secrets),
  "finding a page": (text) => httpErrors.isPage(text),
  "an error body of OpenAI": (text) => OpenAIErrors.reportedError({ error: { message: text, code: text } }),
  "an error body of Anthropic": (text) => AnthropicErrors.reportedError({ error: { message: text, type: text } }),
  "an error body of Google": (text) => GoogleErrors.reportedError({ error: { message: text, status: text } }),
  "server-sent events": framed,
  "server-sent events of one long line": (text) => framed(`data: ${JSON.stringify(text)}\n\n`),
  "server-sent events of one event with many lines": (text) =>
    framed(`${Array.from(text, (letter) => `data:${letter}`).join("\n")}\n\n`),
  "the events of a page": (text) => {
    const events = new EventReader()
    for (const read of readsOf(`data: ${text}\n\n`)) events.push(read)
  },
  "data that is not one object": (text) => [readOddData(text), readOddData(`{"a":${text}`), readOddData(`"${text}`)],
  "an error inside a message": (text) => OpenAIErrors.reportedError({ error: { message: `{"message":${text}` } }),
  "the depth of JSON": isTooDeep,
  JSON: parseJson
}

/** Everything that reads text of a model. */
export const outputReaders: { readonly [name: string]: Reader } = {
  "partial JSON": partialJson,
  "partial JSON of one string": (text) => partialJson(`{"a":${JSON.stringify(text)}`),
  "partial JSON of a list": (text) => partialJson(`{"a":[${'"",'.repeat(text.length / 8)}`),
  "tool arguments": (text) =>
    Either.isLeft(decodeToolArguments({ id: "", name: "a", arguments: `{"a":${text}` }, Schema.Unknown)),
  "tool arguments that may stand twice": (text) => [
    withoutRepetition(text),
    withoutRepetition(`{}${text}`),
    decodedArguments(`"${text}`),
    decodedArguments(JSON.stringify(text))
  ],
  "a finish reason": (text) => readFinishReason(text),
  "an event like those before it": (text) => {
    const events = new SimilarJson()
    for (const each of ['{"a":"b"}', '{"a":"c"}', '{"a":"d"}']) {
      events.parse(each)
      events.expectMoreLike(each)
    }
    return [events.parse(`{"a":"e"${text}`), events.parse(`{"a":"${text}`)]
  },
  "a data: URL of an image": (text) =>
    withInlineMedia([{ role: "user", content: [{ type: "image", url: `data:${text}` }] }]),
  "an event of another shape": (text) =>
    chat.reshape?.({
      choices: [{ index: text, delta: { content: [text], reasoning: [text] } }],
      usage: { prompt_tokens: text }
    }),
  "the fold of chunks": (text) => {
    const fold = new ChatFold()
    const none = { toolCalls: [], finishReason: null, usage: null, rawChunk: null }
    inPieces(text, (content) => fold.add({ ...none, content, reasoning: content }))
    return fold.partial().content.length
  },
  "printing on a terminal": sanitizeTerminal,
  "printing pieces on a terminal": (text) => {
    const sanitizer = new TerminalSanitizer()
    inPieces(text, (piece) => sanitizer.push(piece))
  },
  lines: (text) => {
    const lines = new LineSplitter()
    inPieces(text, (piece) => lines.push(piece))
    lines.end()
  },
  sentences: (text) => {
    const sentences = new SentenceSplitter(new Intl.Segmenter("en", { granularity: "sentence" }))
    inPieces(text, (piece) => sentences.push(piece))
    sentences.end()
  },
  "masking a recorded body": (text) => recordedMask.bytes(encoder.encode(`${text}${context.secrets}`)),
  "the texts that a recorded stream spells in pieces": spreadTexts,
  "the estimate of tokens": (text) => new RunningCount(estimateTokens, false).add(text)
}

/** Texts that make careless expressions slow, by what they repeat. */
const hostile: ReadonlyArray<string> = [
  " ",
  "\n",
  "\r",
  "\t ",
  "1",
  "1.",
  ".",
  "1s ",
  "wait ",
  "wait wait in ",
  `wait${" ".repeat(60)}`,
  "wait 1s, and ",
  "try again in 1.1",
  "retry after 1 ",
  "model ",
  "model does not ",
  "a",
  "A.",
  "-",
  "sk-",
  "sk-a*",
  "key: ",
  "token provided: ",
  "[",
  "]",
  '{"a":',
  "[0,",
  "[],",
  '"',
  '\\"',
  "\\",
  "'",
  "<",
  "<!doctype ",
  ":\n",
  "a: b\n",
  "data:\n",
  "\u001b[",
  "\u001b]",
  "é",
  "。",
  "😀",
  "\ud83d",
  "`max_tokens`: 1 > ",
  "quota exceeded for ",
  "free_tier_"
]

// One beginning, and then a run that it cannot match.
const runs: ReadonlyArray<readonly [beginning: string, unit: string]> = [
  ["wait", " "],
  ["try again in ", "1"],
  ["retry in 1.", "1"],
  ["wait 1s", ","],
  ["sk-", "a"],
  ["key:", " "]
]

/** The hostile texts, by their names. */
export const hostileTexts: { readonly [name: string]: (length: number) => string } = Object.fromEntries([
  ...hostile.map((unit) => [unit, (length: number) => repeated(unit, length)] as const),
  ...runs.map(
    ([beginning, unit]) => [`${beginning}…${unit}`, (length: number) => beginning + repeated(unit, length)] as const
  )
])

const repeated = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)

/** The milliseconds of CPU time that reading takes, at best of two where they matter. */
const millisOf = (read: Reader, text: string): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 2 && best > noiseMillis / 8; round++) {
    const startedAt = cpuMillis()
    read(text)
    best = Math.min(best, cpuMillis() - startedAt)
  }
  return best
}

/** How much longer reading takes for four times the text: about 4 if the time is linear, 16 if it is quadratic. */
export interface Growth {
  readonly name: string
  readonly text: string
  readonly millis: number
  readonly ratio: number
}

// Shorter times are noise; a quadratic function takes far longer for the lengths that are measured.
const noiseMillis = 25

/** Measures a reader on a hostile text of a length and of a quarter of it. */
export const growthOf = (name: string, read: Reader, text: string, length: number): Growth => {
  const textOf = hostileTexts[text] ?? String
  const measured = (): Growth => {
    const millis = millisOf(read, textOf(length))
    if (millis <= noiseMillis) return { name, text, millis, ratio: 1 }
    return { name, text, millis, ratio: millis / Math.max(millisOf(read, textOf(length / 4)), noiseMillis / 8) }
  }
  let best = measured()
  // Something else may have used the processor meanwhile.
  for (let round = 0; round < 3 && best.ratio > maxRatio; round++) {
    const again = measured()
    if (again.ratio < best.ratio) best = again
  }
  return best
}

/** More than this is not linear. */
export const maxRatio = 9
