/** Runs the program on a page of headless Chromium, below another origin than the servers that it asks. */
import { readFileSync } from "node:fs"
import { launch } from "../web-chat/chromium.js"
import type { Outcome } from "./program.js"

/** Opens the page that the process behind the stage serves, and runs the program there. */
export const openPage = async (program: string, backstage: string): Promise<ReadonlyArray<Outcome>> => {
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await page.goto(backstage)
    await page.addScriptTag({ content: readFileSync(program, "utf8") })
    return await page.evaluate(
      (address) => Reflect.get(globalThis, "run")(address, { isPage: true, subpaths: [] }),
      backstage
    )
  } finally {
    await browser.close()
  }
}
