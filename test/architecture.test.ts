/** The architecture: which layer may import which, how large files and functions may be, and what src must not use. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, it } from "vitest"

const src = fileURLToPath(new URL("../src", import.meta.url))

/** A layer imports only itself and the layers before it. */
const layers = [
  "domain",
  "catalog",
  "http",
  "protocol",
  "provider",
  "telemetry",
  "policy",
  "structured",
  "client",
  "batch",
  "output",
  "tools",
  "runs",
  "browser",
  "server",
  "testing",
  "interop",
  "cli"
]

const paths = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"))

const allNodes = (root: ts.Node): ReadonlyArray<ts.Node> => {
  const nodes: Array<ts.Node> = []
  const visit = (node: ts.Node): void => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  visit(root)
  return nodes
}

const files = paths.map((path) => {
  const text = readFileSync(join(src, path), "utf8")
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  return { path, text, tree, nodes: allNodes(tree) }
})

type File = (typeof files)[number]

/** The files of src that a file imports: statically, dynamically, or for types alone. */
const importsOf = (file: File): ReadonlyArray<string> =>
  file.nodes.flatMap((node) => {
    const specifier =
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
            ? node.argument.literal
            : undefined
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith(".")) return []
    return [relative(src, resolve(src, dirname(file.path), specifier.text)).replace(/\.js$/, ".ts")]
  })

const imports = new Map(files.map((file) => [file.path, importsOf(file)]))

/** Every file that a file reaches by imports, static and dynamic. */
const reachableFrom = (from: string): ReadonlySet<string> => {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    for (const to of imports.get(path) ?? []) {
      if (seen.has(to)) continue
      seen.add(to)
      visit(to)
    }
  }
  visit(from)
  return seen
}

const layerOf = (path: string): number => layers.indexOf(path.split("/")[0] ?? "")

const broken = (rule: (file: File) => ReadonlyArray<string>): ReadonlyArray<string> =>
  files.flatMap((file) => rule(file).map((what) => `${file.path}: ${what}`))

const importing = (isForbidden: (from: string, to: string) => boolean) =>
  broken((file) => (imports.get(file.path) ?? []).filter((to) => isForbidden(file.path, to)))

/** Generated files, exempt from the limit of 400 lines. */
const data = ["catalog/snapshot.ts"]

const lineCount = (file: File, node: ts.Node): number =>
  file.tree.getLineAndCharacterOfPosition(node.end).line -
  file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line +
  1

describe("the architecture", () => {
  it("has only the layers of the list", () => {
    expect(paths.filter((path) => path !== "index.ts" && layerOf(path) === -1)).toEqual([])
  })

  it("lets a layer import only the layers above it", () => {
    expect(importing((from, to) => from !== "index.ts" && (to === "index.ts" || layerOf(to) > layerOf(from)))).toEqual(
      []
    )
  })

  it("allows no import between protocols", () => {
    const protocol = (path: string) => /^protocol\/([^/]+)\//.exec(path)?.[1]
    expect(
      importing(
        (from, to) =>
          protocol(from) !== protocol(to) &&
          protocol(to) !== undefined &&
          protocol(to) !== "serve" &&
          from.startsWith("protocol/")
      )
    ).toEqual([])
  })

  it("imports protocol serve folders only from server, testing and serve itself", () => {
    const isServe = (path: string) => /^protocol\/(?:[^/]+\/)?serve\//.test(path)
    expect(importing((from, to) => isServe(to) && !isServe(from) && !/^(?:server|testing)\//.test(from))).toEqual([])
  })

  it("allows no import between providers", () => {
    const providers = files.filter((file) => /^provider\//.test(file.path) && /Context\.Tag\(/.test(file.text))
    const isProvider = (path: string) => providers.some((file) => file.path === path)
    expect(providers.length).toBeGreaterThan(0)
    expect(importing((from, to) => isProvider(from) && isProvider(to))).toEqual([])
  })

  it("has no import cycle", () => {
    expect(paths.filter((path) => reachableFrom(path).has(path))).toEqual([])
  })

  it("has no import cycle between the folders of a layer", () => {
    const folderOf = (path: string): string => path.split("/").slice(0, 2).join("/")
    const isFolder = (name: string): boolean => !name.endsWith(".ts")
    const reached = new Map(
      paths.filter((path) => isFolder(folderOf(path))).map((path) => [folderOf(path), new Set<string>()])
    )
    for (const [from, targets] of imports) {
      for (const to of targets) if (folderOf(from) !== folderOf(to)) reached.get(folderOf(from))?.add(folderOf(to))
    }
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      Array.from(reached.get(from) ?? []).some(
        (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next)))
      )
    expect(reached.size).toBeGreaterThan(20)
    expect(Array.from(reached.keys()).filter((folder) => reaches(folder, folder))).toEqual([])
  })

  it("keeps the optional folders unreachable from index.ts", () => {
    const apart = ["batch", "tools", "runs", "browser", "server", "testing", "interop", "cli"]
    const reached = Array.from(reachableFrom("index.ts"))
    expect(reached.length).toBeGreaterThan(50)
    expect(reached.filter((path) => apart.includes(path.split("/")[0] ?? ""))).toEqual([])
  })

  it("imports optional peers only in interop, testing and cli, and gpt-tokenizer in catalog", () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync(join(src, "../package.json"), "utf8"))
    const optional = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional === true)
    const allowed = (path: string, name: string) =>
      /^(?:interop|testing|cli)\//.test(path) || (name === "gpt-tokenizer" && path.startsWith("catalog/"))
    expect(optional.length).toBeGreaterThan(0)
    expect(
      broken((file) =>
        optional.filter(
          (name) => new RegExp(`["']${name}(?:/[^"']*)?["']`).test(file.text) && !allowed(file.path, name)
        )
      )
    ).toEqual([])
  })

  it("imports modules of Effect and its platform, not their indexes, which would load all of them at start", () => {
    const index = /from "(effect|@effect\/platform|@effect\/platform-node)"/
    expect(files.filter(({ text }) => index.test(text)).map(({ path }) => path)).toEqual([])
  })

  it("allows no import between the folders of interop", () => {
    const folder = (path: string) => /^interop\/([^/]+)\//.exec(path)?.[1]
    expect(
      importing((from, to) => folder(from) !== undefined && folder(to) !== undefined && folder(from) !== folder(to))
    ).toEqual([])
  })

  it("has folders at most three deep, and barrels only for index.ts and each subpath", () => {
    expect(paths.filter((path) => path.split("/").length > 4)).toEqual([])
    const { exports } = JSON.parse(readFileSync(join(src, "../package.json"), "utf8"))
    const barrels = Object.values<{ default?: string }>(exports).flatMap((entry) =>
      entry.default ? [entry.default.replace("./dist/", "").replace(".js", ".ts")] : []
    )
    expect(paths.filter((path) => path.endsWith("index.ts") && !barrels.includes(path))).toEqual([])
    expect(barrels.filter((barrel) => !paths.includes(barrel))).toEqual([])
    expect(paths.filter((path) => /(^|\/)(utils|helpers|internal|types)(\/|\.ts)/.test(path))).toEqual([])
  })

  it("has files of at most 400 lines that begin with a sentence about their purpose", () => {
    expect(
      broken((file) =>
        file.text.split("\n").length > 401 && !data.includes(file.path) ? [`${file.text.split("\n").length} lines`] : []
      )
    ).toEqual([])
    expect(broken((file) => (/^(#!.*\n)?\/\*\*\s+(\* )?\S/.test(file.text) ? [] : ["no opening sentence"]))).toEqual([])
  })

  it("has functions of at most 40 lines, with at most two type parameters besides error and context", () => {
    // A data-first operator names the error `E` and the context `R` of its stream. A layer names the elements of its
    // lists `P`, `G` and `L`, whose errors and contexts the compiler would otherwise take for those of the first.
    const derived = ["E", "R", "P", "G", "L"]
    const typeParameterCount = (node: ts.SignatureDeclaration): number =>
      node.typeParameters?.filter(({ name }) => !derived.includes(name.text)).length ?? 0
    const isFunction = (node: ts.Node): node is ts.SignatureDeclaration => ts.isFunctionLike(node)
    expect(
      broken((file) =>
        file.nodes
          .filter(isFunction)
          .filter((node) => ts.isClassElement(node) || "body" in node)
          .filter((node) => lineCount(file, node) > 40 || typeParameterCount(node) > 2)
          .map((node) => node.getText(file.tree).slice(0, 60))
      )
    ).toEqual([])
  })

  it("has no throw, async, any, casts, console or wall-clock time, except where a comment gives the reason", () => {
    const isForbidden = (node: ts.Node): boolean =>
      ts.isThrowStatement(node) ||
      node.kind === ts.SyntaxKind.AnyKeyword ||
      node.kind === ts.SyntaxKind.AsyncKeyword ||
      ts.isNonNullExpression(node) ||
      (ts.isAsExpression(node) && node.type.getText() !== "const") ||
      (ts.isPropertyAccessExpression(node) && /^(console\.|Date\.now$|Math\.random$)/.test(node.getText()))
    expect(
      broken((file) => {
        const lines = file.text.split("\n")
        return file.nodes
          .filter(isForbidden)
          .map((node) => file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line)
          .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(lines[line - 1] ?? ""))
          .map((line) => `line ${line + 1}: ${lines[line]?.trim()}`)
      })
    ).toEqual([])
  })
})
