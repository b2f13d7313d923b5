/** Replaces the text between `<!-- name:start -->` and `<!-- name:end -->` in a page. */
import { readFile, writeFile } from "node:fs/promises"

/**
 * @param {URL} page
 * @param {string} name
 * @param {string} text
 */
export const writeBlock = async (page, name, text) => {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const before = await readFile(page, "utf8")
  const from = before.indexOf(start)
  const to = before.indexOf(end)
  if (from === -1 || to < from) throw new Error(`${page.pathname} has no block ${start} … ${end}`)
  await writeFile(page, `${before.slice(0, from + start.length)}\n${text}\n${before.slice(to)}`)
}
