/** A browser before the web chat for all tests of a file, and a look at what each page complained of. */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest"
import { launch } from "./chromium.js"

/** What the pages of a test come from. */
interface Served {
  readonly url: string
  readonly close: () => Promise<void>
}

export interface Session<Chat> {
  /** The chat of the present test. */
  readonly chat: () => Chat
  readonly open: (options?: BrowserContextOptions) => Promise<Page>
  /** Opens another tab of the same browser. */
  readonly openBeside: (page: Page) => Promise<Page>
}

// A refusal is a status, of which Chromium always tells.
const refusal = /the server responded with a status of (?:429|500)/

/** Serves each test of a file, none of which may leave an error or a violation of the page's policy behind. */
export const session = <Chat extends Served>(serve: () => Promise<Chat>, expected = refusal): Session<Chat> => {
  let browser: Browser
  let chat: Chat
  let complaints: Array<string> = []

  beforeAll(async () => {
    browser = await launch()
  }, 30_000)

  beforeEach(async () => {
    complaints = []
    chat = await serve()
  }, 30_000)

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    await chat.close()
    expect(complaints.filter((text) => !expected.test(text))).toEqual([])
  })

  afterAll(() => browser.close())

  const openIn = async (context: BrowserContext): Promise<Page> => {
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text())
    })
    page.on("pageerror", (error) => complaints.push(String(error)))
    await page.goto(chat.url)
    return page
  }

  return {
    chat: () => chat,
    open: async (options) => openIn(await browser.newContext(options)),
    openBeside: (page) => openIn(page.context())
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
