/** What can go wrong and what the caller then gets: the one table that the tests prove and docs/resilience.md prints. */
import type { LLMError, NetworkError, RateLimitError, Timeouts } from "llm-connectivity"
import type { ErrorKind, Fault, ProtocolName, SimulatedReply } from "llm-connectivity/testing"
import type { clients } from "../support/contract.js"

export type ClientName = keyof typeof clients

/** The default answer of the Simulator, and what of it comes before a fault after its third piece. */
export const answer = "One, two, three, four, five."
export const beginning = "One, two"

/** How a call ends, and what the reader of a stream has seen of the answer by then. */
export interface Outcome {
  /** Missing where the answer is complete. */
  readonly error?: {
    readonly _tag: LLMError["_tag"]
    readonly reason?: NetworkError["reason"] | RateLimitError["reason"]
    readonly timeout?: NetworkError["timeout"]
  }
  /** `endless` where the answer is repeated for ever. */
  readonly text: typeof answer | typeof beginning | "" | "endless"
  /** Whether a complete answer lacks its usage. */
  readonly lacksUsage?: true
}

/** Where an outcome has to differ. */
export interface Exception {
  readonly protocols?: ReadonlyArray<ProtocolName>
  readonly clients?: ReadonlyArray<ClientName>
  readonly outcome: Outcome
  readonly because: string
}

/** One thing that goes wrong. */
export interface Row {
  readonly name: string
  readonly reply: SimulatedReply
  /** The short timeouts; a non-streaming response has only the total. */
  readonly timeouts?: Timeouts
  /** Whether it takes a first call that is fine. */
  readonly isOnSecondCall?: true
  readonly streamed: Outcome
  readonly exceptions?: ReadonlyArray<Exception>
  /** Missing where the fault needs a stream. */
  readonly whole?: Outcome
}

/** Rows that have the place of the fault in common. */
export interface Part {
  readonly title: string
  readonly rows: ReadonlyArray<Row>
}

/** Long enough for a busy machine to come to its third piece, short enough to wait for. */
export const short = "250 millis"

const complete: Outcome = { text: answer }

const network = (reason: NetworkError["reason"], text: Outcome["text"] = ""): Outcome => ({
  error: { _tag: "NetworkError", reason },
  text
})

const timeout = (name: NetworkError["timeout"], text: Outcome["text"] = ""): Outcome => ({
  error: { _tag: "NetworkError", reason: "Timeout", timeout: name },
  text
})

const overloaded = (text: Outcome["text"]): Outcome => ({
  error: { _tag: "RateLimitError", reason: "Overloaded" },
  text
})

const rejected = (_tag: LLMError["_tag"], text: Outcome["text"] = ""): Outcome => ({ error: { _tag }, text })

const late = (outcome: Outcome): Outcome => ({ ...outcome, text: answer })

const faulty = (name: string, fault: Fault, streamed: Outcome, more: Partial<Row> = {}): Row => ({
  name,
  reply: { fault },
  streamed,
  ...more
})

const same = (outcome: Outcome) => ({ streamed: outcome, whole: outcome })

const refused = (name: string, error: ErrorKind, outcome: Outcome): Row => ({
  name,
  reply: { error },
  ...same(outcome)
})

const responsesHasEnded: Exception = {
  protocols: ["openai-responses"],
  outcome: complete,
  because: "the event with its finish reason is also its end marker"
}

const geminiHasNoEnd = (outcome: Outcome): Exception => ({
  protocols: ["google-gemini"],
  outcome,
  because: "it has no end marker, so only the end of the body shows that the response is complete"
})

const notDecompressed: Exception = {
  clients: ["Node", "Undici", "Direct"],
  outcome: rejected("ProviderError"),
  because: "these clients do not decompress, and requests ask for no compression"
}

const beforeHeaders: ReadonlyArray<Row> = [
  faulty("The connection is refused", { type: "refuse" }, network("Connection"), { whole: network("Connection") }),
  faulty("The connection is reset before the headers", { type: "resetBeforeHeaders" }, network("Connection"), {
    whole: network("Connection")
  }),
  faulty("A kept-alive connection is reset when it is used again", { type: "resetOnReuse" }, network("Connection"), {
    isOnSecondCall: true,
    exceptions: [{ clients: ["Node"], outcome: complete, because: "this client opens a connection for every request" }]
  }),
  faulty("The headers are slow", { type: "slowHeaders", delay: 50 }, complete, { whole: complete }),
  faulty("The headers never arrive", { type: "slowHeaders", delay: "1 minute" }, timeout("headers"), {
    timeouts: { headers: short },
    whole: timeout("total")
  })
]

const instead: ReadonlyArray<Row> = [
  refused("The key is wrong", "authentication", rejected("AuthenticationError")),
  refused("A right is missing", "permission", rejected("AuthenticationError")),
  refused("The account is empty", "insufficientCredits", rejected("InsufficientCreditsError")),
  refused("The model does not exist", "modelNotFound", rejected("ModelNotFoundError")),
  refused("The prompt is too long", "contextWindow", rejected("ContextWindowExceededError")),
  refused("The request is wrong", "invalidRequest", rejected("ValidationError")),
  refused("Too many requests", "rateLimit", { error: { _tag: "RateLimitError", reason: "RateLimit" }, text: "" }),
  refused("The provider is overloaded", "overloaded", overloaded("")),
  refused("The provider is in trouble", "server", network("Server")),
  {
    name: "A server error whose body stalls",
    reply: { error: "server", fault: { type: "stall", afterBytes: 9 } },
    timeouts: { total: short },
    ...same(network("Server"))
  },
  faulty("A gateway responds with an HTML page, status 502", { type: "page", status: 502 }, network("Server"), {
    whole: network("Server")
  }),
  faulty("A gateway responds with an HTML page, status 200", { type: "page" }, network("Server"), {
    whole: network("Server")
  }),
  faulty("The body is empty, status 200", { type: "emptyBody" }, network("Truncated"), { whole: network("Truncated") }),
  { name: "The body is empty, status 500", reply: { status: 500, body: "" }, ...same(network("Server")) },
  {
    name: "The body is not a response of the protocol",
    reply: { body: { hello: "world" } },
    ...same(rejected("ProviderError"))
  },
  faulty("A redirect to another host", { type: "redirect" }, rejected("ProviderError"), {
    whole: rejected("ProviderError")
  }),
  faulty("A stream with the content type text/plain", { type: "wrongContentType" }, complete, { whole: complete }),
  faulty(
    "A stream with the content type application/json",
    { type: "wrongContentType", contentType: "application/json" },
    complete
  ),
  {
    name: "A compressed body that was not requested",
    reply: { fault: { type: "gzip" } },
    ...same(complete),
    exceptions: [notDecompressed]
  }
]

const events = { "content-type": "text/event-stream" }

const contextError =
  '{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}'

const beforeContent: ReadonlyArray<Row> = [
  {
    name: "An end marker without a response",
    reply: { headers: events, body: "data: [DONE]\n\n" },
    streamed: network("Truncated")
  },
  {
    name: "An error as bare JSON, then an end marker",
    reply: { headers: events, body: `{"error":${contextError}}\n\ndata: [DONE]\n\n` },
    streamed: rejected("ContextWindowExceededError")
  },
  faulty("The first content never arrives", { type: "slowFirstContent", delay: "1 minute" }, timeout("firstContent"), {
    timeouts: { firstContent: short },
    whole: timeout("total")
  }),
  {
    name: "Only keep-alives arrive",
    reply: { keepAlive: "20 millis", fault: { type: "stall", afterChunks: 0 } },
    timeouts: { idle: short, firstContent: "500 millis" },
    streamed: timeout("firstContent")
  },
  {
    name: "A non-streaming response to a streaming request, which stalls",
    reply: { body: { hello: "world" }, fault: { type: "stall", afterBytes: 9 } },
    timeouts: { firstContent: short },
    streamed: timeout("firstContent"),
    whole: timeout("total")
  },
  faulty("Silence before the first content", { type: "stall", afterChunks: 0 }, timeout("idle"), {
    timeouts: { idle: short, firstContent: "500 millis" },
    exceptions: [
      {
        protocols: ["google-gemini"],
        outcome: timeout("firstContent"),
        because: "it sends nothing before its first content, so the idle timeout has not started"
      }
    ],
    whole: timeout("total")
  }),
  faulty("A reset right after the headers", { type: "reset", afterBytes: 0 }, network("Truncated"), {
    whole: network("Truncated")
  }),
  faulty("A reset before the first content", { type: "reset", afterChunks: 0 }, network("Truncated"), {
    whole: network("Truncated")
  }),
  faulty("A clean end before the first content", { type: "truncate", afterChunks: 0 }, network("Truncated"), {
    whole: network("Truncated")
  }),
  faulty("An error event before the first content", { type: "errorEvent", afterChunks: 0 }, overloaded("")),
  faulty(
    "A malformed event before the first content",
    { type: "malformedEvent", afterChunks: 0 },
    rejected("ProviderError")
  )
]

const inContent: ReadonlyArray<Row> = [
  faulty("Silence", { type: "stall", afterChunks: 3 }, timeout("idle", beginning), {
    timeouts: { idle: short },
    whole: timeout("total")
  }),
  {
    name: "Only keep-alives arrive from then on",
    reply: { keepAlive: "20 millis", fault: { type: "stall", afterChunks: 3 } },
    timeouts: { idle: short, total: "500 millis" },
    streamed: timeout("total", beginning)
  },
  faulty("A reset", { type: "reset", afterChunks: 3 }, network("Truncated", beginning), {
    whole: network("Truncated")
  }),
  faulty("A clean end", { type: "truncate", afterChunks: 3 }, network("Truncated", beginning), {
    whole: network("Truncated")
  }),
  faulty("A clean end inside a character", { type: "cutCharacter", afterChunks: 3 }, network("Truncated", beginning), {
    whole: network("Truncated")
  }),
  faulty(
    "A reset inside a character",
    { type: "cutCharacter", afterChunks: 3, ending: "reset" },
    network("Truncated", beginning),
    { whole: network("Truncated") }
  ),
  faulty("An error event", { type: "errorEvent", afterChunks: 3 }, overloaded(beginning)),
  faulty("A malformed event", { type: "malformedEvent", afterChunks: 3 }, rejected("ProviderError", beginning)),
  faulty("An event without end", { type: "endlessEvent" }, rejected("ProviderError")),
  {
    name: "A stream without end",
    reply: { pace: "5 millis", fault: { type: "endlessStream" } },
    timeouts: { total: short },
    streamed: timeout("total", "endless")
  },
  { name: "Reads of one byte", reply: { fault: { type: "trickle", delay: 0 } }, ...same(complete) },
  faulty("Comments, pings and unknown events between all others", { type: "noise" }, complete)
]

const afterFinish: ReadonlyArray<Row> = [
  faulty("A clean end", { type: "truncate", afterFinish: true }, complete, {
    exceptions: [
      {
        protocols: ["openai-chat"],
        outcome: { ...complete, lacksUsage: true },
        because: "its usage follows its finish reason, and is unknown then"
      }
    ]
  }),
  faulty("A clean end inside a character", { type: "cutCharacter", afterFinish: true }, complete, {
    exceptions: [
      {
        protocols: ["openai-chat"],
        outcome: { ...complete, lacksUsage: true },
        because: "its usage follows its finish reason, and is unknown then"
      }
    ]
  }),
  faulty("A reset", { type: "reset", afterFinish: true }, late(network("Truncated")), {
    exceptions: [responsesHasEnded]
  }),
  faulty("Silence", { type: "stall", afterFinish: true }, late(timeout("idle")), {
    timeouts: { idle: short },
    exceptions: [responsesHasEnded]
  }),
  faulty("An error event", { type: "errorEvent", afterFinish: true }, overloaded(answer), {
    exceptions: [responsesHasEnded]
  }),
  faulty("A malformed event", { type: "malformedEvent", afterFinish: true }, late(rejected("ProviderError")), {
    exceptions: [responsesHasEnded]
  }),
  faulty("The finish reason is sent twice", { type: "duplicateFinish" }, complete),
  faulty("A reset after the complete response", { type: "reset", afterBytes: 1_000_000 }, complete, {
    exceptions: [geminiHasNoEnd(late(network("Truncated")))]
  }),
  faulty("The connection stays open after the complete response", { type: "linger" }, complete, {
    timeouts: { idle: short },
    exceptions: [geminiHasNoEnd(late(timeout("idle")))],
    whole: timeout("total")
  })
]

export const table: ReadonlyArray<Part> = [
  { title: "Before the headers", rows: beforeHeaders },
  { title: "Instead of the answer", rows: instead },
  { title: "Before the first content", rows: beforeContent },
  { title: "In the middle of the answer", rows: inContent },
  { title: "After the finish reason", rows: afterFinish }
]

/** What a row promises to one protocol over one client. */
export const outcomeOf = (row: Row, protocol: ProtocolName, client: ClientName, isWhole = false): Outcome =>
  row.exceptions?.find(
    (each) =>
      // What a protocol does differently it does in its stream.
      (isWhole ? each.protocols === undefined : (each.protocols ?? [protocol]).includes(protocol)) &&
      (each.clients ?? [client]).includes(client)
  )?.outcome ?? (isWhole && row.whole !== undefined ? row.whole : row.streamed)

/** Whether the default policy asks again: what can pass with time, as long as nothing has been shown. */
export const isTriedAgain = ({ error, text }: Outcome): boolean =>
  text === "" && (error?._tag === "NetworkError" || error?._tag === "RateLimitError")
