/** What the command says of words that are wrong, each time in one line that names them. */
import { describe, expect, it } from "@effect/vitest"
import { ConfigError, Effect, Either } from "effect"
import * as Library from "llm-connectivity"
import { sort } from "../../src/cli/Arguments.js"
import { chat } from "../../src/cli/chat/command.js"
import { commands } from "../../src/cli/commands.js"
import { overview, summaries } from "../../src/cli/overview.js"
import { exitCodes, problemOf } from "../../src/cli/Problem.js"
import { run } from "../../src/cli/run.js"

const complaintAbout = (...words: ReadonlyArray<string>) =>
  Effect.map(Effect.flip(run(words)), ({ message, exitCode }) => {
    expect(exitCode).toBe(exitCodes.usage)
    expect(message).not.toContain("\n")
    return message
  })

const complaints: ReadonlyArray<readonly [words: ReadonlyArray<string>, message: string]> = [
  [["chta"], "there is no command chta; did you mean chat?"],
  [["frobnicate"], "there is no command frobnicate (commands: chat, models, tokens, cost, simulate)"],
  [
    ["What is Effect?"],
    'to ask something, write: llm-connectivity chat "…" (commands: chat, models, tokens, cost, simulate)'
  ],
  [["--modle", "x"], "--modle must follow a command, such as chat"],
  [["chat", "--modle", "x", "hi"], "there is no option --modle; did you mean --model?"],
  [["chat", "--temp", "1", "hi"], "there is no option --temp; did you mean --temperature?"],
  [["chat", "hi", "--wizard"], "there is no option --wizard"],
  [["chat", "hi", "--log-level=all"], "there is no option --log-level"],
  [["chat", "hi", "--model"], "--model needs a value: --model <provider/model>"],
  [["chat", "--model=", "hi"], "--model needs a value: --model <provider/model>"],
  [
    ["chat", "--system", "--json", "hi"],
    "--system needs a value before --json (if that is the value, write --system=…)"
  ],
  [["chat", "--json=yes", "hi"], "--json takes no value"],
  [["chat", "-m", "a/b", "--model", "c/d", "hi"], "--model is given twice"],
  [["chat", "--max-tokens", "many", "hi"], "--max-tokens must be a whole number from 1 on"],
  [["chat", "--max-tokens", "0", "hi"], "--max-tokens must be a whole number from 1 on"],
  [["chat", "--temperature", "-1", "hi"], "--temperature must be a number from 0 to 2"],
  [["simulate", "--pace", "soon"], "--pace must be a time such as 200ms, 2s or 1m"],
  [["simulate", "--port", "65536"], "--port must be a whole number from 0 to 65535"],
  [["simulate", "now"], 'simulate has no use for "now"'],
  [["models", "--reads", "minds"], "--reads must be one of image, pdf, audio, video"],
  [["cost", "--cached-tokens", "5"], "--cached-tokens are some of --prompt-tokens, so they cannot be more"],
  [["models", "-p", "opnai"], "no models of opnai are listed; did you mean openai?"],
  [["tokens", "-m", "antropic/x", "hi"], 'no provider is called "antropic"; did you mean anthropic?'],
  [["tokens", "-f", "/nowhere/at-all", "hi"], "cannot read /nowhere/at-all: there is no such file"],
  [["help", "chta"], "there is no command chta; did you mean chat?"]
]

describe("a mistyped command line", () => {
  for (const [words, message] of complaints) {
    it.effect(`is told in a line: llm-connectivity ${words.join(" ")}`, () =>
      Effect.map(complaintAbout(...words), (complaint) => expect(complaint).toBe(message))
    )
  }

  it.effect("is told which variable holds a key, whose value is not repeated", () =>
    Effect.gen(function* () {
      for (const option of ["--api-key", "--apikey", "--openai-api-key", "--key", "--token", "--API_KEY"]) {
        for (const words of [[option, "sk-secret"], [`${option}=sk-secret`]]) {
          const message = yield* complaintAbout("chat", "hi", ...words)
          expect(message).toContain("set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY")
          expect(message).not.toContain("sk-secret")
        }
      }
      expect(yield* complaintAbout("chat", "--sytem=secret", "hi")).not.toContain("secret")
    })
  )
})

const switches = [
  { name: "model", letter: "m", value: "text", isRepeatable: false, help: "" },
  { name: "file", letter: "f", value: "path", isRepeatable: true, help: "" },
  { name: "json", letter: undefined, value: undefined, isRepeatable: false, help: "" }
]

describe("a command line", () => {
  it("may have its options anywhere, in every common way of writing", () => {
    const options = ["--model", "x", "--file", "a", "--file", "b", "--json", "true"]
    for (const words of [
      ["-m", "x", "-f", "a", "-f", "b", "--json", "yes"],
      ["yes", "--model=x", "--file=a", "--json", "--file", "b"],
      ["-mx", "-fa", "--json", "yes", "-f", "b"]
    ]) {
      const sorted = Either.getOrThrow(sort(words, switches))
      expect(sorted.operands).toEqual(["yes"])
      expect([...sorted.options].sort()).toEqual([...options].sort())
    }
  })

  it("takes all that follows -- as it is", () => {
    expect(Either.getOrThrow(sort(["--json", "--", "--model", "-h"], switches)).operands).toEqual(["--model", "-h"])
  })

  it("asks for help wherever --help stands", () => {
    for (const words of [["--help"], ["hi", "-h"], ["--json", "--bogus", "--help", "--model"]]) {
      expect(Either.getOrThrow(sort(words, switches)).asksForHelp).toBe(true)
    }
  })
})

describe("the pages", () => {
  it("list every command, and explain every option in words", () => {
    expect(commands.map(({ name }) => name)).toEqual(Object.keys(summaries))
    for (const { page } of commands) {
      expect(page.sections.find(({ title }) => title === "Examples")?.rows.length).toBeGreaterThan(0)
      for (const [option, meaning] of page.sections.find(({ title }) => title === "Options")?.rows ?? []) {
        expect([option, meaning.length > 10]).toEqual([option, true])
      }
    }
    expect(chat.page.sections[0]?.rows[0]).toEqual([
      "-m, --model <provider/model>",
      "Who answers. By default LLM_MODEL, or else the first of OpenAI, Anthropic and Google whose key is set"
    ])
  })
})

describe("a failure", () => {
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

  it("has a number of its own, which the page of the command explains", () => {
    const codes = failures.map((failure) => problemOf(failure).exitCode)
    expect(codes).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
    const rows = overview.sections.find(({ title }) => title === "Exit codes")?.rows ?? []
    const explained = rows.flatMap(([numbers]) => numbers.split(", ").map(Number))
    for (const code of [...codes, 0, 1, 2, 130, 143]) expect(explained).toContain(code)
  })

  it("is one line, which quotes the provider's id of the request", () => {
    for (const failure of failures) expect(problemOf(failure).message).toBe("one line (request req_1)")
  })

  it("of the configuration names what is missing, but no value", () => {
    const missing = ConfigError.MissingData(["GROQ_API_KEY"], "set GROQ_API_KEY to your API key")
    const wrong = ConfigError.InvalidData(["GROQ_BASE_URL"], "expected a URL, got secret")
    expect(problemOf(ConfigError.And(missing, wrong))).toMatchObject({
      exitCode: 3,
      message: "not configured yet: set GROQ_API_KEY to your API key; GROQ_BASE_URL cannot be used"
    })
  })
})
