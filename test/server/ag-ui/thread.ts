/** What AG-UI's clients keep of a run: the messages of the thread. */
import type { Json } from "../../support/frontEnds.js"

type Message = { [key: string]: unknown; calls?: never }

/** The messages after the events, which follow those that the client had. */
export const keptMessages = (events: ReadonlyArray<Json>, before: ReadonlyArray<Json> = []): ReadonlyArray<Json> => {
  let messages: Array<Message> = structuredClone(before) as Array<Message>
  const messageOf = (id: unknown, role: string): Message => {
    const found = messages.find((message) => message["id"] === id)
    if (found !== undefined) return found
    const message: Message = { id, role }
    messages.push(message)
    return message
  }
  const callsOf = (message: Message) => {
    message["toolCalls"] ??= []
    return message["toolCalls"] as Array<{ id: unknown; function: { name: unknown; arguments: string } }>
  }
  const append = (message: Message, delta: unknown) => {
    message["content"] = `${message["content"] ?? ""}${delta}`
  }
  for (const event of events) {
    const { type, messageId, toolCallId, delta, metadata } = event
    if (type === "MESSAGES_SNAPSHOT") messages = structuredClone(event["messages"]) as Array<Message>
    else if (type === "TEXT_MESSAGE_START") messageOf(messageId, "assistant")
    else if (type === "TEXT_MESSAGE_CONTENT") append(messageOf(messageId, "assistant"), delta)
    else if (type === "REASONING_MESSAGE_CONTENT") append(messageOf(messageId, "reasoning"), delta)
    else if (type === "TEXT_MESSAGE_END" && metadata !== undefined) {
      Object.assign(messageOf(messageId, "assistant"), { metadata })
    } else if (type === "TOOL_CALL_START") {
      const calls = callsOf(messageOf(event["parentMessageId"], "assistant"))
      calls.push({ id: toolCallId, function: { name: event["toolCallName"], arguments: "" } })
    } else if (type === "TOOL_CALL_ARGS") {
      const calls = messages.flatMap((message) => (message["toolCalls"] === undefined ? [] : callsOf(message)))
      const made = calls.find(({ id }) => id === toolCallId)
      if (made !== undefined) made.function.arguments += delta
    } else if (type === "TOOL_CALL_RESULT") {
      messages.push({ id: messageId, role: "tool", toolCallId, content: event["content"], metadata })
    }
  }
  return JSON.parse(JSON.stringify(messages))
}
