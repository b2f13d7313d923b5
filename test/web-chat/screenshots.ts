/**
 * Takes pictures of the web chat in all its states. Run it with `npx tsx test/web-chat/screenshots.ts <folder>`, and look
 * at them; those of its README are put into docs/.
 */
import { copyFileSync, mkdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Browser, Page } from "playwright-core"
import { launch } from "./chromium.js"
import { serveWebChat, type WebChat } from "./webChat.js"

const folder = process.argv[2] ?? "/tmp/web-chat"

const sizes = { wide: { width: 760, height: 540 }, phone: { width: 375, height: 720 } } as const

/** The pictures of the READMEs, by their names in docs/. */
const shownInReadme: { readonly [picture: string]: string } = {
  "light-wide-streaming": "web-chat-light",
  "dark-wide-streaming": "web-chat-dark",
  "light-wide-approval": "web-chat-approval",
  "dark-wide-limited": "web-chat-limited"
}

const ask = async (page: Page, text: string): Promise<void> => {
  await page.getByLabel("Your question").fill(text)
  await page.keyboard.press("Enter")
}

const ended = (page: Page, state: string) => page.locator(`.turn:last-child[data-state=${state}]`).waitFor()

const shoot = async (
  browser: Browser,
  chat: WebChat,
  colorScheme: "light" | "dark",
  size: keyof typeof sizes
): Promise<void> => {
  const viewport = sizes[size]
  const page = await (await browser.newContext({ colorScheme, viewport, reducedMotion: "reduce" })).newPage()
  await page.goto(chat.url)
  const take = async (state: string): Promise<void> => {
    const picture = `${colorScheme}-${size}-${state}`
    const path = `${folder}/${picture}.png`
    await page.screenshot({ path })
    const name = shownInReadme[picture]
    if (name !== undefined) copyFileSync(path, fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url)))
  }
  await page.getByText("What would you like").waitFor()
  await take("idle")
  await chat.script(
    { pace: 5 },
    { reasoning: "The person asks for a story, so I think of one.", fault: { type: "stall", afterChunks: 60 } }
  )
  await ask(page, "Explain streaming in one sentence")
  await ended(page, "complete")
  await take("finished")
  await ask(page, "Tell me a story of 150 words")
  await page.waitForFunction(() => (document.querySelector(".turn:last-child .answer")?.textContent?.length ?? 0) > 150)
  await take("streaming")
  await page.keyboard.press("Escape")
  await ended(page, "stopped")
  await take("stopped")
  await chat.script(
    { fault: { type: "reset", afterChunks: 12 } },
    {},
    { error: { kind: "rateLimit", retryAfter: "20 seconds" } }
  )
  await ask(page, "Count from 1 to 40 with words")
  await ended(page, "failed")
  await take("cut")
  await page.getByRole("button", { name: "New chat" }).click()
  await ask(page, "Who are you?")
  await ended(page, "complete")
  await ask(page, "And how fast do you stream?")
  await ended(page, "failed")
  await take("limited")
  await page.getByRole("button", { name: "New chat" }).click()
  const email = { to: "ada@example.com", subject: "Lunch", text: "At noon, in the garden?" }
  await chat.script({ content: "I have written to her.", toolCalls: [{ name: "send_email", arguments: email }] })
  await ask(page, "Invite Ada to lunch")
  await page.getByRole("button", { name: "Approve", exact: true }).waitFor()
  await take("approval")
  await page.context().close()
}

mkdirSync(folder, { recursive: true })
const chat = await serveWebChat()
const browser = await launch()
for (const scheme of ["light", "dark"] as const) {
  for (const size of ["wide", "phone"] as const) await shoot(browser, chat, scheme, size)
}
await browser.close()
await chat.close()
