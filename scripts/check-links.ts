/**
 * Asks whether the pages and comments of the library link to pages of the web that are there:
 *
 *   npm run check:links
 *
 * It needs the web, so it is no part of the tests. A site that refuses to be asked by a program is told, and no failure.
 */
import { readdirSync } from "node:fs"
import { linksOf, pages, read } from "./pages.js"

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => `src/${path}`)

// Addresses that stand for one, and the providers' own, which want a key.
const isNoPage = (url: string): boolean =>
  /^https?:\/\/(?:localhost|127\.|[^/]*\.example\b|[^/]*example\.(?:com|org))/.test(url)

const commentsOf = (source: string): string =>
  Array.from(source.matchAll(/\/\*\*.*?\*\/|\/\/[^\n]*/gs), String).join("\n")

const found = new Map<string, string>()
for (const path of [...pages, ...sources]) {
  const text = path.endsWith(".md") ? read(path) : commentsOf(read(path))
  for (const link of linksOf(text)) {
    const url = link.replace(/#.*/, "")
    if (/^https?:/.test(url) && !isNoPage(url)) found.set(url, path)
  }
}

/** What became of a link: there, refused to programs, or gone. */
const ask = async (url: string): Promise<{ readonly url: string; readonly status: number | string }> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(20_000), headers: { "user-agent": "Mozilla/5.0" } })
    await response.body?.cancel()
    return { url, status: response.status }
  } catch (error) {
    return { url, status: error instanceof Error ? String(error.cause ?? error.message) : String(error) }
  }
}

const waiting = [...found.keys()]
const results: Array<Awaited<ReturnType<typeof ask>>> = []
const work = async (): Promise<void> => {
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) results.push(await ask(url))
}
await Promise.all(Array.from({ length: 8 }, work))

const isRefused = (status: number | string): boolean => [401, 403, 405, 429].includes(Number(status))
const bad = results.filter(({ status }) => status !== 200)
for (const { url, status } of bad) {
  process.stdout.write(`${isRefused(status) ? "?" : "✗"} ${status} ${url} (${found.get(url)})\n`)
}
process.stdout.write(`${results.length - bad.length} of ${results.length} links lead to a page\n`)
process.exitCode = bad.every(({ status }) => isRefused(status)) ? 0 : 1
