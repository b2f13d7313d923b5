/** The pages of the project, and where their links lead. */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import GithubSlugger from "github-slugger"
import { root } from "./pack.js"

// Made by commands, or not ours.
const leftOut = new Set([".git", "node_modules", "dist", "coverage", "scratch", "docs/api"])

const pagesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (leftOut.has(entry.name) || leftOut.has(relative(root, path))) return []
    if (entry.isDirectory()) return pagesIn(path)
    return entry.name.endsWith(".md") ? [relative(root, path)] : []
  })

/** All of them, from the folder of the library on. */
export const pages: ReadonlyArray<string> = pagesIn(root)

/** Reads a page, or any file of the library. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** What is shown as it is, and so is no link. */
const withoutCode = (page: string): string =>
  page.replace(/^[ \t]*(`{3,})[^\n]*\n.*?^[ \t]*\1[ \t]*$/gms, "").replace(/(`+)[^`].*?\1/g, "")

/** Where the links and pictures of a page lead, as they are written. */
export const linksOf = (page: string): ReadonlyArray<string> => {
  const text = withoutCode(page)
  const inline = text.matchAll(/\]\(<?([^\s)>]+)>?(?:\s+"[^"]*")?\)/g)
  const defined = text.matchAll(/^\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/gm)
  const attributes = text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)
  const bare = text.matchAll(/(?<![("<])\b(https?:\/\/[^\s)>\]|`]+[^\s)>\]|`.,;:])/g)
  return [...inline, ...defined, ...attributes, ...bare].map(([, target = ""]) => target)
}

/** The anchors that the headings of a page give. */
export const anchorsOf = (page: string): ReadonlyArray<string> => {
  const slugger = new GithubSlugger()
  const withoutFences = page.replace(/^[ \t]*(`{3,})[^\n]*\n.*?^[ \t]*\1[ \t]*$/gms, "")
  return Array.from(withoutFences.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm), ([, heading = ""]) =>
    slugger.slug(heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, ""))
  )
}
