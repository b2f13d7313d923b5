/** `npm test`: the checks of types, style and unused code beside the tests. All arguments are those of Vitest. */
import { type ChildProcess, spawn } from "node:child_process"

const isWindows = process.platform === "win32"

const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)))

const outputOf = (child: ChildProcess): Promise<string> => {
  const parts: Array<Buffer> = []
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part: Buffer) => parts.push(part))
  return ended(child).then(() => Buffer.concat(parts).toString())
}

// The types take one core for as long as the tests need both, and a core idles while tests wait for timers.
const check = spawn("npm", ["run", "--silent", "check"], { shell: isWindows })
const checked = Promise.all([ended(check), outputOf(check)])
const tested = ended(spawn("vitest", ["run", ...process.argv.slice(2)], { shell: isWindows, stdio: "inherit" }))

const [tests, [checks, output]] = await Promise.all([tested, checked])
// After the tests, where a failure is seen.
process.stdout.write(`\n${output}${checks === 0 ? "" : "\nThe checks failed: see above.\n"}`)
process.exitCode = tests === 0 ? checks : tests
