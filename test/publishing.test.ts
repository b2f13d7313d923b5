/** Workflows, lock files and releases, checked without running them. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { notesOf, problemsOf } from "../scripts/check-release.js"
import { entriesWithoutHash, lockFiles } from "../scripts/lockFiles.js"
import { linksOf } from "../scripts/pages.js"
import { runtimes } from "./runtimes/runtimes.js"

const root = new URL("../", import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), "utf8")
const manifest = JSON.parse(read("package.json"))

const folder = fileURLToPath(new URL(".github/workflows", root))
const workflows = readdirSync(folder).map((name) => [name, read(`.github/workflows/${name}`)] as const)

describe.each(workflows)("%s", (_, text) => {
  it("pins the version of every action, and uses no secret except GITHUB_TOKEN", () => {
    const actions = Array.from(text.matchAll(/uses: (.*)/g), ([, action = ""]) => action)
    expect(actions.filter((action) => !/^\.\/|@(?:v\d+|[0-9a-f]{40})$/.test(action))).toEqual([])
    const secrets = Array.from(text.matchAll(/secrets\.(\w+)/g), ([, name]) => name)
    expect(secrets.filter((name) => name !== "GITHUB_TOKEN")).toEqual([])
  })

  it("has no default permissions, or only read access", () => {
    expect(text).toMatch(/^permissions: ?(?:\{\}|\n {2}contents: read)\n/m)
  })

  it("runs only existing scripts", () => {
    const scripts = Array.from(text.matchAll(/npm run (?:--silent )?([\w:]+)/g), ([, name = ""]) => name)
    expect(scripts.filter((name) => manifest.scripts[name] === undefined)).toEqual([])
  })
})

describe("CI", () => {
  const ci = read(".github/workflows/ci.yml")

  it("runs .ci/run on the Node.js versions that the runtime tests use, from the minimum in package.json", () => {
    const majors = runtimes.flatMap(({ name }) => (name.startsWith("Node ") ? [name.slice("Node ".length)] : []))
    expect(ci).toContain(`node: [${majors.join(", ")}]`)
    expect(manifest.engines.node).toBe(`>=${majors[0]}`)
    expect(ci).toContain("run: .ci/run")
    expect(ci).toContain("run: npm run test:runtimes")
  })

  it("runs every test command of package.json", () => {
    const commands = read(".ci/run") + ci
    const tests = Object.keys(manifest.scripts).filter((name) => /^test(?::|$)/.test(name))
    const isRun = (name: string) => new RegExp(`npm (?:run )?${name}(?![\\w:])`).test(commands)
    expect(tests.length).toBeGreaterThan(8)
    expect(tests.filter((name) => !isRun(name))).toEqual([])
  })
})

describe("the lock files", () => {
  it.each(lockFiles())("contain no registry URL: %s", (path) => {
    expect(read(path)).not.toContain('"resolved": "http')
  })

  it.each(lockFiles())("have a hash for every package, those of other platforms included: %s", (path) => {
    expect(entriesWithoutHash(JSON.parse(read(path))), "run npm run lock:hashes").toEqual([])
  })
})

describe("a release", () => {
  const changelog = "# Changelog\n\n## 0.2.0\n\n- Something new.\n\n## 0.1.0\n\nThe first version.\n"
  const repository = { type: "git", url: "git+https://github.com/someone/something.git" }

  it("fails when package.json has no repository, or the changelog has no section for the version", () => {
    expect(problemsOf({ version: "0.2.0", repository, changelog }, "someone/something")).toEqual([])
    const [from] = problemsOf({ version: "0.2.0", repository: undefined, changelog }, "someone/something")
    expect(from).toContain('"url": "git+https://github.com/someone/something.git"')
    expect(problemsOf({ version: "0.2.0", repository, changelog }, "someone/else")).toHaveLength(1)
    expect(problemsOf({ version: "0.3.0", repository, changelog }, "someone/something")).toEqual([
      "CHANGELOG.md has no section for 0.3.0"
    ])
  })

  it("has a README whose relative links start at the root, where npm resolves them with the repository", () => {
    const links = linksOf(read("README.md")).filter((link) => !/^(?:https?:|#)/.test(link))
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter((link) => /^[./]/.test(link))).toEqual([])
    expect(problemsOf({ version: "0.2.0", repository: undefined, changelog }, "a/b")[0]).toContain("relative links")
  })

  it("uses its section of the changelog as release notes", () => {
    expect(notesOf(changelog, "0.2.0")).toBe("- Something new.")
    expect(notesOf(changelog, "0.1.0")).toBe("The first version.")
    expect(notesOf(read("CHANGELOG.md"), manifest.version)).toBeDefined()
  })

  it("is published with provenance", () => {
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true })
  })
})
