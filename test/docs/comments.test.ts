/** Every public name is documented, and the examples in doc comments and pages compile. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { root } from "../../scripts/pack.js"
import { publicNames } from "../../scripts/public-names.js"
import { commentSnippetsOf, framed, frameOf, type Snippet, snippetsOf } from "../../scripts/snippets.js"
import { Examples } from "./compiler.js"

const read = (path: string): string => readFileSync(join(root, path), "utf8")

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".ts")
)

const decisions = readdirSync(join(root, "docs/decisions")).map((name) => `docs/decisions/${name}`)

/** An example with an import is a complete program; others are fragments. */
const asExample = (snippet: Snippet): Snippet =>
  /^import /m.test(snippet.text) ? snippet : { ...snippet, mark: "fragment" }

const comments = sources
  .flatMap((path) => commentSnippetsOf(`src/${path}`, read(`src/${path}`)))
  .filter(({ language }) => language === "ts")
  .map(asExample)

/** Pages of the examples quote programs that are compiled anyway, and CONTRIBUTING.md shows entries of lists. */
const pages = [
  "README.md",
  "docs/architecture.md",
  "docs/batches.md",
  "docs/cassettes.md",
  "docs/comparison.md",
  "docs/deployment.md",
  "docs/durable.md",
  "docs/front-ends.md",
  "docs/gateway.md",
  "docs/http-clients.md",
  "docs/production.md",
  "docs/resilience.md",
  "docs/runs.md",
  "docs/servers.md",
  "docs/structured-output.md",
  "docs/telemetry.md",
  "docs/releasing.md",
  "docs/tools.md",
  ...decisions
].flatMap((path) =>
  snippetsOf(path, read(path)).map((snippet) =>
    path === "README.md" || snippet.mark.startsWith("file ") ? snippet : asExample(snippet)
  )
)

const readme = pages.filter(({ place }) => place.startsWith("README.md"))

/** Files that docs/servers.md quotes; `npm run test:servers` compiles and runs them, because they need other packages. */
const quoted = pages.filter(({ mark }) => mark.startsWith("file "))

const frame = frameOf(readme)

/** A fragment of the README stands in the program that the README shows. */
const asProgram = (snippet: Snippet): Snippet =>
  readme.includes(snippet) && snippet.mark === "fragment"
    ? { ...snippet, text: framed(frame, snippet.text), mark: "" }
    : snippet

const compiled = pages.filter((page) => page.language === "ts" && !quoted.includes(page)).map(asProgram)

/** An example that must not compile. */
const wrong: Snippet = {
  place: "wrong.md:1",
  language: "ts",
  text: `import { LLMClient } from "llm-connectivity"
const messages = [{ role: "user", content: "Hi" }]
LLMClient.chat({ messages })`,
  mark: ""
}

// Compiled here, because a test that takes a minute, as on a busy machine, delays the messages of its worker for too long.
let examples: Examples | undefined = new Examples([...comments, ...compiled, wrong])

// The program takes memory, and garbage collection time, in the tests after these.
afterAll(() => {
  examples = undefined
})

const isWrong = (problem: string): boolean => problem.startsWith(wrong.place)

describe("the doc comments", () => {
  it("describe every public name and member", () => {
    expect(examples && publicNames(examples.program).undocumented).toEqual([])
  })

  it("have an example for each main export", () => {
    const core = [
      "LLMClient",
      "Provider",
      "Policy",
      "Collect",
      "Print",
      "Retry",
      "Fallback",
      "Spending",
      "Cost",
      "TokenCounter",
      "ModelCatalog"
    ]
    const files = [...core, "OpenAICompatible", "MockLLM", "Simulator", "TextStream", "Tap", "Tee", "Latency", "Status"]
    expect(files.filter((file) => !comments.some(({ place }) => place.includes(`/${file}.ts:`)))).toEqual([])
  })
})

describe("the examples", () => {
  it("compile, in doc comments and on pages", () => {
    expect(examples?.problems.filter((problem) => !isWrong(problem))).toEqual([])
  })

  it("of docs/servers.md are the files that `npm run test:servers` runs", () => {
    const files = quoted.map(({ mark }) => read(`test/servers/${mark.slice("file ".length)}`))
    expect(quoted.length).toBeGreaterThan(6)
    expect(quoted.map(({ text }) => text)).toEqual(files.map((file) => file.replace(/^.*\n/, "")))
  })

  it("of the README run unchanged, or have a mark that says why not", () => {
    const marks = /^(?:install|frame|fragment|test|in a clone|prints "[^"]+"|types only: .+)$/
    const blocks = readme.filter(({ language }) => language !== "text")
    expect(blocks.length).toBeGreaterThan(10)
    expect(blocks.filter(({ language, mark }) => !/^(?:ts|sh)$/.test(language) || !marks.test(mark))).toEqual([])
  })

  it("of the README show the output of the block above", () => {
    const outputs = readme.flatMap(({ language, text }, index) =>
      language === "text" ? [{ output: text.trim(), mark: readme[index - 1]?.mark }] : []
    )
    expect(outputs.length).toBeGreaterThan(0)
    expect(outputs.filter(({ output, mark }) => mark !== `prints "${output}"`)).toEqual([])
  })

  it("of wrong roles fail with a message that names the role", () => {
    const problem = examples?.problems.find(isWrong)
    expect(problem).toMatch(
      /Types of property 'role' are incompatible\.\s+Type 'string' is not assignable to type '"user"'/
    )
  })

  it("of commands use scripts of package.json", () => {
    const { scripts } = JSON.parse(read("package.json"))
    const mentions = [
      "README.md",
      "CONTRIBUTING.md",
      "docs/comparison.md",
      "docs/releasing.md",
      "examples/README.md"
    ].flatMap((path) =>
      Array.from(read(path).matchAll(/\bnpm run ([\w:-]+)/g), ([, script = ""]) => ({ path, script }))
    )
    expect(mentions.filter(({ script }) => !(script in scripts))).toEqual([])
  })
})
