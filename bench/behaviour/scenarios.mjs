/** What goes wrong, what to look at, and how to say in few words what became of it. */
import { inspect } from "node:util"

/**
 * @typedef {object} Outcome What a reader saw, and what was asked for it.
 * @property {ReadonlyArray<unknown>} texts
 * @property {"ended" | "failed" | "waiting"} end
 * @property {unknown} [error]
 * @property {number} millis
 * @property {ReadonlyArray<{ headers: Record<string, string | undefined>, body: unknown, closedBy: string }>} requests
 *
 * @typedef {object} Scenario
 * @property {string} title
 * @property {unknown} script What the Simulator replies; by the path that is asked, where that matters.
 * @property {number} [millis] How long to look; 6 seconds by default.
 * @property {boolean} [leaves] Whether the reader leaves after the third text.
 * @property {(outcome: Outcome) => string} say
 */

const answer = { chunks: ["One", ", two", ", three", ", four", ", five"] }
const failing = (reply, times = 8) => Array.from({ length: times }, () => ({ ...answer, ...reply }))
const after = (type, more = {}) => [{ ...answer, fault: { type, afterChunks: 3, ...more } }, answer, answer, answer]

const seconds = (millis) => `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`
const textOf = ({ texts }) => texts.filter((text) => typeof text === "string").join("")

/** For answers that are not complete. */
const notComplete = (outcome) => {
  const { end, requests } = outcome
  if (end === "waiting") return "waits"
  if (end === "ended") return "**ends as if complete**"
  return requests.length === 1 ? "an error" : `an error, after ${requests.length} requests`
}

const events = (...all) => all.map((event) => `event: ${event.type ?? "message"}\ndata: ${JSON.stringify(event)}\n\n`)
const chat = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const wrong = { not: "a text" }
const message = { id: "1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null }
const counts = { input_tokens: 1, output_tokens: 1 }

/** An answer in each protocol in which a number of words is an object: known events of a wrong shape. */
const misshapen = [
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
  { title: "The connection ends in the middle of the answer", script: after("truncate"), say: notComplete },
  { title: "It is reset there", script: after("reset"), say: notComplete },
  {
    title: "Then text that was read comes again",
    script: after("reset"),
    say: (outcome) => (textOf(outcome).split("One").length > 2 ? "**yes**" : "no")
  },
  {
    title: "An error event comes there, after status 200",
    script: after("errorEvent"),
    say: notComplete
  },
  {
    title: "The body is empty, status 200",
    script: failing({ fault: { type: "emptyBody" } }),
    millis: 20_000,
    say: notComplete
  },
  {
    title: "A gateway's HTML page, status 200",
    script: failing({ fault: { type: "page" } }),
    millis: 20_000,
    say: notComplete
  },
  {
    title: "A text that is an object",
    script: ({ path }) => ({
      headers: { "content-type": "text/event-stream" },
      body: misshapen.find(([part]) => path.includes(part))?.[1]
    }),
    say: ({ texts, end }) =>
      texts.some((text) => typeof text !== "string")
        ? "**passed on as text**"
        : end === "failed"
          ? "an error"
          : "left out"
  },
  {
    title: "Silence in the middle of the answer",
    script: after("stall"),
    millis: 75_000,
    say: ({ end, millis }) => (end === "waiting" ? "**waits, after 75 s still**" : `an error after ${seconds(millis)}`)
  },
  {
    title: "429, `retry-after: 1`",
    script: [{ error: { kind: "rateLimit", retryAfter: "1 second" } }, answer],
    say: ({ end, millis, requests }) =>
      end === "failed"
        ? "an error"
        : `asks again ${millis < 950 ? "**too soon**" : "in time"}, ${requests.length} requests`
  },
  {
    title: "429, `retry-after: 3600`",
    script: failing({ error: { kind: "rateLimit", retryAfter: "1 hour" } }),
    say: ({ end, requests, millis }) => {
      if (requests.length > 1) return `**${requests.length} requests in ${seconds(millis)}**`
      return end === "waiting" ? "waits" : "an error at once"
    }
  },
  {
    title: "A redirect to another host",
    script: [{ fault: { type: "redirect" } }, answer],
    say: ({ requests: [, followed] }) => {
      if (followed === undefined) return "refused"
      const hasKey = keyHeaders.some((name) => followed.headers[name] !== undefined)
      return hasKey ? "**followed, with key and prompt**" : "**followed, with the prompt**"
    }
  },
  {
    title: "The reader leaves: the connection is closed",
    script: after("stall"),
    leaves: true,
    say: ({ requests }) => (requests[0]?.closedBy === "caller" ? "yes" : "**no**")
  }
]

/** What an error says when it is printed with all that it holds, as loggers do. */
const printed = (error) => {
  try {
    return inspect(error, { depth: 12 }) + JSON.stringify(error)
  } catch {
    return inspect(error, { depth: 12 })
  }
}

/**
 * What the errors of all scenarios print that they should not.
 * @param {ReadonlyArray<Outcome>} outcomes
 */
export const printedSecrets = (outcomes, { apiKey, prompt }) => {
  const texts = outcomes.filter(({ end }) => end === "failed").map(({ error }) => printed(error))
  const found = Object.entries({ "the key": apiKey, "the prompt": prompt }).filter(([, secret]) =>
    texts.some((text) => text.includes(secret))
  )
  return found.length === 0 ? "nothing" : `**${found.map(([what]) => what).join(" and ")}**`
}
