/** Finds code blocks in pages and doc comments, and makes complete modules of program fragments. */

/** A code block. */
export interface Snippet {
  /** Its file and line. */
  readonly place: string
  readonly language: string
  readonly text: string
  /** The text of the comment `<!-- snippet: … -->` above it; empty without one. */
  readonly mark: string
}

const fence = /^([ \t]*)(`{3,})(\w*)[^\n]*\n(.*?)^\1\2[ \t]*$/gms

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length

/** The code blocks of a page. */
export const snippetsOf = (path: string, page: string): ReadonlyArray<Snippet> =>
  Array.from(page.matchAll(fence), ({ index, 1: indent = "", 3: language = "", 4: text = "" }) => ({
    place: `${path}:${lineAt(page, index) + 1}`,
    language,
    text: text.replace(new RegExp(`^${indent}`, "gm"), ""),
    mark: /<!-- snippet: ([^\n]*) -->\s*$/.exec(page.slice(0, index))?.[1] ?? ""
  }))

const comment = /^[ \t]*\/\*\*.*?\*\//gms

/** The code blocks in the doc comments of a file. */
export const commentSnippetsOf = (path: string, source: string): ReadonlyArray<Snippet> =>
  Array.from(source.matchAll(comment)).flatMap(({ 0: text, index }) => {
    const page = text.replace(/^[ \t]*\*(?: |$)/gm, "")
    const first = lineAt(source, index) - 1
    return snippetsOf(path, page).map((snippet) => ({
      ...snippet,
      place: snippet.place.replace(/\d+$/, (line) => `${Number(line) + first}`)
    }))
  })

/** Names that fragments may use without importing them, and the module that exports them. */
export interface Scope {
  readonly module: string
  readonly names: Iterable<string>
}

const isImport = (line: string): boolean => /^import\b.* from "[^"]+"$/.test(line)

/**
 * Makes a module of a fragment: its imports, imports for the other names it uses, and a function named `snippet` around
 * the rest. The function is an `Effect.gen`, or async if the fragment contains `await`.
 */
export const moduleOf = (fragment: string, scopes: ReadonlyArray<Scope>): string => {
  const lines = fragment.trimEnd().split("\n")
  const imports = lines.filter(isImport)
  const body = lines.filter((line) => !isImport(line)).join("\n")
  const used = new Set(body.replace(/ \/\/ .*$/gm, "").match(/[A-Za-z_]\w*/g))
  const imported = new Set(imports.join("\n").match(/[A-Za-z_]\w*/g))
  const scopeImports = scopes.flatMap(({ module, names }) => {
    const needed = [...names].filter((name) => used.has(name) && !imported.has(name))
    for (const name of needed) imported.add(name)
    return needed.length === 0 ? [] : [`import { ${needed.join(", ")} } from "${module}"`]
  })
  const [open, close] = /\bawait\b/.test(body)
    ? ["export const snippet = async () => {", "}"]
    : ["export const snippet = Effect.gen(function* () {", "})"]
  const effect = open?.includes("Effect") && !imported.has("Effect") ? ['import { Effect } from "effect"'] : []
  return [...imports, ...scopeImports, ...effect, open, body, close, ""].join("\n")
}

/** The line of the program with the mark `frame` that a fragment of its page replaces. */
const gap = /^.*\/\/ a fragment of this page$/m

/** Puts a fragment into the program with the mark `frame` of its page. */
export const framed = (frame: string, fragment: string): string => {
  if (!gap.test(frame)) throw new Error("the page has no program for its fragments")
  return frame.replace(gap, () => fragment.trimEnd())
}

/** The program with the mark `frame` of a page. */
export const frameOf = (snippets: ReadonlyArray<Snippet>): string =>
  snippets.find(({ mark }) => mark === "frame")?.text ?? ""
