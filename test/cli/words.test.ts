/** Argument parsing, its error messages, the help pages and the exit codes. */
import { describe, expect, it } from "@effect/vitest"
import { ConfigError, Effect, Either } from "effect"
import * as Library from "llm-connectivity"
import { parseArguments } from "../../src/cli/Arguments.js"
import { exitCodes, toCommandError } from "../../src/cli/CommandError.js"
import { chat } from "../../src/cli/chat/command.js"
import * as Options from "../../src/cli/Options.js"
import { overview, summaries } from "../../src/cli/overview.js"
import { commands, run } from "../../src/cli/run.js"
import { linesToPaste, shellOf } from "../../src/cli/simulate.js"

const usageErrorOf = (...args: ReadonlyArray<string>) =>
  Effect.map(Effect.flip(run(args)), ({ message, exitCode }) => {
    expect(exitCode).toBe(exitCodes.usage)
    expect(message).not.toContain("\n")
    return message
  })

const usageErrors: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: string]> = [
  [["chta"], "unknown command chta; did you mean chat?"],
  [["frobnicate"], "unknown command frobnicate (commands: chat, models, tokens, cost, batch, serve, simulate)"],
  [
    ["What is Effect?"],
    'to send a prompt, write: llm-connectivity chat "…" (commands: chat, models, tokens, cost, batch, serve, simulate)'
  ],
  [["--modle", "x"], "--modle must follow a command, such as chat"],
  [["chat", "--modle", "x", "hi"], "unknown option --modle; did you mean --model?"],
  [["chat", "--temp", "1", "hi"], "unknown option --temp; did you mean --temperature?"],
  [["chat", "hi", "--wizard"], "unknown option --wizard"],
  [["chat", "hi", "--log-level=all"], "unknown option --log-level"],
  [["chat", "hi", "--model"], "--model needs a value: --model <provider/model>"],
  [["chat", "--model=", "hi"], "--model needs a value: --model <provider/model>"],
  [
    ["chat", "--system", "--json", "hi"],
    "--system needs a value before --json (if that is the value, write --system=…)"
  ],
  [["chat", "--json=yes", "hi"], "--json takes no value"],
  [["chat", "-m", "a/b", "--model", "c/d", "hi"], "--model is given twice"],
  [["chat", "--max-tokens", "many", "hi"], "--max-tokens must be a whole number of at least 1"],
  [["chat", "--max-tokens", "0", "hi"], "--max-tokens must be a whole number of at least 1"],
  [["chat", "--temperature", "-1", "hi"], "--temperature must be a number from 0 to 2"],
  [["simulate", "--pace", "soon"], "--pace must be a duration such as 200ms, 2s or 1m"],
  [["simulate", "--port", "65536"], "--port must be a whole number from 0 to 65535"],
  [["simulate", "now"], 'simulate takes no arguments besides its options; remove "now"'],
  [["models", "--reads", "minds"], "--reads must be one of image, pdf, audio, video"],
  [["cost", "--cache-read-tokens", "5"], "--cache-read-tokens must not exceed --input-tokens, which include them"],
  [["models", "-p", "opnai"], "the catalog has no models of opnai; did you mean openai?"],
  [["tokens", "-m", "antropic/x", "hi"], 'unknown provider "antropic"; did you mean anthropic?'],
  [["tokens", "-f", "/nowhere/at-all", "hi"], "cannot read /nowhere/at-all: no such file"],
  [["help", "chta"], "unknown command chta; did you mean chat?"]
]

describe("a wrong command line", () => {
  for (const [args, message] of usageErrors) {
    it.effect(`fails with one line that names the error: llm-connectivity ${args.join(" ")}`, () =>
      Effect.map(usageErrorOf(...args), (actual) => expect(actual).toBe(message))
    )
  }

  it.effect("names the variable for an API key, and does not repeat the key's value", () =>
    Effect.gen(function* () {
      for (const option of ["--api-key", "--apikey", "--openai-api-key", "--key", "--token", "--API_KEY"]) {
        for (const args of [[option, "sk-secret"], [`${option}=sk-secret`]]) {
          const message = yield* usageErrorOf("chat", "hi", ...args)
          expect(message).toContain("set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY")
          expect(message).not.toContain("sk-secret")
        }
      }
      expect(yield* usageErrorOf("chat", "--sytem=secret", "hi")).not.toContain("secret")
    })
  )
})

const options = {
  model: Options.text({ name: "model", short: "m", value: "text", help: "" }),
  files: Options.texts({ name: "file", short: "f", value: "path", help: "" }),
  json: Options.flag({ name: "json", help: "" })
}

const parse = (...args: ReadonlyArray<string>) => Either.getOrThrow(parseArguments(args, options))

describe("a command line", () => {
  it("may have its options anywhere, in every common way of writing", () => {
    for (const args of [
      ["-m", "x", "-f", "a", "-f", "b", "--json", "yes"],
      ["yes", "--model=x", "--file=a", "--json", "--file", "b"],
      ["-mx", "-fa", "--json", "yes", "-f", "b"]
    ]) {
      expect(parse(...args)).toEqual({
        wantsHelp: false,
        values: { model: "x", files: ["a", "b"], json: true },
        operands: ["yes"]
      })
    }
  })

  it("has undefined, an empty list or false for options that are absent", () => {
    expect(parse()).toEqual({ wantsHelp: false, values: { model: undefined, files: [], json: false }, operands: [] })
  })

  it("keeps everything after -- as operands", () => {
    expect(parse("--json", "--", "--model", "-h")).toMatchObject({ operands: ["--model", "-h"] })
  })

  it("keeps a value that begins with a dash where it is written with =", () => {
    expect(parse("--model=-x", "--file=--y")).toMatchObject({ values: { model: "-x", files: ["--y"] } })
  })

  it("requests help wherever --help stands", () => {
    for (const args of [["--help"], ["hi", "-h"], ["--json", "--bogus", "--help", "--model"]]) {
      expect(parse(...args)).toEqual({ wantsHelp: true })
    }
  })
})

describe("the help pages", () => {
  it("list every command, and explain every option in words", async () => {
    expect(Object.keys(commands)).toEqual(Object.keys(summaries))
    for (const [name, load] of Object.entries(commands)) {
      const { page, ...command } = await load()
      expect(command.name).toBe(name)
      expect(page.sections.find(({ title }) => title === "Examples")?.rows.length).toBeGreaterThan(0)
      for (const [option, meaning] of page.sections.find(({ title }) => title === "Options")?.rows ?? []) {
        expect([option, meaning.length > 10]).toEqual([option, true])
      }
    }
    expect(chat.page.sections[0]?.rows[0]).toEqual([
      "-m, --model <provider/model>",
      "The model. Default: LLM_MODEL, or else the first of OpenAI, Anthropic and Google whose key is set"
    ])
  })
})

describe("an error", () => {
  const fields = { provider: "openai", model: "gpt-4o-mini", message: "one line", requestId: "req_1" }
  const failures = [
    new Library.AuthenticationError(fields),
    new Library.InsufficientCreditsError(fields),
    new Library.RateLimitError({ ...fields, reason: "RateLimit" }),
    new Library.NetworkError({ ...fields, reason: "Truncated" }),
    new Library.ModelNotFoundError(fields),
    new Library.ContextWindowExceededError(fields),
    new Library.ValidationError(fields),
    new Library.ProviderError(fields)
  ]

  it("has its own exit code, which the overview explains", () => {
    const codes = failures.map((failure) => toCommandError(failure).exitCode)
    expect(codes).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
    const rows = overview.sections.find(({ title }) => title === "Exit codes")?.rows ?? []
    const explained = rows.flatMap(([numbers]) => numbers.split(", ").map(Number))
    for (const code of [...codes, 0, 1, 2, 130, 143]) expect(explained).toContain(code)
  })

  it("is one line, with the provider's request id", () => {
    for (const failure of failures) expect(toCommandError(failure).message).toBe("one line (request req_1)")
  })

  it("of the configuration names the variables, but not their values", () => {
    const empty = ConfigError.MissingData(["XAI_API_KEY"], "XAI_API_KEY is empty; set XAI_API_KEY to your API key")
    expect(toCommandError(empty).message).toBe(`not configured yet: ${empty.message}`)
    const missing = ConfigError.MissingData(["GROQ_API_KEY"], "set GROQ_API_KEY to your API key")
    const wrong = ConfigError.InvalidData(["GROQ_BASE_URL"], "expected a URL, got secret")
    expect(toCommandError(ConfigError.And(missing, wrong))).toMatchObject({
      exitCode: 3,
      message: "not configured yet: set GROQ_API_KEY to your API key; GROQ_BASE_URL has an invalid value"
    })
  })
})

describe("the variables that simulate prints", () => {
  const variables = { OPENAI_API_KEY: "sk-simulated", OPENAI_BASE_URL: "http://127.0.0.1:8080/v1" }

  it.each([
    ["win32", {}, '$env:OPENAI_API_KEY = "sk-simulated"\n$env:OPENAI_BASE_URL = "http://127.0.0.1:8080/v1"'],
    ["win32", { SHELL: "/usr/bin/bash" }, undefined],
    ["linux", {}, undefined],
    ["darwin", { SHELL: "/bin/zsh" }, undefined]
  ] as const)("can be pasted into the shell of the user: %s, %o", (platform, environment, inPowerShell) => {
    expect(linesToPaste(variables, shellOf(platform, environment))).toBe(
      inPowerShell ?? "export OPENAI_API_KEY=sk-simulated\nexport OPENAI_BASE_URL=http://127.0.0.1:8080/v1"
    )
  })
})
