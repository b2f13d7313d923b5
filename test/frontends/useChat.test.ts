/** The real `useChat` in Chromium on our routes. */
import type { Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { session } from "./session.js"

const { open, server } = session()

/** What `useChat` gives the page. */
interface Chat {
  readonly sendMessage: (message: { readonly text: string }) => Promise<void>
  readonly regenerate: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly messages: ReadonlyArray<{ readonly metadata?: unknown }>
}

const call = (page: Page, name: "stop" | "regenerate") =>
  page.evaluate((name) => void (Reflect.get(window, "chat") as Chat)[name](), name)

const ask = async (page: Page, text: string) => {
  await page.waitForFunction(() => "chat" in window)
  await page.evaluate((text) => void (Reflect.get(window, "chat") as Chat).sendMessage({ text }), text)
}

const status = (page: Page, wanted: string) =>
  page.waitForFunction((wanted) => document.querySelector("#status")?.textContent === wanted, wanted)

const answered = (page: Page) => page.locator(".assistant").last().locator(".text").allTextContents()

const errorOf = (page: Page) => page.locator("#error").textContent()

const longerThan = (page: Page, length: number) =>
  page.waitForFunction(
    (length) => (document.querySelector(".assistant .text")?.textContent ?? "").length > length,
    length
  )

const until = async (isTrue: () => Promise<boolean>) => {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe("useChat", () => {
  it("streams reasoning and text, with usage in the metadata", async () => {
    const page = await open("/useChat")
    await ask(page, "Hello")
    await page.locator(".assistant .text").waitFor()
    await status(page, "ready")
    expect(await page.locator(".reasoning").textContent()).toBe("A greeting.")
    expect(await answered(page)).toEqual(["Hello there."])
    const metadata = await page.evaluate(() => (Reflect.get(window, "chat") as Chat).messages.at(-1)?.metadata)
    expect(metadata).toMatchObject({ provider: "mock", model: "mock" })
  })

  it("shows the pages that the answer cites, and goes on with the conversation", async () => {
    const page = await open("/useChat")
    await ask(page, "Who won?")
    await status(page, "ready")
    await page.locator("a").waitFor()
    expect(await answered(page)).toEqual(["Ulm won. Really."])
    const link = page.locator("a")
    expect([await link.textContent(), await link.getAttribute("href")]).toEqual(["Example", "https://example.com/"])
    await ask(page, "Hello")
    await page.getByText("Hello there.").waitFor()
  })

  it("interrupts the answer when the user stops it, and asks again", async () => {
    const page = await open("/useChat")
    await ask(page, "Count")
    await longerThan(page, 10)
    await call(page, "stop")
    await status(page, "ready")
    await until(async () => (await server().interrupted()) === 1)
    await ask(page, "Hello")
    await page.getByText("Hello there.").waitFor()
  })

  it("shows the message of a failure before and after the first words, and keeps the words", async () => {
    const page = await open("/useChat")
    await ask(page, "Fail at once")
    await status(page, "error")
    expect(await errorOf(page)).toBe("the model is busy; try again")
    await ask(page, "Fail later")
    await page.getByText("Half an").waitFor()
    await status(page, "error")
    expect(await errorOf(page)).toBe("the model is busy; try again")
  })

  it("tries again after a failure", async () => {
    const page = await open("/useChat")
    await ask(page, "Fail once")
    await status(page, "error")
    await call(page, "regenerate")
    await page.getByText("A whole answer.").waitFor()
    await status(page, "ready")
    expect(await errorOf(page)).toBe("")
  })

  it("shows an answer that ends too early as a failure; one that others cut looks complete", async () => {
    const ours = await open("/useChat?api=/api/truncated")
    await ask(ours, "Hello")
    await status(ours, "error")
    expect(await errorOf(ours)).toContain("before it was complete")
    const others = await open("/useChat?api=/api/others")
    await ask(others, "Hello")
    await others.getByText("Half an").waitFor()
    await status(others, "ready")
    expect(await errorOf(others)).toBe("")
  })

  it("takes back what it has shown when the answer begins again", async () => {
    const page = await open("/useChat")
    await ask(page, "Begin again")
    await page.getByText("A right answer.").waitFor()
    await status(page, "ready")
    expect(await answered(page)).toEqual(["A right answer."])
    expect(await page.locator(".tool").count()).toBe(0)
  })

  it("runs what the user approves, and not what the user denies", async () => {
    const page = await open("/useChat")
    await ask(page, "Remove 1 and 2")
    await page.getByRole("button", { name: "Approve" }).first().click()
    await page.getByRole("button", { name: "Deny" }).click()
    await page.getByText("The tools say:").waitFor()
    await status(page, "ready")
    expect(await answered(page)).toEqual(["Removing.", 'The tools say: done, {"error":"the call was denied: no"}'])
    expect(await page.locator(".tool").allTextContents()).toEqual([
      'remove {"id":1} output-available',
      'remove {"id":2} output-denied'
    ])
    expect(await server().removed()).toEqual([1])
    await ask(page, "Hello")
    await page.getByText("Hello there.").waitFor()
  })

  it("shows an answer again, from its beginning and to its end, after a reload; the model is asked once", async () => {
    const page = await open("/useChat?api=/api/runs&id=reloaded&resume")
    await ask(page, "Count to 20")
    await longerThan(page, 10)
    await page.reload()
    await longerThan(page, 0)
    await page.waitForFunction(() => document.querySelector(".assistant .text")?.textContent?.includes("19"))
    await status(page, "ready")
    expect(await answered(page)).toEqual([Array.from({ length: 20 }, (_, index) => `${index} `).join("")])
    expect(await server().asked()).toBe(1)
  })

  it("ends without an error in every tab when the run is stopped", async () => {
    const page = await open("/useChat?api=/api/runs&id=stopped")
    await ask(page, "Count")
    await longerThan(page, 10)
    await page.evaluate(() => fetch("/api/runs/stopped/stop", { method: "POST" }))
    await status(page, "ready")
    expect(await errorOf(page)).toBe("")
  })
})
