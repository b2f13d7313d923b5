/** Chooses the tools that the Simulator calls, and their arguments. */

import { idOf } from "../../../protocol/serve/hash.js"
import { type ParsedRequest, promptOf, type RequestedTool } from "../../../protocol/serve/ParsedRequest.js"
import type { ServedToolCall } from "../../../protocol/serve/ServedReply.js"
import type { SimulatedToolCall } from "../SimulatedReply.js"
import { exampleObject } from "./schemaExample.js"
import { piecesOf } from "./tokens.js"

/** The calls for a question: those that must be, or else those that the prompt mentions; none after a tool's result. */
export const callsFor = (parsed: ParsedRequest, seed: string): ReadonlyArray<ServedToolCall> =>
  chosen(parsed).map((tool, index) =>
    callOf({ name: tool.name, arguments: exampleObject(tool.parameters, promptOf(parsed)) }, seed, index)
  )

/** A call of a script. */
export const callOf = (call: SimulatedToolCall, seed: string, index: number): ServedToolCall => {
  const json = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments ?? {})
  return {
    id: call.id ?? idOf(`${seed}\n${index} ${call.name}`, 24),
    isGivenId: call.id !== undefined,
    name: call.name,
    arguments: json,
    pieces: piecesOf(json)
  }
}

const chosen = (parsed: ParsedRequest): ReadonlyArray<RequestedTool> => {
  const { tools, toolChoice, toolResults } = parsed
  if (toolChoice === "none" || toolResults.length > 0) return []
  if (typeof toolChoice === "object") return tools.filter((tool) => tool.name === toolChoice.name)
  const prompt = promptOf(parsed).toLowerCase()
  const mentioned = tools.filter((tool) => isMentioned(tool.name, prompt))
  return mentioned.length === 0 && toolChoice === "required" ? tools.slice(0, 1) : mentioned
}

// Words that say nothing of what a tool is about.
const verbs = new Set(["get", "set", "fetch", "read", "find", "look", "lookup", "current", "and", "the", "for", "tool"])

/** A name is mentioned as a whole, or by one of its words: `get_weather` by "weather", `calculator` by "calculate". */
const isMentioned = (name: string, prompt: string): boolean => {
  if (prompt.includes(name.toLowerCase())) return true
  const words =
    name
      .replace(/([a-z])([A-Z])/g, "$1 $2")
      .toLowerCase()
      .match(/\p{L}{3,}/gu) ?? []
  return words.some((word) => !verbs.has(word) && new RegExp(stemOf(word), "u").test(prompt))
}

const stemOf = (word: string): string => (word.length < 6 ? `\\b${word}s?\\b` : `\\b${word.slice(0, -2)}`)
