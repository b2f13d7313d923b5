/** The Markdown pages of the project, their links and their anchors. */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import GithubSlugger from "github-slugger"
import { root } from "./pack.js"

// Generated, or not part of the project.
const excluded = new Set([".git", "node_modules", "dist", "coverage", "scratch", "docs/api"])

const pagesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (excluded.has(entry.name) || excluded.has(relative(root, path))) return []
    if (entry.isDirectory()) return pagesIn(path)
    return entry.name.endsWith(".md") ? [relative(root, path)] : []
  })

/** All pages, as paths from the root folder. */
export const pages: ReadonlyArray<string> = pagesIn(root)

/** Reads a page or another file of the library. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** Removes code, in which nothing is a link. */
const withoutCode = (page: string): string =>
  page.replace(/^[ \t]*(`{3,})[^\n]*\n.*?^[ \t]*\1[ \t]*$/gms, "").replace(/(`+)[^`].*?\1/g, "")

/** The targets of the links and images of a page, as written. */
export const linksOf = (page: string): ReadonlyArray<string> => {
  const text = withoutCode(page)
  const inline = text.matchAll(/\]\(<?([^\s)>]+)>?(?:\s+"[^"]*")?\)/g)
  const defined = text.matchAll(/^\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/gm)
  const attributes = text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)
  const bare = text.matchAll(/(?<![("<])\b(https?:\/\/[^\s)>\]|`]+[^\s)>\]|`.,;:])/g)
  return [...inline, ...defined, ...attributes, ...bare].map(([, target = ""]) => target)
}

/** The anchors of a page's headings. */
export const anchorsOf = (page: string): ReadonlyArray<string> => {
  const slugger = new GithubSlugger()
  const withoutFences = page.replace(/^[ \t]*(`{3,})[^\n]*\n.*?^[ \t]*\1[ \t]*$/gms, "")
  return Array.from(withoutFences.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm), ([, heading = ""]) =>
    slugger.slug(heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, ""))
  )
}
