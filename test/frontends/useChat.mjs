/** A page with the real `useChat`. `?api=…&id=…` says which route and which chat; a reload restores the messages. */
import { useChat } from "@ai-sdk/react"
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses } from "ai"
import { createElement as h, useEffect } from "react"
import { createRoot } from "react-dom/client"

const query = new URLSearchParams(location.search)
const id = query.get("id") ?? "chat"
const stored = JSON.parse(sessionStorage.getItem(id) ?? "[]")

const toolName = (type) => type.slice("tool-".length)

const Part = ({ part, decide }) => {
  if (part.type === "text") return h("span", { className: "text" }, part.text)
  if (part.type === "reasoning") return h("i", { className: "reasoning" }, part.text)
  if (part.type === "source-url") return h("a", { href: part.url }, part.title)
  if (!part.type.startsWith("tool-")) return null
  const buttons =
    part.state === "approval-requested"
      ? [
          h(
            "button",
            { key: 1, type: "button", onClick: () => decide({ id: part.approval.id, approved: true }) },
            "Approve"
          ),
          h(
            "button",
            { key: 2, type: "button", onClick: () => decide({ id: part.approval.id, approved: false, reason: "no" }) },
            "Deny"
          )
        ]
      : []
  return h(
    "div",
    { className: "tool" },
    `${toolName(part.type)} ${JSON.stringify(part.input)} ${part.state}`,
    ...buttons
  )
}

const Chat = () => {
  const chat = useChat({
    id,
    messages: stored,
    resume: query.has("resume") && stored.length > 0,
    transport: new DefaultChatTransport({ api: query.get("api") ?? "/api/chat" }),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses
  })
  const { messages, status, error } = chat
  useEffect(() => {
    window.chat = chat
    // The server of a real application stores them; the answer that is being written is not yet stored.
    const complete = status === "ready" ? messages : messages.filter(({ role }) => role === "user")
    sessionStorage.setItem(id, JSON.stringify(complete))
  })
  return h(
    "main",
    null,
    ...messages.map(({ id: key, role, parts }) =>
      h(
        "article",
        { key, className: role },
        ...parts.map((part, index) => h(Part, { key: index, part, decide: chat.addToolApprovalResponse }))
      )
    ),
    h("output", { id: "status" }, status),
    h("output", { id: "error" }, error?.message ?? "")
  )
}

createRoot(document.body.appendChild(document.createElement("div"))).render(h(Chat))
