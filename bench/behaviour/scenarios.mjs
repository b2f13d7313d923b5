/** The scenarios: a fault, how long to wait, and how to describe the outcome in a few words. */
import { inspect } from "node:util"

/**
 * @typedef {object} Outcome What a caller received, and the requests that were sent.
 * @property {ReadonlyArray<unknown>} texts
 * @property {"ended" | "failed" | "waiting"} end
 * @property {unknown} [error]
 * @property {number} millis
 * @property {ReadonlyArray<{ headers: Record<string, string | undefined>, body: unknown, closedBy: string }>} requests
 *
 * @typedef {object} Scenario
 * @property {string} title
 * @property {unknown} script The replies of the Simulator, or a function from the request to its reply.
 * @property {number} [millis] How long to wait for the end. Default: 6 seconds.
 * @property {boolean} [cancels] Whether the caller cancels after the third text.
 * @property {(outcome: Outcome) => string} describe
 */

const reply = { chunks: ["One", ", two", ", three", ", four", ", five"] }
const failing = (failure, times = 8) => Array.from({ length: times }, () => ({ ...reply, ...failure }))
const after = (type, more = {}) => [{ ...reply, fault: { type, afterChunks: 3, ...more } }, reply, reply, reply]

const seconds = (millis) => `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`
const textOf = ({ texts }) => texts.filter((text) => typeof text === "string").join("")

/** For incomplete responses. */
const describeIncomplete = (outcome) => {
  const { end, requests } = outcome
  if (end === "waiting") return "keeps waiting"
  if (end === "ended") return "**ends as if complete**"
  return requests.length === 1 ? "an error" : `an error, after ${requests.length} requests`
}

const events = (...all) => all.map((event) => `event: ${event.type ?? "message"}\ndata: ${JSON.stringify(event)}\n\n`)
const chat = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const wrong = { not: "a text" }
const message = { id: "1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null }
const counts = { input_tokens: 1, output_tokens: 1 }

/** A response in each protocol whose text is an object: known events with a wrong shape. */
const malformed = [
  ["chat/completions", `${chat({ content: wrong })}${chat({}, "stop")}data: [DONE]\n\n`],
  [
    "/messages",
    events(
      { type: "message_start", message: { ...message, usage: counts } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: wrong } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: counts },
      { type: "message_stop" }
    ).join("")
  ],
  [
    "/responses",
    events(
      {
        type: "response.output_text.delta",
        item_id: "1",
        output_index: 0,
        content_index: 0,
        delta: wrong,
        sequence_number: 1,
        logprobs: []
      },
      { type: "response.failed", response: { status: "failed" } }
    ).join("")
  ],
  [
    "Content",
    `data: ${JSON.stringify({ candidates: [{ content: { role: "model", parts: [{ text: wrong }] }, finishReason: "STOP" }] })}\n\n`
  ]
]

const keyHeaders = ["authorization", "x-api-key", "x-goog-api-key"]

/** @type {ReadonlyArray<Scenario>} */
export const scenarios = [
  { title: "Connection ends mid-response", script: after("truncate"), describe: describeIncomplete },
  { title: "Connection is reset mid-response", script: after("reset"), describe: describeIncomplete },
  {
    title: "Text is repeated after that reset",
    script: after("reset"),
    describe: (outcome) => (textOf(outcome).split("One").length > 2 ? "**yes**" : "no")
  },
  {
    title: "Error event mid-response, after status 200",
    script: after("errorEvent"),
    describe: describeIncomplete
  },
  {
    title: "Empty body, status 200",
    script: failing({ fault: { type: "emptyBody" } }),
    millis: 20_000,
    describe: describeIncomplete
  },
  {
    title: "HTML page of a gateway, status 200",
    script: failing({ fault: { type: "page" } }),
    millis: 20_000,
    describe: describeIncomplete
  },
  {
    title: "Text field that is an object",
    script: ({ path }) => ({
      headers: { "content-type": "text/event-stream" },
      body: malformed.find(([part]) => path.includes(part))?.[1]
    }),
    describe: ({ texts, end }) =>
      texts.some((text) => typeof text !== "string")
        ? "**passed on as text**"
        : end === "failed"
          ? "an error"
          : "dropped"
  },
  {
    title: "Silence mid-response",
    script: after("stall"),
    millis: 75_000,
    describe: ({ end, millis }) =>
      end === "waiting" ? "**still waiting after 75 s**" : `an error after ${seconds(millis)}`
  },
  {
    title: "429, `retry-after: 1`",
    script: [{ error: { kind: "rateLimit", retryAfter: "1 second" } }, reply],
    describe: ({ end, millis, requests }) =>
      end === "failed"
        ? "an error"
        : `retries ${millis < 950 ? "**too early**" : "on time"}, ${requests.length} requests`
  },
  {
    title: "429, `retry-after: 3600`",
    script: failing({ error: { kind: "rateLimit", retryAfter: "1 hour" } }),
    describe: ({ end, requests, millis }) => {
      if (requests.length > 1) return `**${requests.length} requests in ${seconds(millis)}**`
      return end === "waiting" ? "keeps waiting" : "immediate error"
    }
  },
  {
    title: "Redirect to another host",
    script: [{ fault: { type: "redirect" } }, reply],
    describe: ({ requests: [, followed] }) => {
      if (followed === undefined) return "rejected"
      const hasKey = keyHeaders.some((name) => followed.headers[name] !== undefined)
      return hasKey ? "**followed, with key and prompt**" : "**followed, with the prompt**"
    }
  },
  {
    title: "Connection closed when the caller cancels",
    script: after("stall"),
    cancels: true,
    describe: ({ requests }) => (requests[0]?.closedBy === "caller" ? "yes" : "**no**")
  }
]

/** An error printed with all of its properties, as loggers do. */
const printed = (error) => {
  try {
    return inspect(error, { depth: 12 }) + JSON.stringify(error)
  } catch {
    return inspect(error, { depth: 12 })
  }
}

/**
 * Which secrets the printed errors of all scenarios contain.
 * @param {ReadonlyArray<Outcome>} outcomes
 */
export const printedSecrets = (outcomes, { apiKey, prompt }) => {
  const texts = outcomes.filter(({ end }) => end === "failed").map(({ error }) => printed(error))
  const found = Object.entries({ "the key": apiKey, "the prompt": prompt }).filter(([, secret]) =>
    texts.some((text) => text.includes(secret))
  )
  return found.length === 0 ? "nothing" : `**${found.map(([name]) => name).join(" and ")}**`
}
