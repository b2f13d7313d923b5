/** A page with the real client of AG-UI: `window.run` runs an agent, and gives what its user would see. */
import { HttpAgent } from "@ag-ui/client"

const agents = new Map()

const agentOf = (url, threadId) => {
  const agent = agents.get(threadId) ?? new HttpAgent({ url, threadId })
  agents.set(threadId, agent)
  return agent
}

/** Runs the agent once, after a question if there is one. */
window.run = async ({ url = "/agent", threadId = "thread", question, messages, ...input }) => {
  const agent = agentOf(url, threadId)
  if (messages !== undefined) agent.setMessages(messages)
  if (question !== undefined) agent.addMessage({ id: crypto.randomUUID(), role: "user", content: question })
  const events = []
  const { message } = await agent.runAgent(input, { onEvent: ({ event }) => void events.push(event) }).then(
    () => ({}),
    (error) => error
  )
  return { error: message, events, messages: agent.messages }
}

window.stop = (threadId = "thread") => agents.get(threadId)?.abortRun()

window.messagesOf = (threadId = "thread") => agents.get(threadId)?.messages ?? []
