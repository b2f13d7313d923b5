/** Every public name says what it is for, and the examples of doc comments and pages compile. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../../scripts/pack.js"
import { publicNames } from "../../scripts/public-names.js"
import { commentSnippetsOf, type Snippet, snippetsOf } from "../../scripts/snippets.js"
import { Examples } from "./compiler.js"

const read = (path: string): string => readFileSync(join(root, path), "utf8")

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".ts")
)

const decisions = readdirSync(join(root, "docs/decisions")).map((name) => `docs/decisions/${name}`)

/** What imports something is a program; what does not is a part of one. */
const asExample = (snippet: Snippet): Snippet =>
  /^import /m.test(snippet.text) ? snippet : { ...snippet, mark: "fragment" }

const comments = sources
  .flatMap((path) => commentSnippetsOf(`src/${path}`, read(`src/${path}`)))
  .filter(({ language }) => language === "ts")
  .map(asExample)

/** Those in the folders of the examples quote programs that are compiled; those of CONTRIBUTING.md are entries of lists. */
const pages = ["README.md", "docs/resilience.md", "docs/releasing.md", ...decisions].flatMap((path) =>
  snippetsOf(path, read(path))
)

const examples = new Examples([...comments, ...pages.filter(({ language }) => language === "ts")])

describe("the doc comments", () => {
  it("say what every public name and member is for", () => {
    expect(publicNames(examples.program).undocumented).toEqual([])
  })

  it("have an example where a reader begins", () => {
    const begun = [
      "LLMClient",
      "Collect",
      "Print",
      "Retry",
      "Fallback",
      "Spending",
      "Cost",
      "TokenCounter",
      "ModelCatalog"
    ]
    const files = [
      ...begun,
      "OpenAICompatible",
      "MockLLM",
      "Simulator",
      "TextStream",
      "Tap",
      "Tee",
      "Latency",
      "Status"
    ]
    expect(files.filter((file) => !comments.some(({ place }) => place.includes(`/${file}.ts:`)))).toEqual([])
  })
})

describe("the examples", () => {
  it("compile, in doc comments and on pages", () => {
    expect(examples.problems).toEqual([])
  })

  it("of the README are run as printed, or say why not", () => {
    const marks = /^(?:|install|fragment|test|in a clone|prints "[^"]+"|types only: .+)$/
    const blocks = pages.filter(({ place }) => place.startsWith("README.md"))
    expect(blocks.filter(({ language }) => ["ts", "sh"].includes(language)).length).toBeGreaterThan(10)
    expect(
      blocks.filter(({ language, mark }) => (language !== "" && !/^(?:ts|sh)$/.test(language)) || !marks.test(mark))
    ).toEqual([])
  })

  it("of commands name scripts of package.json", () => {
    const { scripts } = JSON.parse(read("package.json"))
    const named = ["README.md", "CONTRIBUTING.md", "docs/releasing.md", "examples/README.md"].flatMap((path) =>
      Array.from(read(path).matchAll(/\bnpm run ([\w:-]+)/g), ([, script = ""]) => ({ path, script }))
    )
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([])
  })
})
