/** Answers of the web chat that outlive the page, the tab and the server. */

import type { SimulatedReply } from "llm-connectivity/testing"
import type { Page } from "playwright-core"
import { beforeAll, describe, expect, it } from "vitest"
import { serveRestartable } from "./restartable.js"
import { answerOf, ask, last, longerThan, session, shown } from "./session.js"

const words = Array.from({ length: 150 }, (_, index) => `word${index} `)
const whole = words.join("").trim()

// Pages lose the server while it restarts, of which Chromium tells.
const lost = /net::ERR_|status of 404/

const calling = { toolCalls: [{ name: "send_email", arguments: { to: "ada", subject: "Lunch", text: "At noon?" } }] }

let replies: ReadonlyArray<SimulatedReply> = []
const { chat, open, openBeside } = session(() => serveRestartable(...replies), lost)

/** Waits for the end of the last answer and gives its text. */
const wholeAnswer = async (page: Page): Promise<string> => {
  await last(page, ".note").waitFor({ timeout: 25_000 })
  return (await answerOf(page)).trim()
}

describe("an answer", () => {
  beforeAll(() => {
    replies = [{ chunks: words, pace: 30 }]
  })

  it("goes on after a reload in its middle, without a missing or doubled word", async () => {
    const page = await open()
    await ask(page, "Many words")
    await longerThan(page, 60)
    await page.reload()
    await longerThan(page, 60)
    await page.reload()
    expect(await last(page, ".question").textContent()).toBe("Many words")
    expect(await wholeAnswer(page)).toBe(whole)
    await page.reload()
    expect(await wholeAnswer(page)).toBe(whole)
    expect(await chat().requests()).toBe(1)
  })

  it("goes on after a restart of the server in its middle, without a missing or doubled word", async () => {
    const page = await open()
    await ask(page, "Many words")
    await longerThan(page, 60)
    await chat().restart()
    expect(await wholeAnswer(page)).toBe(whole)
    await page.reload()
    expect(await wholeAnswer(page)).toBe(whole)
    expect(await chat().requests()).toBe(1)
  })

  it("appears in a second tab, which can stop it for both", async () => {
    const page = await open()
    const second = await openBeside(page)
    await ask(page, "Many words")
    await longerThan(second, 60)
    await second.getByRole("button", { name: "Stop" }).click()
    for (const tab of [page, second]) await shown(tab, "Stopped by you").waitFor()
    expect(whole.startsWith(await wholeAnswer(second))).toBe(true)
    expect(await answerOf(page)).toBe(await answerOf(second))
    await page.getByRole("button", { name: "New chat" }).click()
    await second.getByText("What would you like to know?").waitFor()
    expect(await second.locator(".turn").count()).toBe(0)
    expect(await chat().requests()).toBe(1)
  })
})

describe("a call that waits for an approval", () => {
  beforeAll(() => {
    replies = [calling, { content: "Done." }]
  })

  it("can be approved after a restart of the server, and used once after another one", async () => {
    const page = await open()
    await ask(page, "Write to Ada")
    await page.getByRole("button", { name: "Approve" }).waitFor()
    await chat().restart()
    await page.reload()
    await page.getByRole("button", { name: "Approve" }).click()
    await shown(page, "Done.").waitFor()
    await chat().restart()
    const again = await page.evaluate(async () => {
      const [{ id: run, decisions }] = JSON.parse(localStorage.getItem("turns") ?? "[]")
      const body = JSON.stringify({ run, decisions: decisions[0] })
      const headers = { "content-type": "application/json" }
      return (await fetch("/runs/another", { method: "POST", headers, body })).text()
    })
    expect(again).toContain("the approval was already used")
    expect(await chat().requests()).toBe(2)
  }, 60_000)
})
