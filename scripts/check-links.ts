/**
 * Checks that the web pages to which the documents and comments of the library link exist:
 *
 *   npm run check:links
 *
 * It needs internet access, so it is not part of the tests. Sites that reject requests from programs are reported, but
 * are not failures.
 */
import { readdirSync } from "node:fs"
import { linksOf, pages, read } from "./pages.js"

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => `src/${path}`)

// Placeholder and local addresses are not pages.
const isPlaceholder = (url: string): boolean =>
  /^https?:\/\/(?:localhost|127\.|[^/]*\.example\b|[^/]*example\.(?:com|org))/.test(url)

const commentsOf = (source: string): string =>
  Array.from(source.matchAll(/\/\*\*.*?\*\/|\/\/[^\n]*/gs), String).join("\n")

const found = new Map<string, string>()
for (const path of [...pages, ...sources]) {
  const text = path.endsWith(".md") ? read(path) : commentsOf(read(path))
  for (const link of linksOf(text)) {
    const url = link.replace(/#.*/, "")
    if (/^https?:/.test(url) && !isPlaceholder(url)) found.set(url, path)
  }
}

/** The HTTP status of a page, or the reason why it cannot be fetched. */
const check = async (url: string): Promise<{ readonly url: string; readonly status: number | string }> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(20_000), headers: { "user-agent": "Mozilla/5.0" } })
    await response.body?.cancel()
    return { url, status: response.status }
  } catch (error) {
    return { url, status: error instanceof Error ? String(error.cause ?? error.message) : String(error) }
  }
}

const waiting = [...found.keys()]
const results: Array<Awaited<ReturnType<typeof check>>> = []
const work = async (): Promise<void> => {
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) results.push(await check(url))
}
await Promise.all(Array.from({ length: 8 }, work))

const isRefused = (status: number | string): boolean => [401, 403, 405, 429].includes(Number(status))
const failed = results.filter(({ status }) => status !== 200)
for (const { url, status } of failed) {
  process.stdout.write(`${isRefused(status) ? "?" : "✗"} ${status} ${url} (${found.get(url)})\n`)
}
process.stdout.write(`${results.length - failed.length} of ${results.length} linked pages exist\n`)
process.exitCode = failed.every(({ status }) => isRefused(status)) ? 0 : 1
