/**
 * The command: its output, its exit codes, and the requests that the provider receives. It runs as a process where a
 * test is about pipes, signals or what is loaded; elsewhere it runs in the process of the tests, which is faster.
 */
import type { ChildProcess } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { type SimulatedReply, type SimulatedRequest, Simulator } from "llm-connectivity/testing"
import { bundled, type RunOptions, runCommand, runInProcess } from "../support/command.js"
import { shared } from "../support/shared.js"

// Some tests start many processes, which a busy machine runs one after the other.
const slow = { timeout: 120_000 }

class Command extends Context.Tag("test/Command")<Command, string>() {}

const hour = "1 hour"

/** The reply, by a word of the prompt. */
const replies: { readonly [word: string]: SimulatedReply } = {
  AuthenticationError: { error: "authentication" },
  RateLimitError: { error: { kind: "rateLimit", retryAfter: hour } },
  NetworkError: { fault: { type: "reset", afterChunks: 2 } },
  colourful: { content: "\u001b[31mred\u001b[0m" },
  endless: { fault: { type: "endlessStream" }, pace: 20 }
}

const script = ({ body }: SimulatedRequest): SimulatedReply | undefined => {
  const text = JSON.stringify(body)
  return Object.entries(replies).find(([word]) => text.includes(word))?.[1]
}

const services = Layer.merge(Layer.scoped(Command, bundled), Simulator.layer({ pace: 0, script }))

const within = shared(services)

/** Runs the command as a process, against the Simulator. */
const runProcess = (args: ReadonlyArray<string>, options: RunOptions = {}) =>
  within(
    Effect.gen(function* () {
      const { environment } = yield* Simulator
      return yield* runCommand(yield* Command, args, { ...options, env: { ...environment, ...options.env } })
    })
  )

/** Runs the command as a process, without the environment variables of the Simulator. */
const runBareProcess = (args: ReadonlyArray<string>, options?: RunOptions) =>
  within(Effect.flatMap(Command, (path) => runCommand(path, args, options)))

/** Runs the command in this process, against the Simulator. */
const run = (args: ReadonlyArray<string>, env: RunOptions["env"] = {}) =>
  within(Effect.flatMap(Simulator, ({ environment }) => runInProcess(args, { ...environment, ...env })))

/** Runs the command in this process, without the environment variables of the Simulator. */
const runBare = runInProcess

const lines = (text: string) => text.trimEnd().split("\n")
const objects = (text: string) => lines(text).map((line) => JSON.parse(line))

const lastRequest = (word: string) =>
  Effect.map(within(Simulator.requests), (all) => all.findLast(({ body }) => JSON.stringify(body).includes(word)))

describe("chat", slow, () => {
  it.live(
    "writes the response to the standard output and statistics to the standard error, both without escape codes",
    () =>
      Effect.gen(function* () {
        const { code, stdout, stderr } = yield* runProcess([
          "chat",
          "Count to 3 in words",
          "--stats",
          "-m",
          "openai/gpt-4o-mini"
        ])
        expect([code, stdout]).toEqual([0, "One, two, three.\n"])
        expect(stderr).toMatch(
          /^openai\/gpt-4o-mini · first token after .* s · .* s in total · \d+ \+ 6 tokens · .*\$0\.0000\d+ · stop\n$/
        )
        expect(stderr).not.toContain("\u001b")
      })
  )

  it.live("writes one JSON object per line, the last with the complete response", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* run(["chat", "--json", "Count to 3 in words"])
      const lines = objects(stdout)
      const chunks = lines.filter(({ type }) => type === "chunk")
      expect([code, stderr]).toEqual([0, ""])
      expect(chunks.map(({ content }) => content).join("")).toBe("One, two, three.")
      expect(lines.at(-1)).toMatchObject({
        type: "response",
        content: "One, two, three.",
        finishReason: "stop",
        provider: "openai"
      })
      expect(chunks).toHaveLength(lines.length - 1)
    })
  )

  it.live("reports an error by its exit code, one line on the standard error and one line of JSON", () =>
    Effect.gen(function* () {
      const names = Object.keys(replies).filter((name) => name.endsWith("Error"))
      const ended = yield* Effect.forEach(names, (name) => run(["chat", "--json", `${name} please`]))
      const codes = ended.map(({ code, stdout, stderr }, index) => {
        expect(lines(stderr)).toHaveLength(1)
        expect(stderr).toMatch(/^llm-connectivity: .*openai\/gpt-4o-mini .*\n$/)
        expect(objects(stdout).at(-1)).toMatchObject({ type: "error", error: names[index], provider: "openai" })
        return code
      })
      expect(codes).toEqual([3, 5, 6])
    })
  )

  it.live("names the variable to set if a model has no key", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* runBare(["chat", "-m", "anthropic/claude-haiku-4-5", "Hi"])
      expect([code, stdout]).toEqual([3, ""])
      expect(stderr).toBe(
        'llm-connectivity: not configured yet: set ANTHROPIC_API_KEY to your API key, or run "npx llm-connectivity simulate" to try without one\n'
      )
    })
  )

  it.live("uses a simulated model, and says so, if no key is set and no model is given", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* runBare(["chat", "Say", "hello"])
      expect([code, stdout]).toEqual([0, "Hello!\n"])
      expect(stderr).toBe("Using a simulated model; set OPENAI_API_KEY (or see --help) to use a real one.\n")
    })
  )

  it.live("uses the model of LLM_MODEL, or else the first provider whose key is set", () =>
    Effect.gen(function* () {
      const { environment } = yield* within(Simulator)
      const { ANTHROPIC_API_KEY = "", ANTHROPIC_BASE_URL = "" } = environment
      const anthropic = { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY: "" }
      const [first, named] = yield* Effect.all(
        [
          runBare(["chat", "--json", "Hi"], anthropic),
          run(["chat", "--json", "Hi"], { LLM_MODEL: "groq/llama-3.3-70b-versatile" })
        ],
        { concurrency: 2 }
      )
      expect(objects(first.stdout).at(-1)).toMatchObject({ provider: "anthropic", model: "claude-haiku-4-5" })
      expect(objects(named.stdout).at(-1)).toMatchObject({ provider: "groq", model: "llama-3.3-70b-versatile" })
    })
  )

  it.live("sends files and piped input before the prompt", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      writeFileSync(join(folder, "notes.txt"), "Ferry at nine.\n")
      writeFileSync(join(folder, "dot.png"), Uint8Array.of(1, 2, 3))
      const files = ["-f", join(folder, "notes.txt"), "-f", join(folder, "dot.png")]
      const settings = ["--system", "Be brief", "--max-tokens", "20", "-t", "0.5"]
      yield* runProcess(["chat", ...files, ...settings, "When does the ferry leave?"], { input: "Harbour news\n" })
      expect((yield* lastRequest("ferry"))?.body).toMatchObject({
        temperature: 0.5,
        messages: [
          { role: "system", content: "Be brief" },
          {
            role: "user",
            content: [
              { type: "text", text: '<file name="notes.txt">\nFerry at nine.\n</file>\n\n' },
              { type: "image_url", image_url: { url: "data:image/png;base64,AQID" } },
              { type: "text", text: "<input>\nHarbour news\n</input>\n\n" },
              { type: "text", text: "When does the ferry leave?" }
            ]
          }
        ]
      })
    }).pipe(Effect.scoped)
  )

  it.live("uses piped input as the prompt if there is none, and rejects input that is not text", () =>
    Effect.gen(function* () {
      const [piped, binary, empty] = yield* Effect.all(
        [
          runProcess(["chat"], { input: "Say goodbye\n" }),
          runProcess(["chat", "Hi"], { input: Uint8Array.of(0xff, 0xfe) }),
          runProcess(["chat"], { input: " \n" })
        ],
        { concurrency: 3 }
      )
      expect(piped.stdout).toBe("Goodbye!\n")
      expect([binary.code, binary.stderr.includes("the standard input is neither text")]).toEqual([2, true])
      expect([empty.code, empty.stderr.includes("no prompt")]).toEqual([2, true])
    })
  )

  it.live("falls back to the next model if the first fails, and says so", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* run(
        ["chat", "-m", "openai/gpt-4o-mini", "--fallback", "anthropic/claude-haiku-4-5", "Say hello"],
        { OPENAI_API_KEY: "wrong" }
      )
      expect([code, stdout]).toEqual([0, "Hello!\n"])
      expect(stderr).toBe("(fell back from openai/gpt-4o-mini to anthropic/claude-haiku-4-5)\n")
    })
  )

  it.live("writes the response unchanged into a pipe", () =>
    Effect.map(runProcess(["chat", "colourful"]), ({ stdout }) => expect(stdout).toBe("\u001b[31mred\u001b[0m\n"))
  )

  it.live(
    "stops the response on SIGINT, on SIGTERM and when the reader of its output leaves, each with its exit code",
    () =>
      Effect.gen(function* () {
        const endings = {
          SIGINT: [130, (child) => child.kill("SIGINT")],
          SIGTERM: [143, (child) => child.kill("SIGTERM")],
          reader: [0, (child) => child.stdout?.destroy()]
        } satisfies { readonly [how: string]: readonly [number, RunOptions["onOutput"]] }
        for (const [how, [expected, onOutput]] of Object.entries(endings)) {
          const { code, stderr } = yield* runProcess(["chat", `endless ${how}`], {
            onOutput: (child, stdout) => {
              if (stdout !== "") onOutput(child)
            }
          })
          expect([how, code, stderr]).toEqual([how, expected, ""])
          const request = yield* lastRequest(`endless ${how}`)
          expect((yield* request?.closed ?? Effect.die("no request")).closedBy).toBe("caller")
        }
      })
  )

  it.live("says on Node 18 which version it needs, before it loads anything else", () =>
    Effect.gen(function* () {
      const env = {
        NODE_OPTIONS: "--import=data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'18.20.8'}})"
      }
      const { code, stdout, stderr } = yield* runBareProcess(["--help"], { env })
      expect([code, stdout]).toEqual([1, ""])
      expect(stderr).toBe("llm-connectivity: Node 18.20.8 is too old; install Node 20 or newer\n")
    })
  )

  it.live.skipIf(!existsSync("/dev/full"))("fails if it cannot write its output", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* Effect.flatMap(within(Command), (path) =>
        runCommand("-e", [
          `const{spawnSync}=require("node:child_process"),{openSync}=require("node:fs");
           const{status,stderr}=spawnSync(process.execPath,[${JSON.stringify(path)},"models"],{stdio:["ignore",openSync("/dev/full","w"),"pipe"]});
           process.stderr.write(stderr);process.exit(status)`
        ])
      )
      expect([code, stderr]).toEqual([1, "llm-connectivity: cannot write to the standard output: ENOSPC\n"])
    })
  )
})

describe("models, tokens and cost", slow, () => {
  it.live("need no key, and write text or JSON", () =>
    Effect.gen(function* () {
      const [models, listed, tokens, counted, cost, given] = yield* Effect.all(
        [
          runBare(["models", "gpt-4o-mini", "--can", "tools", "-p", "openai"]),
          runBare(["models", "-p", "anthropic", "--reads", "pdf", "--json"]),
          runBareProcess(["tokens", "-m", "openai/gpt-4o", "Hello world"]),
          runBareProcess(["tokens", "--json", "-m", "anthropic/claude-haiku-4-5"], { input: "Hello world" }),
          runBareProcess(["cost", "-m", "openai/gpt-4o-mini", "--max-tokens", "1000", "Hello world", "--json"]),
          runBare(["cost", "-m", "openai/gpt-4o-mini", "-m", "openai/gpt-4o", "--input-tokens", "1000000"])
        ],
        { concurrency: 3 }
      )
      expect(lines(models.stdout)[0]).toMatch(/^model +input +output +context +max output +cached +can +reads$/)
      expect(lines(models.stdout)[1]).toMatch(
        /^openai\/gpt-4o-mini +\$0\.15 +\$0\.60 +128,000 +16,384 +\$0\.075 +tools, /
      )
      for (const info of objects(listed.stdout)) expect(info).toMatchObject({ provider: "anthropic", prices: {} })
      expect(tokens.stdout).toBe("2 tokens for openai/gpt-4o (exact)\n")
      expect(objects(counted.stdout)).toEqual([{ tokens: 2, isExact: false, model: "anthropic/claude-haiku-4-5" }])
      expect(objects(cost.stdout)).toEqual([
        { model: "openai/gpt-4o-mini", inputTokens: 9, isExact: true, least: 0.00000135, most: 0.00060135 }
      ])
      expect(given.stdout).toBe("model                cost\nopenai/gpt-4o-mini  $0.15\nopenai/gpt-4o       $2.50\n")
      expect(
        [models, listed, tokens, counted, cost, given].map(({ code, stderr }) => `${code}${stderr}`).join("")
      ).toBe("000000")
    })
  )

  it.live("find models by whole words: mini is neither in Gemini nor in MiniMax", () =>
    Effect.gen(function* () {
      const idsOf = (...words: ReadonlyArray<string>) =>
        Effect.map(runBare(["models", "--json", ...words]), ({ stdout }) =>
          objects(stdout).map(({ provider, model }) => `${provider}/${model}`)
        )
      const minis = yield* idsOf("--can", "tools", "MINI")
      expect(minis).toContain("openai/gpt-4o-mini")
      expect(minis.filter((id) => /gemini|minimax|ministral/i.test(id))).toEqual([])
      expect(yield* idsOf("gpt-5.4", "nano")).toContain("openai/gpt-5.4-nano")
      // A digit ends a word too.
      expect((yield* idsOf("qwen")).some((id) => /qwen\d/i.test(id))).toBe(true)
      expect(yield* idsOf("gemini", "pro")).toContain("google/gemini-2.5-pro")
    })
  )

  it.live("let the provider count with --ask, and fail for unknown prices instead of guessing", () =>
    Effect.gen(function* () {
      const [counted, unknown, none] = yield* Effect.all(
        [
          run(["tokens", "--ask", "-m", "anthropic/claude-haiku-4-5", "Hello world"]),
          runBare(["cost", "-m", "openai/gpt-99", "Hi"]),
          runBare(["models", "no-such-thing"])
        ],
        { concurrency: 3 }
      )
      expect(counted.stdout).toMatch(/^\d+ tokens for anthropic\/claude-haiku-4-5 \(/)
      expect([unknown.code, none.code]).toEqual([7, 7])
      expect(unknown.stderr).toContain("the prices of openai/gpt-99 are not known")
    })
  )
})

/** Waits until a process has written a text to its standard error. */
const waitForStderr = (child: ChildProcess, expected: string): Promise<void> =>
  new Promise((resolve) => {
    let written = ""
    child.stderr?.on("data", (text) => {
      written += text
      if (written.includes(expected)) resolve()
    })
  })

describe("simulate", slow, () => {
  it.live("and cost reject options that would do nothing", () =>
    Effect.gen(function* () {
      const wrong: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
        [["simulate", "--retry-after", "2s"], "--retry-after needs an --error"],
        [["simulate", "--error", "server", "--after", "5"], "--after needs a --fault"],
        [["simulate", "--delay", "5s"], "--delay needs a --fault"],
        [["simulate", "--first", "2"], "--first needs an --error or a --fault"],
        [["simulate", "--every", "3"], "--every needs an --error or a --fault"],
        [["cost", "--input-tokens", "5", "--max-tokens", "9"], "--max-tokens is for a prompt"]
      ]
      const ended = yield* Effect.forEach(wrong, ([args]) => runBare(args), { concurrency: 3 })
      expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(
        wrong.map(([, message]) => [2, expect.stringContaining(message)])
      )
    })
  )

  it.live("prints variables to paste, fails as its options say, and logs requests without their prompts", () =>
    Effect.gen(function* () {
      const path = yield* within(Command)
      const faults = ["--error", "authentication", "--first", "1"]
      let statuses: Promise<ReadonlyArray<number>> | undefined
      const { code, stdout, stderr } = yield* runCommand(path, ["simulate", "--pace", "0", ...faults], {
        onOutput: (child, text) => {
          if (!text.includes("GROQ_BASE_URL=")) return
          // The log may come after the response.
          statuses ??= Promise.all([requestTwice(text), waitForStderr(child, "(authentication)")])
            .then(([both]) => both)
            .finally(() => child.kill("SIGINT"))
        }
      })
      expect(code).toBe(130)
      expect(yield* Effect.promise(() => statuses ?? Promise.reject(new Error("never started")))).toEqual([401, 200])
      expect(stdout).toMatch(/^(?:export [A-Z_]+=\S+\n)+$/)
      expect(stderr).toMatch(/POST \/v1\/chat\/completions gpt-4o-mini → 0 chunks, .* \(authentication\)\n/)
      expect(stderr).not.toContain("a secret plan")
    })
  )
})

describe("help and version", slow, () => {
  it.live("print without loading anything else", () =>
    Effect.gen(function* () {
      const path = yield* within(Command)
      const [help, version, chatHelp] = yield* Effect.all(
        [runBareProcess(["--help"]), runBareProcess(["--version"]), runBareProcess(["chat", "--help"])],
        { concurrency: 3 }
      )
      expect(lines(help.stdout).every((line) => line.length <= 80)).toBe(true)
      expect(version.stdout.trim()).toBe(JSON.parse(readFileSync("package.json", "utf8")).version)
      expect(chatHelp.stdout).toContain("--max-tokens <n>")
      expect(staticImportsOf(path).join("")).not.toMatch(/Fiber|Schema/)
    })
  )
})

/** Sends two requests, one after the other, to the Simulator whose variables were printed. */
const requestTwice = async (printed: string): Promise<ReadonlyArray<number>> => {
  const [, url] = /OPENAI_BASE_URL=(\S+)/.exec(printed) ?? []
  const [, key] = /OPENAI_API_KEY=(\S+)/.exec(printed) ?? []
  const statuses: Array<number> = []
  for (let index = 0; index < 2; index++) {
    const response = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "a secret plan" }] })
    })
    statuses.push(response.status)
    await response.text()
  }
  return statuses
}

/** The sources of a file and of everything that it imports statically. */
const staticImportsOf = (path: string, seen = new Set<string>()): ReadonlyArray<string> => {
  if (seen.has(path)) return []
  seen.add(path)
  const text = readFileSync(path, "utf8")
  const imported = [...text.matchAll(/(?:from|import)"(\.[^"]+)"/g)].map(([, file = ""]) => join(dirname(path), file))
  return [text, ...imported.flatMap((each) => staticImportsOf(each, seen))]
}

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "llm-connectivity-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

describe("batch", slow, () => {
  it.live("submits requests once, asks the provider that got them, and writes one result per request", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "llm-batch-"))
      const file = join(folder, "requests.jsonl")
      const request = { messages: [{ role: "user", content: "Count to 3 in words" }] }
      writeFileSync(
        file,
        `${JSON.stringify({ id: "a", prompt: "Count to 3 in words" })}\n${JSON.stringify({ id: "b", request })}\n`
      )
      const command = (...args: ReadonlyArray<string>) => run(["batch", ...args, "--store", join(folder, "store")])
      const submit = command("submit", "counts", "-f", file, "-m", "anthropic/claude-haiku-4-5")
      const submitted = yield* submit
      expect([submitted.code, submitted.stderr]).toEqual([
        0,
        "submitted 2 requests; next: npx llm-connectivity batch results counts\n"
      ])
      expect((yield* submit).stdout).toBe(submitted.stdout)
      const [status] = objects((yield* command("status", "counts")).stdout)
      expect(status).toMatchObject({ counts: { total: 2 } })
      // The standard input is not read, which a program that starts this one may leave open.
      const withFile = ["batch", "results", "counts", "--store", join(folder, "store"), "-f", file, "--every", "10ms"]
      expect((yield* runProcess(withFile, { input: "no request" })).code).toBe(0)
      const results = objects((yield* command("results", "counts", "--every", "10ms")).stdout)
      expect(results.map(({ id, content }) => [id, content]).sort()).toEqual([
        ["a", "One, two, three."],
        ["b", "One, two, three."]
      ])
      expect(objects((yield* command("cancel", "counts")).stdout)).toMatchObject([{ state: "ended" }])
      expect((yield* command("status", "other")).code).toBe(2)
      rmSync(folder, { recursive: true })
    })
  )

  it.live("says what is wrong with its arguments and lines", () =>
    Effect.gen(function* () {
      expect((yield* run(["batch"])).stderr).toBe(
        "llm-connectivity: batch needs an action; write one of submit, status, results, cancel\n"
      )
      expect((yield* run(["batch", "sumbit", "a"])).stderr).toMatch(/no action sumbit.*submit/)
      const wrong = yield* runProcess(["batch", "submit", "a"], { input: '{"id":"a"}\n' })
      expect([wrong.code, wrong.stderr]).toEqual([
        2,
        'llm-connectivity: line 1 is no {"id", "prompt"} or {"id", "request"}; correct it\n'
      ])
    })
  )
})
