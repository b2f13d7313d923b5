/** A browser for all tests of a file, and a server for each. */
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest"
import { launch } from "../web-chat/chromium.js"
import { type FrontEnds, serveFrontEnds } from "./server.js"

export interface Session {
  readonly server: () => FrontEnds
  readonly open: (path: string) => Promise<Page>
}

export const session = (): Session => {
  let browser: Browser
  let server: FrontEnds

  beforeAll(async () => {
    browser = await launch()
  }, 30_000)

  beforeEach(async () => {
    server = await serveFrontEnds()
  })

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    await server.close()
  })

  afterAll(() => browser.close())

  return {
    server: () => server,
    open: async (path) => {
      const page = await (await browser.newContext()).newPage()
      page.setDefaultTimeout(10_000)
      await page.goto(`${server.url}${path}`)
      return page
    }
  }
}
