/** The web chat for everyone: by keyboard, by ear, on a phone, in both themes, and without motion. */
import type { Page } from "playwright-core"
import { describe, expect, it } from "vitest"
import { contrasts } from "./contrast.js"
import { answerOf, ask, last, longerThan, session, shown } from "./session.js"
import { serveWebChat } from "./webChat.js"

const { chat, open } = session(serveWebChat)

const call = { name: "send_email", arguments: { to: "ada@example.com", subject: "Lunch", text: "At noon?" } }

const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: element } = document
    const name = element?.getAttribute("id") ?? element?.textContent ?? ""
    const { outlineStyle, outlineWidth } = element === null ? new CSSStyleDeclaration() : getComputedStyle(element)
    return { name, isSeen: outlineStyle === "solid" && Number.parseFloat(outlineWidth) >= 2 }
  })

describe("the keyboard alone", () => {
  it("asks, breaks a line, stops, and asks again", async () => {
    await chat().script({ content: "On and on. ", pace: 20, fault: { type: "endlessStream" } }, "Two lines.")
    const page = await open()
    expect(await focused(page)).toEqual({ name: "question", isSeen: true })
    await page.keyboard.type("Go on")
    await page.keyboard.press("Enter")
    await longerThan(page, 0)
    await page.keyboard.press("Escape")
    await shown(page, "Stopped by you").waitFor()
    expect(await chat().closed()).toMatchObject({ closedBy: "caller" })
    expect(await focused(page)).toMatchObject({ name: "question" })
    await page.keyboard.type("One")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await last(page, ".note").waitFor()
    expect(await last(page, ".question").textContent()).toBe("One\ntwo")
  })

  it("reaches every control, and shows where it is", async () => {
    const page = await open()
    const names: Array<string> = []
    for (let step = 0; step < 6; step++) {
      const { name, isSeen } = await focused(page)
      expect([name, isSeen]).toEqual([name, true])
      names.push(name)
      await page.keyboard.press("Shift+Tab")
    }
    const suggestions = [
      "Email Ada about lunch",
      "Tell me a story of 150 words",
      "Count from 1 to 40 with words",
      "Explain streaming in one sentence"
    ]
    expect(names).toEqual(["question", ...suggestions, "new"])
  })

  it("moves from Send to Stop, and back to the question field after the response", async () => {
    await chat().script({ fault: { type: "stall", afterChunks: 2 } })
    const page = await open()
    await page.keyboard.type("Wait")
    await page.keyboard.press("Tab")
    expect(await focused(page)).toEqual({ name: "send", isSeen: true })
    await page.keyboard.press("Enter")
    await longerThan(page, 0)
    expect(await focused(page)).toEqual({ name: "stop", isSeen: true })
    await page.keyboard.press("Enter")
    await shown(page, "Stopped by you").waitFor()
    expect(await focused(page)).toMatchObject({ name: "question" })
  })

  it("decides about a call, and goes back to the question field", async () => {
    await chat().script({ toolCalls: [call] }, "Done.")
    const page = await open()
    await page.keyboard.type("Write")
    await page.keyboard.press("Enter")
    await page.getByRole("button", { name: "Approve" }).waitFor()
    for (const name of ["Deny", "Approve"]) {
      await page.keyboard.press("Shift+Tab")
      expect(await focused(page)).toEqual({ name, isSeen: true })
    }
    await page.keyboard.press("Enter")
    await shown(page, "Done.").waitFor()
    expect(await focused(page)).toMatchObject({ name: "question" })
  })

  it("picks a suggestion, and asks neither nothing nor while a word is being composed", async () => {
    await chat().script("Once.")
    const page = await open()
    await page.keyboard.press("Enter")
    await page.getByLabel("Your question").fill("にほ")
    await page.getByLabel("Your question").evaluate((element) => {
      element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }))
    })
    expect(await page.locator(".turn").count()).toBe(0)
    await page.getByRole("button", { name: "Tell me a story" }).focus()
    await page.keyboard.press("Enter")
    await last(page, ".note").waitFor()
    expect(await answerOf(page)).toBe("Once.")
  })
})

describe("a screen reader", () => {
  it("announces the start of a response, and its complete text once", async () => {
    const page = await open()
    await page.evaluate(() => {
      const status = document.querySelector("[role=status]")
      const heard: Array<string> = []
      Object.assign(globalThis, { heard })
      if (status !== null) {
        new MutationObserver(() => heard.push(status.textContent ?? "")).observe(status, { childList: true })
      }
    })
    await ask(page, "Count to 5 with words")
    await last(page, ".note").waitFor()
    const heard: ReadonlyArray<string> = await page.evaluate(() => Reflect.get(globalThis, "heard"))
    expect(heard).toEqual(["Answering", expect.stringMatching(/^One, two, three, four, five\. Complete \(stop\)/)])
    expect(await page.locator(".turns [aria-live], [role=log], [role=alert]").count()).toBe(0)
  })

  it("finds a name on every control", async () => {
    const page = await open()
    const tree = await page.locator("body").ariaSnapshot()
    for (const line of [
      'heading "Chat"',
      'button "New chat"',
      'list "Conversation"',
      'textbox "Your question"',
      'button "Send"'
    ]) {
      expect(tree).toContain(line)
    }
    expect(tree).not.toMatch(/- (?:button|textbox|img)(?::|$)/m)
  })
})

describe("colours", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    it(`of the ${colorScheme} theme stand out from what is behind them`, async () => {
      await chat().script(
        { reasoning: "Hm.", content: "Four." },
        {
          toolCalls: [{ name: "send_email", arguments: { to: "ada@example.com", subject: "Lunch", text: "At noon?" } }]
        },
        { error: { kind: "rateLimit", retryAfter: "20 seconds" } },
        { fault: { type: "stall", afterChunks: 2 } }
      )
      const page = await open({ colorScheme })
      const seen = [...(await page.evaluate(contrasts))]
      await ask(page, "What is 2 + 2?")
      await last(page, ".note").waitFor()
      await ask(page, "Write to Ada")
      await page.getByRole("button", { name: "Approve" }).waitFor()
      seen.push(...(await page.evaluate(contrasts)))
      await ask(page, "And now?")
      await last(page, ".failure summary").click()
      seen.push(...(await page.evaluate(contrasts)))
      await ask(page, "Wait")
      await page.getByRole("button", { name: "Stop" }).waitFor()
      seen.push(...(await page.evaluate(contrasts)))
      expect(seen.map(({ text }) => text)).toEqual(
        expect.arrayContaining([
          "Send",
          "Stop",
          "Ask anything",
          "Details",
          "Four.",
          "Approve",
          "Deny",
          "Try again in 20 s"
        ])
      )
      expect(seen.filter(({ ratio, least }) => ratio < least)).toEqual([])
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      expect(background).toBe(colorScheme === "light" ? "rgb(250, 249, 247)" : "rgb(22, 24, 23)")
      await page.keyboard.press("Escape")
      await chat().closed()
    })
  }
})

describe("a phone", () => {
  it("shows all of it without scrolling sideways, and its end without scrolling down", async () => {
    await chat().script(`${"long".repeat(100)}\n${"line\n".repeat(60)}the end`)
    const page = await open({ viewport: { width: 320, height: 600 }, hasTouch: true, isMobile: true })
    await ask(page, `https://example.com/${"a".repeat(200)}`)
    await last(page, ".note").waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    await expect
      .poll(() => page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1))
      .toBe(true)
  })

  it("shows the total on one line", async () => {
    await chat().script({ content: "Four.", usage: { inputTokens: 1_234_567, outputTokens: 34 } })
    const page = await open({ viewport: { width: 320, height: 600 }, hasTouch: true, isMobile: true })
    await ask(page, "What is 2 + 2?")
    await last(page, ".note").waitFor()
    const lines = await page.locator("#total").evaluate((element) => {
      const range = document.createRange()
      range.selectNodeContents(element)
      return new Set(Array.from(range.getClientRects(), ({ top }) => top)).size
    })
    expect(lines).toBe(1)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  })
})

describe("motion", () => {
  it("is off if the system asks for reduced motion", async () => {
    await chat().script({ fault: { type: "stall", afterChunks: 2 } }, { fault: { type: "stall", afterChunks: 2 } })
    const animations: Array<number> = []
    for (const reducedMotion of ["no-preference", "reduce"] as const) {
      const page = await open({ reducedMotion })
      await ask(page, "Wait")
      await longerThan(page, 0)
      animations.push(await page.evaluate(() => document.getAnimations().length))
    }
    expect(animations).toEqual([1, 0])
  })
})
