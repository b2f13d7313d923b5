/** Finds the pieces of the answer in a recorded stream, so that faults have the same positions as on the Simulator. */
import { compile } from "../../domain/Check.js"
import { hasOutput } from "../../domain/StreamChunk.js"
import { parseJson } from "../../http/Json.js"
import * as AnthropicMessages from "../../protocol/anthropic-messages/protocol.js"
import * as GoogleGemini from "../../protocol/google-gemini/protocol.js"
import * as OpenAIChat from "../../protocol/openai-chat/protocol.js"
import * as OpenAIResponses from "../../protocol/openai-responses/protocol.js"
import type { Protocol } from "../../protocol/Protocol.js"
import type { StreamEvent } from "../../protocol/serve/WireFormat.js"
import type { ProtocolName } from "../simulator/SimulatedReply.js"

/** The part of the answer that an event contains. */
export type Part = StreamEvent["part"]

/** Classifies the events of one stream, in their order. */
type PartOf = (json: object) => Part

const partsBy = <Event, State>(protocol: Protocol<Event, State>): (() => PartOf) => {
  const isEvent = compile(protocol.event)
  return () => {
    let state = protocol.initial()
    return (json: unknown) => {
      if (!isEvent(json)) return "framing"
      const step = protocol.step(state, json)
      state = step.state
      const chunks = [...(step.before ?? []), ...(step.chunk === undefined ? [] : [step.chunk])]
      if (chunks.some(({ finishReason }) => finishReason !== null)) return "finish"
      return chunks.some(hasOutput) ? "delta" : "framing"
    }
  }
}

const provider = "cassette"

const partsOf: { readonly [Each in ProtocolName]: () => PartOf } = {
  "openai-chat": partsBy(OpenAIChat.make({ provider, maxTokensField: "max_completion_tokens" })),
  "openai-responses": partsBy(OpenAIResponses.make({ provider })),
  "anthropic-messages": partsBy(AnthropicMessages.make({ provider })),
  "google-gemini": partsBy(GoogleGemini.make({ provider }))
}

/** The end of an event in a body, in bytes, and the part of the answer in it. */
export interface EventEnd {
  readonly at: number
  readonly part: Part
}

/** Where the server-sent events of a body end. */
export const eventEnds = (body: Uint8Array, protocol: ProtocolName): ReadonlyArray<EventEnd> => {
  const partOf = partsOf[protocol]()
  const decoder = new TextDecoder()
  const ends: Array<EventEnd> = []
  let start = 0
  for (const at of blankLineEnds(body)) {
    const event = decoder.decode(body.subarray(start, at))
    const data = Array.from(event.matchAll(/^data: ?(.*)$/gm), ([, line]) => line).join("\n")
    const json = parseJson(data)
    ends.push({ at, part: json === undefined ? "framing" : partOf(json) })
    start = at
  }
  return ends
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** The places after each blank line, whose line ends may be `\n` or `\r\n`. */
const blankLineEnds = (body: Uint8Array): ReadonlyArray<number> => {
  const ends: Array<number> = []
  for (let at = body.indexOf(lineFeed); at !== -1; at = body.indexOf(lineFeed, at + 1)) {
    const before = body[at - 1] === carriageReturn ? at - 2 : at - 1
    if (body[before] === lineFeed) ends.push(at + 1)
  }
  return ends
}
