/** A tool of the web chat that asks for approval: what the page shows, and that each approval lets its call run once. */
import type { Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { answerOf, ask, last, session, shown } from "./session.js"
import { serveWebChat } from "./webChat.js"

// The second decision about a call is refused.
const { chat, open, openBeside } = session(serveWebChat, /status of 409/)

const email = { to: "ada@example.com", subject: "Lunch", text: "At noon?" }
const call = { toolCalls: [{ name: "send_email", arguments: email }] }
const sent = "The email to ada@example.com is sent."

const button = (page: Page, name: "Approve" | "Deny") => page.getByRole("button", { name, exact: true })

/** Asks for an email, and waits for the buttons. */
const askForEmail = async (page: Page): Promise<void> => {
  await ask(page, "Write to Ada")
  await button(page, "Approve").waitFor()
}

/** The results of tools that the provider was told of, in all requests. */
const results = async (): Promise<ReadonlyArray<string>> =>
  (await chat().requests())
    .flatMap(({ body }) => (body as { messages: ReadonlyArray<{ role: string; content: string }> }).messages)
    .flatMap(({ role, content }) => (role === "tool" ? [content] : []))

/** What the page keeps of its first turn. */
const firstRun = (page: Page): Promise<string> =>
  page.evaluate(() => JSON.parse(localStorage.getItem("turns") ?? "[]")[0].id)

/** Starts a run beside the page, as a program other than the page does. */
const start = (page: Page, id: string, body: unknown): Promise<string> =>
  page.evaluate(
    async ([id, body]) => {
      const headers = { "content-type": "application/json" }
      return (await fetch(`/runs/${id}`, { method: "POST", headers, body })).text()
    },
    [id, JSON.stringify(body)] as const
  )

describe("a call that needs an approval", () => {
  it("is shown with its arguments, runs after Approve, and the answer goes on", async () => {
    await chat().script({ content: "I write to her.", ...call }, "Done, it is sent.")
    const page = await open()
    await askForEmail(page)
    await shown(page, "May the assistant run send_email?").waitFor()
    expect(JSON.parse((await last(page, ".arguments").textContent()) ?? "")).toEqual(email)
    expect(await results()).toEqual([])
    await button(page, "Approve").click()
    await shown(page, "Done, it is sent.").waitFor()
    expect(await results()).toEqual([sent])
    expect(await button(page, "Approve").count()).toBe(0)
    expect(await answerOf(page)).toMatch(/^I write to her\.[\s\S]*Done, it is sent\.$/)
    await shown(page, "Complete (stop)").waitFor()
  })

  it("does not run after Deny, of which the model is told", async () => {
    await chat().script(call, "Then not.")
    const page = await open()
    await askForEmail(page)
    await button(page, "Deny").click()
    await shown(page, "Then not.").waitFor()
    expect(await results()).toEqual([expect.stringContaining("denied")])
  })

  it("is shown as text, never as HTML, with characters that would hide something", async () => {
    const text = "<img src=x onerror=alert(1)>\u202Egnp.exe\u200B"
    await chat().script({ toolCalls: [{ name: "send_email", arguments: { ...email, text } }] })
    const page = await open()
    await askForEmail(page)
    expect(await last(page, ".arguments").textContent()).toContain(
      "<img src=x onerror=alert(1)>\\u{202e}gnp.exe\\u{200b}"
    )
    expect(await page.locator(".turn img").count()).toBe(0)
  })

  it("waits through a reload, and is not asked for again after the decision", async () => {
    await chat().script(call, "Done.")
    const page = await open()
    await askForEmail(page)
    await page.reload()
    await button(page, "Approve").click()
    await shown(page, "Done.").waitFor()
    await page.reload()
    await shown(page, "Done.").waitFor()
    expect(await button(page, "Approve").count()).toBe(0)
    expect(await results()).toEqual([sent])
    expect(await chat().requests()).toHaveLength(2)
  })

  it("can be decided in a second tab, and goes on in both", async () => {
    await chat().script(call, "Done.")
    const page = await open()
    await askForEmail(page)
    const second = await openBeside(page)
    await button(second, "Approve").click()
    for (const tab of [page, second]) {
      await shown(tab, "Done.").waitFor()
      expect(await button(tab, "Approve").count()).toBe(0)
    }
    expect(await results()).toEqual([sent])
  })

  it("runs once when a second tab decides otherwise before it hears of the first", async () => {
    await chat().script(call, "Done.")
    const page = await open()
    await askForEmail(page)
    await page.context().addInitScript(() => addEventListener("storage", (event) => event.stopImmediatePropagation()))
    const second = await openBeside(page)
    await button(second, "Deny").waitFor()
    await button(page, "Approve").click()
    await shown(page, "Done.").waitFor()
    await button(second, "Deny").click()
    await shown(second, "Done.").waitFor()
    expect(await results()).toEqual([sent])
    expect(await chat().requests()).toHaveLength(2)
  })

  it("is refused when it is decided again for another run, and when nothing waits", async () => {
    const id = "call-of-the-email"
    await chat().script({ toolCalls: [{ id, name: "send_email", arguments: email }] }, "Done.")
    const page = await open()
    await askForEmail(page)
    const run = await firstRun(page)
    await button(page, "Approve").click()
    await shown(page, "Done.").waitFor()
    const decided = { decisions: { [id]: "approve" } }
    expect(await start(page, "another", { run, ...decided })).toContain("the approval was already used")
    // Unknown, itself, and one that has ended with an answer.
    for (const other of ["unknown", "itself", `${run}-1`]) {
      expect(await start(page, other === "itself" ? other : `after-${other}`, { run: other, ...decided })).toContain(
        '"_tag":"ValidationError"'
      )
    }
    expect(await results()).toEqual([sent])
    expect(await chat().requests()).toHaveLength(2)
  })

  it("needs a decision about each of several calls", async () => {
    const bob = { ...email, to: "bob@example.com" }
    const toolCalls = [email, bob].map((args) => ({ name: "send_email", arguments: args }))
    await chat().script({ toolCalls }, "One of two.")
    const page = await open()
    await ask(page, "Write to both")
    await button(page, "Approve").first().click()
    expect(await chat().requests()).toHaveLength(1)
    await button(page, "Deny").nth(1).click()
    await shown(page, "One of two.").waitFor()
    expect(await results()).toEqual([sent, expect.stringContaining("denied")])
  })
})

it("the simulator asks for an approval without a script", async () => {
  const page = await open()
  await page.getByRole("button", { name: "Email Ada about lunch" }).click()
  await button(page, "Approve").click()
  await shown(page, "Complete (stop)").waitFor()
  expect(await results()).toEqual([expect.stringMatching(/^The email to .+ is sent\.$/)])
  expect(await answerOf(page)).toContain("is sent.")
})
