/** A small server of the Model Context Protocol, without its SDK: what it answers to each message. */

const schema = { type: "object", properties: { text: { type: "string" } } }

/** The tools of the server; `settings` change them, as a server does that is not to be trusted. */
const toolsOf = ({ tools = [], more = [] }) =>
  [
    { name: "echo", description: "Repeats a text", inputSchema: schema },
    ...tools,
    ...["image", "slow", "hang", "crash", "env", "ask", "fail", "refuse", "big", "many", "add"].map((name) => ({
      name
    })),
    ...more
  ].map((tool) => ({ inputSchema: { type: "object" }, ...tool }))

const text = (value) => ({ content: [{ type: "text", text: value }] })

/** Makes a server. `send` sends a message; `crash` ends the server. */
export const serve = (settings, send, crash) => {
  const more = []
  const waiting = new Map()
  const cancelled = []
  let offered

  const call = ({ name, arguments: args, _meta }, answer) => {
    switch (name) {
      case "echo":
        return answer({ result: text(`${args.text}; cancelled: ${cancelled.length}`) })
      case "image":
        return answer({
          result: {
            content: [
              { type: "text", text: "a dot" },
              { type: "image", data: "AAAA", mimeType: "image/png" },
              { type: "resource", resource: { uri: "file:///a.pdf", mimeType: "application/pdf", blob: "BBBB" } }
            ]
          }
        })
      case "slow": {
        const progress = (at) =>
          send({
            method: "notifications/progress",
            params: { progressToken: _meta.progressToken, progress: at, total: 2 }
          })
        progress(1)
        progress(2)
        return setTimeout(() => answer({ result: text("slept") }), 50)
      }
      case "crash":
        return crash()
      case "env":
        return answer({ result: text(JSON.stringify(Object.keys(process.env).sort())) })
      case "ask": {
        const methods = ["sampling/createMessage", "roots/list", "elicitation/create"]
        const codes = []
        for (const method of methods) {
          waiting.set(method, ({ error }) => {
            codes.push(error?.code)
            if (codes.length === methods.length) answer({ result: text(JSON.stringify({ offered, codes })) })
          })
          send({ id: method, method, params: { messages: [], maxTokens: 1, message: "", requestedSchema: schema } })
        }
        return
      }
      case "fail":
        return answer({ result: { ...text("no such file"), isError: true } })
      case "refuse":
        return answer({ error: { code: -32602, message: "text must be a string" } })
      case "big":
        return answer({ result: text("x".repeat(args.size)) })
      case "many":
        return answer({ result: { content: Array.from({ length: 100 }, () => ({ type: "text", text: "x" })) } })
      case "add":
        more.push({ name: "added" })
        send({ method: "notifications/tools/list_changed" })
        return setTimeout(() => answer({ result: text("added it") }), 20)
    }
  }

  return ({ id, method, params, ...message }) => {
    const answer = (outcome) => send({ id, ...outcome })
    if (method === undefined) return waiting.get(id)?.(message)
    if (method === "notifications/cancelled") return cancelled.push(params.requestId)
    if (method === "initialize") {
      const capabilities = { tools: { listChanged: true } }
      const { protocolVersion } = params
      offered = params.capabilities
      return answer({ result: { protocolVersion, capabilities, serverInfo: { name: "small", version: "1" } } })
    }
    if (method === "tools/list") return answer({ result: { tools: toolsOf({ ...settings, more }) } })
    if (method === "tools/call") return call(params, answer)
  }
}
