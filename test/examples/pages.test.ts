/** What the pages of the examples quote is what the examples are and print, and their links lead somewhere. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { expectedOf, pages, programs, read, root, sources, timeless } from "./examples.js"

/** The blocks of a language on a page. */
const blocksOf = (page: string, language: string): ReadonlyArray<string> =>
  Array.from(read(page).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)\n\`\`\``, "gms")), ([, block = ""]) => block)

/** A page need not indent as deep as the code. */
const flat = (text: string): string => text.replace(/^[ \t]+/gm, "")

describe.each(pages)("%s", (page) => {
  const own = sources.filter((source) => dirname(source) === dirname(page))

  it("quotes the code as it is", () => {
    const code = own.map((source) => flat(read(source)))
    expect(blocksOf(page, "ts").filter((block) => !code.some((text) => text.includes(flat(block))))).toEqual([])
  })

  it("quotes what is printed", () => {
    const outputs = own.filter((source) => programs.includes(source)).map((program) => read(expectedOf(program)))
    expect(blocksOf(page, "text").filter((block) => !outputs.some((text) => text.includes(timeless(block))))).toEqual(
      []
    )
  })

  it("names every example beside it", () => {
    expect(own.filter((source) => !read(page).includes(`](${source.slice(dirname(page).length + 1)})`))).toEqual([])
  })

  it("links to what is there, and runs what is there", () => {
    const links = Array.from(read(page).matchAll(/\]\((?!https?:)([^)#]+)/g), ([, link = ""]) =>
      join(dirname(page), link)
    )
    const commands = Array.from(
      read(page).matchAll(/npx (?:tsx|vitest run) examples\/(\S+?)[\s`]/g),
      ([, path = ""]) => path
    )
    expect([...links, ...commands].filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})
