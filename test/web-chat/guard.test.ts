/** Who may ask the web chat, and how much. */
import { request } from "node:http"
import { newRunId } from "llm-connectivity/browser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { serveWebChat, type WebChat } from "./webChat.js"

let chat: WebChat

beforeAll(async () => {
  chat = await serveWebChat()
})

afterAll(() => chat.close())

const question = JSON.stringify({ messages: [{ role: "user", content: "Say hello" }] })

const json = { "content-type": "application/json" }

interface Reply {
  readonly status: number | undefined
  readonly headers: { readonly [name: string]: unknown }
  readonly text: string
}

/** Not `fetch`, which does not let a program say who it is. */
const send = (method: string, path: string, headers: { readonly [name: string]: string }, body = ""): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request(new URL(path, chat.url), { method, headers }, async (response) => {
      let text = ""
      for await (const part of response) text += part
      resolve({ status: response.statusCode, headers: response.headers, text })
    })
    sent.on("error", reject)
    sent.end(body)
  })

const asked = async (): Promise<number> => (await chat.requests()).length

describe("the server of the web chat", () => {
  it("answers its own page, under both names of this machine", async () => {
    const { host, port } = new URL(chat.url)
    for (const headers of [
      {},
      { origin: chat.url },
      { host, origin: `http://${host}` },
      { host: `localhost:${port}` }
    ]) {
      const { status, text } = await send("POST", `/runs/${newRunId()}`, { ...json, ...headers }, question)
      expect([status, text.endsWith("event: done\ndata: {}\n\n")]).toEqual([200, true])
    }
  })

  it("refuses other sites, names that only point here, and forms, before any request is sent", async () => {
    const before = await asked()
    const foreign = [
      { ...json, origin: "https://evil.example" },
      { ...json, origin: "null" },
      { ...json, origin: chat.url.replace("http:", "https:") },
      { ...json, host: "evil.example", origin: "http://evil.example" },
      { "content-type": "text/plain", origin: chat.url },
      { "content-type": "application/json-evil", origin: chat.url },
      { "content-type": "application/x-www-form-urlencoded" },
      {}
    ]
    for (const headers of foreign)
      expect((await send("POST", `/runs/${newRunId()}`, headers, question)).status).toBe(403)
    expect((await send("GET", "/", { host: "evil.example" })).status).toBe(403)
    expect(await asked()).toBe(before)
  })

  it("refuses what is too large or no conversation, without quoting it", async () => {
    const before = await asked()
    const message = (fields: object) => JSON.stringify({ messages: [{ role: "user", content: "x", ...fields }] })
    const wrong = [
      "",
      "{",
      '{"messages":[]}',
      message({ role: "system" }),
      message({ content: "" }),
      message({ content: [{ type: "file", data: "secret" }] }),
      message({ content: "secret".repeat(100_000) })
    ]
    for (const body of wrong) {
      const { status, text } = await send("POST", `/runs/${newRunId()}`, json, body)
      expect([status, JSON.parse(text)._tag]).toEqual([400, "ValidationError"])
      expect(text).not.toContain("secret")
    }
    expect(await asked()).toBe(before)
  })

  it("allows only its own resources on the page, and no framing", async () => {
    for (const path of ["/", "/main.js", "/nowhere"]) {
      const { headers } = await send("GET", path, {})
      expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(headers["content-security-policy"]).not.toMatch(/unsafe|\*|https?:/)
      expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'")
      expect(headers["x-content-type-options"]).toBe("nosniff")
    }
  })
})
