/** Checks the links between pages; `npm run check:links` requests the links to the web. */
import { existsSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../../scripts/pack.js"
import { anchorsOf, linksOf, pages, read } from "../../scripts/pages.js"

const isExternal = (link: string): boolean => /^[a-z]+:/.test(link)

/** The problems of one link. */
const problemsOf = (page: string, link: string): ReadonlyArray<string> => {
  const [path = "", anchor] = decodeURI(link).split("#")
  const target = path === "" ? page : join(dirname(page), path)
  if (target.startsWith("..") || !existsSync(join(root, target))) return [`${page}: ${link} does not exist`]
  if (anchor === undefined) return []
  const isPage = statSync(join(root, target)).isFile() && target.endsWith(".md")
  return isPage && anchorsOf(read(target)).includes(anchor) ? [] : [`${page}: ${link} has no such heading`]
}

describe("the pages", () => {
  it("are found", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/providers.md", "examples/04-streaming/README.md"]))
  })

  it("link only to existing files and headings", () => {
    const problems = pages.flatMap((page) =>
      linksOf(read(page))
        .filter((link) => !isExternal(link))
        .flatMap((link) => problemsOf(page, link))
    )
    expect(problems).toEqual([])
  })

  it("are all reachable by links from the README", () => {
    const reached = new Set<string>()
    const follow = (page: string): void => {
      if (reached.has(page)) return
      reached.add(page)
      for (const link of linksOf(read(page)).filter((each) => !isExternal(each))) {
        const target = join(dirname(page), link.replace(/#.*/, ""))
        if (pages.includes(target)) follow(target)
        else if (pages.includes(join(target, "README.md"))) follow(join(target, "README.md"))
      }
    }
    follow("README.md")
    // Pending release notes, and pages that only maintainers read.
    const isForReaders = (page: string): boolean => !/^(?:\.changeset|\.github|docs\/api-report)\//.test(page)
    expect(pages.filter((page) => isForReaders(page) && !reached.has(page))).toEqual([])
  })
})

describe("links", () => {
  it("are found in text, tables, images and HTML, but not in code", () => {
    const page =
      '[a](one.md) ![b](two.png "B") | [c](<three.md#d>) | `[no](no.md)`\n\n```\n[no](no.md)\n```\n\n[e]: four.md'
    expect(linksOf(`${page}\n<img src="five.svg"> https://example.com/six.`)).toEqual([
      "one.md",
      "two.png",
      "three.md#d",
      "four.md",
      "five.svg",
      "https://example.com/six"
    ])
  })

  it("to headings use the anchors of GitHub", () => {
    expect(anchorsOf("# The `Simulator`, here\n\n```\n# no\n```\n\n## Why not …\n\n## Why not …")).toEqual([
      "the-simulator-here",
      "why-not-",
      "why-not--1"
    ])
  })
})
