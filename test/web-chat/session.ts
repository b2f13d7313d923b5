/** A browser before the web chat for all tests of a file, and a look at what each page complained of. */
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest"
import { launch } from "./chromium.js"
import { serveWebChat, type WebChat } from "./webChat.js"

export interface Session {
  /** The chat of the present test. */
  readonly chat: () => WebChat
  readonly open: (options?: BrowserContextOptions) => Promise<Page>
}

/** Serves each test of a file, none of which may leave an error or a violation of the page's policy behind. */
export const session = (): Session => {
  let browser: Browser
  let chat: WebChat
  let complaints: Array<string> = []

  beforeAll(async () => {
    browser = await launch()
  }, 30_000)

  beforeEach(async () => {
    complaints = []
    chat = await serveWebChat()
  })

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    await chat.close()
    // A refusal is a status, of which Chromium always tells.
    expect(complaints.filter((text) => !/the server responded with a status of (?:429|500)/.test(text))).toEqual([])
  })

  afterAll(() => browser.close())

  return {
    chat: () => chat,
    open: async (options) => {
      const page = await (await browser.newContext(options)).newPage()
      page.setDefaultTimeout(10_000)
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text())
      })
      page.on("pageerror", (error) => complaints.push(String(error)))
      await page.goto(chat.url)
      return page
    }
  }
}

export const ask = async (page: Page, text: string): Promise<void> => {
  await page.getByLabel("Your question").fill(text)
  await page.getByRole("button", { name: "Send" }).click()
}

/** What stands in the conversation, and not only in a screen reader's ear. */
export const shown = (page: Page, text: string): Locator => page.locator("main").getByText(text)

/** A part of the last question and answer. */
export const last = (page: Page, part: string): Locator => page.locator(`.turn:last-child ${part}`)

export const answerOf = async (page: Page): Promise<string> => (await last(page, ".answer").textContent()) ?? ""

/** Waits until there is more of the first answer. */
export const longerThan = async (page: Page, length: number): Promise<void> => {
  await page.waitForFunction((length) => (document.querySelector(".answer")?.textContent ?? "").length > length, length)
}
