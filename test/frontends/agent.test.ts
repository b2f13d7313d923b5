/** The real client of AG-UI in Chromium on our routes. */
import type { Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { session } from "./session.js"

const { open, server } = session()

type Json = { readonly [key: string]: unknown }

interface Ran {
  readonly error?: string
  readonly events: ReadonlyArray<Json>
  readonly messages: ReadonlyArray<Json>
}

type Run = (input: Json) => Promise<Ran>

const ready = async () => {
  const page = await open("/agent")
  await page.waitForFunction(() => "run" in window)
  return page
}

const run = (page: Page, input: Json): Promise<Ran> =>
  page.evaluate((input) => (Reflect.get(window, "run") as Run)(input), input)

/** Begins a run, and waits until it has shown something. */
const begin = async (page: Page, input: Json): Promise<void> => {
  await page.evaluate((input) => void Reflect.set(window, "ran", (Reflect.get(window, "run") as Run)(input)), input)
  await page.waitForFunction(() => {
    const messages: () => ReadonlyArray<{ readonly content?: string }> = Reflect.get(window, "messagesOf")
    return (messages().at(-1)?.content?.length ?? 0) > 10
  })
}

const ended = (page: Page): Promise<Ran> => page.evaluate(() => Reflect.get(window, "ran") as Promise<Ran>)

const typesOf = ({ events }: Ran) => events.map(({ type }) => type)

const lastText = ({ messages }: Ran) => messages.at(-1)?.["content"]

const until = async (isTrue: () => Promise<boolean>) => {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe("AG-UI's client", () => {
  it("streams reasoning and text, and sends the conversation back", async () => {
    const page = await ready()
    const first = await run(page, { question: "Hello" })
    expect(first.error).toBeUndefined()
    expect(first.messages.slice(1)).toMatchObject([
      { role: "reasoning", content: "A greeting." },
      { role: "assistant", content: "Hello there." }
    ])
    expect(first.events.at(-1)).toMatchObject({ type: "RUN_FINISHED", outcome: { type: "success" } })
    expect(lastText(await run(page, { question: "Hello" }))).toBe("Hello there.")
  })

  it("gets the pages that the answer cites as events", async () => {
    const ran = await run(await ready(), { question: "Who won?" })
    expect(ran.error).toBeUndefined()
    expect(lastText(ran)).toBe("Ulm won. Really.")
    expect(ran.events.find(({ type }) => type === "CUSTOM")).toMatchObject({
      name: "sources",
      value: { messageId: ran.messages.at(-1)?.["id"], sources: [{ url: "https://example.com/" }] }
    })
  })

  it("interrupts the answer when the user stops it", async () => {
    const page = await ready()
    await begin(page, { question: "Count" })
    await page.evaluate(() => Reflect.get(window, "stop")())
    await ended(page)
    await until(async () => (await server().interrupted()) === 1)
  })

  it("fails with the message of a failure before and after the first words", async () => {
    const page = await ready()
    expect((await run(page, { question: "Fail at once" })).error).toContain("429")
    const later = await run(page, { question: "Fail later" })
    expect(later.events.at(-1)).toMatchObject({ type: "RUN_ERROR", message: "the model is busy; try again" })
    expect(typesOf(later)).not.toContain("RUN_FINISHED")
  })

  it("tries again after a failure", async () => {
    const page = await ready()
    const messages = [{ id: "1", role: "user", content: "Fail once" }]
    expect(typesOf(await run(page, { messages }))).toContain("RUN_ERROR")
    expect(lastText(await run(page, { messages }))).toBe("A whole answer.")
  })

  it("ends an answer that ends too early with an error", async () => {
    const page = await ready()
    const ran = await run(page, { url: "/agent/truncated", question: "Hello" })
    expect(ran.events.at(-1)).toMatchObject({ type: "RUN_ERROR", code: "NetworkError" })
  })

  it("takes back what it has shown when the answer begins again", async () => {
    const page = await ready()
    await run(page, { question: "Hello" })
    const ran = await run(page, { question: "Begin again" })
    expect(ran.error).toBeUndefined()
    expect(ran.messages.slice(-2)).toMatchObject([
      { role: "user", content: "Begin again" },
      { role: "assistant", content: "A right answer." }
    ])
    expect(ran.messages.at(-1)).not.toHaveProperty("toolCalls")
  })

  it("runs what the user approves, and not what the user denies", async () => {
    const page = await ready()
    const asked = await run(page, { question: "Remove 1 and 2" })
    const { outcome } = asked.events.at(-1) as { outcome: { interrupts: ReadonlyArray<{ id: string }> } }
    const [first, second] = outcome.interrupts
    const done = await run(page, {
      resume: [
        { interruptId: first?.id, status: "resolved", payload: { approved: true } },
        { interruptId: second?.id, status: "resolved", payload: { approved: false, reason: "no" } }
      ]
    })
    expect(done.error).toBeUndefined()
    expect(lastText(done)).toBe('The tools say: done, {"error":"the call was denied: no"}')
    expect(await server().removed()).toEqual([1])
    expect(lastText(await run(page, { question: "Hello" }))).toBe("Hello there.")
  })

  it("runs the client's own tools, and sends their results", async () => {
    const page = await ready()
    const tools = [{ name: "place", description: "Where the user is", parameters: { type: "object", properties: {} } }]
    const asked = await run(page, { question: "Where am I?", tools })
    expect(asked.events.at(-1)).toMatchObject({ outcome: { type: "success", pendingToolCallIds: ["call-0"] } })
    const messages = [...asked.messages, { id: "9", role: "tool", toolCallId: "call-0", content: "In Rome" }]
    expect(lastText(await run(page, { messages, tools }))).toBe("The tools say: In Rome")
  })

  it("shows an answer again after a reload; the model is asked once", async () => {
    const page = await ready()
    const input = {
      url: "/agent/runs",
      runId: "reloaded",
      messages: [{ id: "1", role: "user", content: "Count to 20" }]
    }
    await begin(page, input)
    await page.reload()
    await page.waitForFunction(() => "run" in window)
    const ran = await run(page, input)
    expect(lastText(ran)).toBe(Array.from({ length: 20 }, (_, index) => `${index} `).join(""))
    expect(ran.events.at(-1)).toMatchObject({ type: "RUN_FINISHED" })
    expect(await server().asked()).toBe(1)
  })
})
