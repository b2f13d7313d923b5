/** The web chat as a person meets it, in a real browser, in front of a provider that does as it is told. */
import { describe, expect, it } from "vitest"
import { answerOf, ask, last, longerThan, session, shown } from "./session.js"
import { serveWebChat } from "./webChat.js"

const { chat, open } = session(serveWebChat)

describe("an answer", () => {
  it("grows while it arrives, until Stop closes the provider's socket", async () => {
    await chat().script({ content: "To be continued, ", pace: 20, fault: { type: "endlessStream" } })
    const page = await open()
    await ask(page, "Go on for ever")
    await longerThan(page, 0)
    const first = await answerOf(page)
    await longerThan(page, first.length + 20)
    const second = await answerOf(page)
    expect(second.startsWith(first)).toBe(true)
    await page.getByRole("button", { name: "Stop" }).click()
    expect(await chat().closed()).toMatchObject({ closedBy: "caller" })
    await shown(page, "Stopped by you").waitFor()
    expect((await answerOf(page)).startsWith(second)).toBe(true)
    await page.getByRole("button", { name: "Send" }).waitFor()
  })

  it("that is stopped before its first word closes the provider's socket too", async () => {
    await chat().script({ fault: { type: "slowHeaders", delay: "1 minute" } })
    const page = await open()
    const before = (await chat().requests()).length
    await ask(page, "Take your time")
    await expect.poll(async () => (await chat().requests()).length).toBe(before + 1)
    await page.getByRole("button", { name: "Stop" }).click()
    expect(await chat().closed()).toMatchObject({ bytes: 0, closedBy: "caller" })
    await shown(page, "Stopped by you").waitFor()
  })

  it("shows its finish reason, tokens, cost and provider, and the totals of the chat", async () => {
    const usage = { inputTokens: 1200, outputTokens: 34 }
    await chat().script({ content: "Four.", usage }, { content: "Six", finishReason: "length", usage })
    const page = await open()
    await ask(page, "What is 2 + 2?")
    // 1200 × $0.15 and 34 × $0.60 per million.
    await shown(page, "Complete (stop) · 1,200 tokens in, 34 out · $0.0002 · openai/gpt-4o-mini").waitFor()
    expect(await answerOf(page)).toBe("Four.")
    await ask(page, "And 3 + 3?")
    await shown(page, "Cut off at the longest answer allowed (length)").waitFor()
    await page.getByText("2,468 tokens for $0.000401").waitFor()
  })

  it("sends the conversation so far, until a new chat begins", async () => {
    await chat().script("One.", "Two.", "Afresh.")
    const page = await open()
    for (const [question, answer] of [
      ["First?", "One."],
      ["Second?", "Two."]
    ] as const) {
      await ask(page, question)
      await last(page, ".note").waitFor()
      expect(await answerOf(page)).toBe(answer)
    }
    const said = async () => JSON.stringify((await chat().requests()).at(-1)?.body)
    expect(await said()).toMatch(/"First\?".*"assistant".*"One\.".*"Second\?"/)
    await page.getByRole("button", { name: "New chat" }).click()
    expect(await page.locator(".turn").count()).toBe(0)
    await ask(page, "Third?")
    await last(page, ".note").waitFor()
    expect(await said()).not.toMatch(/First|One/)
  })

  it("is shown as text, never as HTML", async () => {
    const content = '<img src=x onerror="document.title=1"><script>document.title=2</script>\n  **indented** 🙂'
    await chat().script(content)
    const page = await open()
    await ask(page, "<b>Show me</b>")
    await last(page, ".note").waitFor()
    expect(await answerOf(page)).toBe(content.replaceAll("**", ""))
    expect(await last(page, ".question").textContent()).toBe("<b>Show me</b>")
    expect(await page.locator(".turn img, .turn script, .turn b").count()).toBe(0)
    expect(await page.title()).toBe("Chat")
  })

  it("shows Markdown as elements, and links only to web pages", async () => {
    const trap = "[trap](javascript:alert(1))"
    const list = "- one\n- **two**\n"
    const content = `# Title\nA \`b\` *c* [page](https://example.com/a) ${trap}\n\n${list}\n3. three\n\n\`\`\`js\n<b>\n\n\`\`\`\nEnd`
    await chat().script({ chunks: [...content], pace: 0 }, content)
    const page = await open()
    const html = () => last(page, ".answer").evaluate(({ innerHTML }) => innerHTML)
    const link = '<a href="https://example.com/a" rel="noopener noreferrer nofollow" target="_blank">page</a>'
    for (const question of ["By characters", "At once"]) {
      await ask(page, question)
      await last(page, ".note").waitFor()
      expect(await html()).toBe(
        [
          "<h3>Title</h3>",
          `<p>A <code>b</code> <em>c</em> ${link} ${trap}</p>`,
          "<ul><li>one</li><li><strong>two</strong></li></ul>",
          '<ol start="3"><li>three</li></ol>',
          "<pre><code>&lt;b&gt;\n</code></pre>",
          "<p>End</p>"
        ].join("")
      )
    }
  })

  it("is complete and quick when it is one long line of opening marks", async () => {
    const content = "[*`".repeat(50_000)
    await chat().script({ chunks: content.match(/.{1,500}/g) ?? [], pace: 0 })
    const page = await open()
    await ask(page, "Go on")
    await last(page, ".note").waitFor()
    expect((await answerOf(page)).replace(/[^[]/g, "")).toHaveLength(50_000)
  })

  it("stays in view as it grows, unless the user scrolls away", async () => {
    await chat().script({ content: "Line after line.\n", pace: 5, fault: { type: "endlessStream" } })
    const page = await open({ viewport: { width: 600, height: 500 } })
    const isAtEnd = () => scrollY + innerHeight > document.documentElement.scrollHeight - 60
    await ask(page, "Go on for ever")
    await page.waitForFunction(() => scrollY > 300)
    await page.waitForFunction(isAtEnd)
    await page.mouse.move(300, 200)
    await page.mouse.wheel(0, -200)
    await page.waitForFunction(() => scrollY + innerHeight < document.documentElement.scrollHeight - 150)
    const top = await page.evaluate(() => scrollY)
    await longerThan(page, (await answerOf(page)).length + 500)
    expect(await page.evaluate(() => scrollY)).toBe(top)
    await page.keyboard.press("Escape")
    await chat().closed()
  })

  it("shows the reasoning of the model on demand", async () => {
    await chat().script({ reasoning: "Two and two are four.", content: "Four." })
    const page = await open()
    await ask(page, "What is 2 + 2?")
    await last(page, ".note").waitFor()
    expect(await shown(page, "Two and two").isVisible()).toBe(false)
    await shown(page, "Reasoning").click()
    await shown(page, "Two and two are four.").waitFor()
  })
})

describe("a failure", () => {
  it("that is transient shows when to retry, and enables the retry button then", async () => {
    await chat().script({ error: { kind: "rateLimit", retryAfter: "20 seconds" } }, "Here I am.")
    const page = await open()
    await page.clock.install()
    await ask(page, "Are you there?")
    await shown(page, "too many requests").waitFor()
    const retry = page.getByRole("button", { name: "Try again" })
    expect(await retry.isDisabled()).toBe(true)
    expect(await retry.textContent()).toMatch(/^Try again in (?:20|19) s$/)
    await page.clock.fastForward(12_000)
    await expect.poll(() => retry.textContent()).toMatch(/^Try again in [78] s$/)
    await page.clock.fastForward(9_000)
    await page.getByRole("button", { name: "Try again", exact: true }).click()
    await last(page, ".note").waitFor()
    expect(await answerOf(page)).toBe("Here I am.")
    expect(await last(page, ".failure").isVisible()).toBe(false)
  })

  it("in mid-response shows that the connection broke, and keeps what had arrived", async () => {
    await chat().script({ fault: { type: "reset", afterChunks: 3 } }, {})
    const page = await open()
    await ask(page, "Count to 5 with words")
    await shown(page, "The connection broke before the answer was complete.").waitFor()
    expect(await answerOf(page)).toBe("One, two")
    await last(page, ".failure summary").click()
    await shown(page, "the connection to openai/gpt-4o-mini broke after").waitFor()
    await page.getByRole("button", { name: "Try again" }).click()
    await last(page, ".note").waitFor()
    expect(await answerOf(page)).toBe("One, two, three, four, five.")
  })

  it("of the chat server in mid-answer shows that too, with what had arrived", async () => {
    const page = await open()
    await page.route("**/runs/*", async (route) => {
      const error = '{"_tag":"NetworkError","reason":"Truncated","message":"the run was truncated"}'
      const body = `id: 1-1\ndata: {"content":"Hel"}\n\nevent: error\ndata: ${error}\n\n`
      await route.fulfill({ status: 200, contentType: "text/event-stream", body })
    })
    await ask(page, "Hello?")
    await shown(page, "The connection broke before the answer was complete.").waitFor()
    expect(await answerOf(page)).toBe("Hel")
  })

  it("that a retry cannot fix has no retry button", async () => {
    await chat().script({ error: "authentication" })
    const page = await open()
    await ask(page, "Hello?")
    await shown(page, "The operator of this server can fix that.").waitFor()
    expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0)
  })
})
