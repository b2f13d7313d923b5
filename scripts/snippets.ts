/** Code that stands in pages and in doc comments: finds it, and makes programs of what is only part of one. */

/** A block of code. */
export interface Snippet {
  /** The file and line where it stands. */
  readonly place: string
  readonly language: string
  readonly text: string
  /** What a comment above it says: the words of `<!-- snippet: … -->`, or nothing. */
  readonly mark: string
}

const fence = /^([ \t]*)(`{3,})(\w*)[^\n]*\n(.*?)^\1\2[ \t]*$/gms

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length

/** The blocks of a page. */
export const snippetsOf = (path: string, page: string): ReadonlyArray<Snippet> =>
  Array.from(page.matchAll(fence), ({ index, 1: indent = "", 3: language = "", 4: text = "" }) => ({
    place: `${path}:${lineAt(page, index) + 1}`,
    language,
    text: text.replace(new RegExp(`^${indent}`, "gm"), ""),
    mark: /<!-- snippet: ([^\n]*) -->\s*$/.exec(page.slice(0, index))?.[1] ?? ""
  }))

const comment = /^[ \t]*\/\*\*.*?\*\//gms

/** The blocks of the doc comments of a file. */
export const commentSnippetsOf = (path: string, source: string): ReadonlyArray<Snippet> =>
  Array.from(source.matchAll(comment)).flatMap(({ 0: text, index }) => {
    const page = text.replace(/^[ \t]*\*(?: |$)/gm, "")
    const first = lineAt(source, index) - 1
    return snippetsOf(path, page).map((snippet) => ({
      ...snippet,
      place: snippet.place.replace(/\d+$/, (line) => `${Number(line) + first}`)
    }))
  })

/** Names that a part of a program takes for granted, and the module that has them. */
export interface Scope {
  readonly module: string
  readonly names: Iterable<string>
}

const isImport = (line: string): boolean => /^import\b.* from "[^"]+"$/.test(line)

/**
 * Makes a module of a part of a program: its imports, those of what it takes for granted, and around the rest a
 * generator of effects (or, where it awaits, an async function) called `snippet`.
 */
export const moduleOf = (part: string, scopes: ReadonlyArray<Scope>): string => {
  const lines = part.trimEnd().split("\n")
  const imports = lines.filter(isImport)
  const body = lines.filter((line) => !isImport(line)).join("\n")
  const used = new Set(body.replace(/ \/\/ .*$/gm, "").match(/[A-Za-z_]\w*/g))
  const taken = new Set(imports.join("\n").match(/[A-Za-z_]\w*/g))
  const granted = scopes.flatMap(({ module, names }) => {
    const wanted = [...names].filter((name) => used.has(name) && !taken.has(name))
    for (const name of wanted) taken.add(name)
    return wanted.length === 0 ? [] : [`import { ${wanted.join(", ")} } from "${module}"`]
  })
  const [open, close] = /\bawait\b/.test(body)
    ? ["export const snippet = async () => {", "}"]
    : ["export const snippet = Effect.gen(function* () {", "})"]
  const effect = open?.includes("Effect") && !taken.has("Effect") ? ['import { Effect } from "effect"'] : []
  return [...imports, ...granted, ...effect, open, body, close, ""].join("\n")
}
