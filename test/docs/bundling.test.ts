/** The command of docs/bundling.md makes a bundle of the README's program that runs. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { snippetsOf } from "../../scripts/snippets.js"
import { Simulator } from "../../src/testing/index.js"
import { runCommand } from "../support/command.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

const snippet = (page: string, isIt: (mark: string) => boolean): string =>
  snippetsOf(page, readFileSync(join(root, page), "utf8")).find(({ mark }) => isIt(mark))?.text ?? ""

/** A folder in which the library and its dependencies resolve, until the scope closes. */
const project = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "bundling-"))
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: join(root, "tsconfig.json") }))
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

it.scoped("makes a bundle that runs, of the README's program", () =>
  Effect.gen(function* () {
    const folder = yield* project
    const { environment } = yield* Simulator
    yield* Simulator.script("One, two, three, four, five.")
    writeFileSync(
      join(folder, "hello.ts"),
      snippet("README.md", (mark) => mark.startsWith("prints"))
    )
    const command = snippet("docs/bundling.md", (mark) => mark === "bundles")
    yield* Effect.sync(() =>
      execFileSync("sh", ["-c", command.replace("npx esbuild", "node_modules/.bin/esbuild")], {
        cwd: folder,
        stdio: "pipe"
      })
    )
    // Outside the folder, so that a module which the bundle lacks is not found.
    rmSync(join(folder, "node_modules"))
    const ran = yield* runCommand(join(folder, "dist/hello.mjs"), [], { env: environment })
    expect(ran).toEqual({ code: 0, stdout: "One, two, three, four, five.\n", stderr: "" })
  }).pipe(Effect.provide(Simulator.layer()))
)
