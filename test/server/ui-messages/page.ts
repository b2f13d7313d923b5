/** What `useChat` keeps of a stream, as far as a conversation needs it: the parts of the message of the assistant. */
import type { Json } from "../../support/frontEnds.js"

type Part = { [key: string]: unknown }

/** The parts after the events, which follow those that the page had. */
export const keptParts = (events: ReadonlyArray<Json>, before: ReadonlyArray<Part> = []): ReadonlyArray<Part> => {
  const parts: Array<Part> = structuredClone([...before])
  const open = new Map<unknown, Part>()
  const add = (id: unknown, part: Part) => {
    parts.push(part)
    open.set(id, part)
  }
  const change = (id: unknown, fields: Part) =>
    Object.assign(parts.find(({ toolCallId }) => toolCallId === id) ?? {}, fields)
  for (const event of events) {
    const { type, id, toolCallId } = event
    if (type === "start-step") parts.push({ type: "step-start" })
    else if (type === "reset-step") parts.splice(parts.findLastIndex((part) => part["type"] === "step-start") + 1)
    else if (type === "text-start" || type === "reasoning-start")
      add(id, { type: String(type).split("-")[0], text: "" })
    else if (type === "text-delta" || type === "reasoning-delta") {
      const part = open.get(id) ?? {}
      part["text"] = `${part["text"]}${event["delta"]}`
    } else if (type === "tool-input-start") {
      parts.push({ type: `tool-${event["toolName"]}`, toolCallId, state: "input-streaming" })
    } else if (type === "tool-input-available") change(toolCallId, { state: "input-available", input: event["input"] })
    else if (type === "tool-approval-request") {
      change(toolCallId, { state: "approval-requested", approval: { id: event["approvalId"] } })
    } else if (type === "tool-output-denied") change(toolCallId, { state: "output-denied" })
    else if (type === "tool-output-available" || type === "tool-output-error" || type === "tool-input-error") {
      const { output, errorText, preliminary, input, providerMetadata } = event
      const state = type === "tool-output-available" ? "output-available" : "output-error"
      change(toolCallId, { state, output, errorText, preliminary, resultProviderMetadata: providerMetadata })
      if (input !== undefined) change(toolCallId, { input })
    } else if (type === "source-url") {
      const { sourceId, url, title, providerMetadata } = event
      parts.push({ type, sourceId, url, title, providerMetadata })
    } else if (String(type).startsWith("data-")) parts.push({ type, data: event["data"] })
  }
  // As JSON, which has no `undefined`.
  return JSON.parse(JSON.stringify(parts))
}

/** The parts after the user has decided about the calls in order. */
export const decided = (
  parts: ReadonlyArray<Part>,
  ...decisions: ReadonlyArray<{ readonly approved: boolean; readonly reason?: string }>
): ReadonlyArray<Part> => {
  let next = 0
  return parts.map((part) =>
    part["state"] === "approval-requested"
      ? { ...part, state: "approval-responded", approval: { ...Object(part["approval"]), ...decisions[next++] } }
      : part
  )
}
