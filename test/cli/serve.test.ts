/** The command `serve` as a process, with a Simulator as the providers. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { Simulator } from "llm-connectivity/testing"
import OpenAI from "openai"
import { parseConfig } from "../../src/cli/serve/GatewayConfig.js"
import { bundled, runCommand, runInProcess } from "../support/command.js"
import { shared } from "../support/shared.js"

class Command extends Context.Tag("test/Command")<Command, string>() {}

const within = shared(Layer.merge(Layer.scoped(Command, bundled), Simulator.layer({ pace: 0 })))

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "gateway-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

interface Environment {
  readonly [name: string]: string
}

/** The path of a file with a configuration. */
const written = (config: unknown) =>
  Effect.map(folder, (path) => {
    const file = join(path, "gateway.json")
    writeFileSync(file, JSON.stringify(config))
    return file
  })

/** Runs the command with a file that it rejects. */
const rejecting = (config: unknown, env: Environment = {}) =>
  Effect.scoped(
    Effect.flatMap(written(config), (path) => runInProcess(["serve", "--config", path, "--port", "0"], env))
  )

/** Runs the command as a process with a file, uses the server with `use`, and stops it. */
const serving = (config: unknown, use: (url: string) => Promise<void>, env: Environment = {}) =>
  within(
    Effect.gen(function* () {
      const { environment } = yield* Simulator
      const path = yield* written(config)
      let using: Promise<void> | undefined
      const ran = yield* runCommand(yield* Command, ["serve", "--config", path, "--port", "0"], {
        env: { ...environment, ...env },
        onOutput: (child, _, stderr) => {
          const [, url] = /OPENAI_BASE_URL=(\S+) .*\n/.exec(stderr) ?? []
          if (url !== undefined) using ??= use(url).finally(() => child.kill("SIGINT"))
        }
      })
      yield* Effect.promise(() => using ?? Promise.resolve())
      return ran
    })
  ).pipe(Effect.scoped)

const messages = [{ role: "user" as const, content: "Count to 5 with words" }]
const key = "a-long-key-of-ada"
const callers = [{ name: "ada", keyVariable: "ADA_KEY" }]

describe("serve", () => {
  it.live("serves the models of a file to the callers whose keys are in variables", () =>
    Effect.gen(function* () {
      const config = {
        models: {
          fast: "anthropic/claude-haiku-4-5",
          smart: { model: "openai/gpt-5", fallback: ["google/gemini-2.5-flash"] }
        },
        callers,
        budget: { callers: 5, per: "day" }
      }
      const use = async (baseURL: string) => {
        const client = new OpenAI({ apiKey: key, baseURL, maxRetries: 0 })
        for (const model of ["fast", "smart"]) {
          const { choices } = await client.chat.completions.create({ model, messages })
          expect(choices[0]?.message.content).toBe("One, two, three, four, five.")
        }
        const status = async (path: string, token: string) =>
          (await fetch(`${baseURL}/${path}`, { headers: { authorization: `Bearer ${token}` } })).status
        expect(await status("models", "another-key-of-ada")).toBe(401)
        expect(await status("nothing", key)).toBe(404)
      }
      const { code, stdout, stderr } = yield* serving(config, use, { ADA_KEY: key })
      expect([code, stdout]).toEqual([130, ""])
      expect(stderr).toContain("Serving fast, smart at http://127.0.0.1:")
      expect(stderr).not.toContain(key)
    })
  )

  it.live("serves programs of this machine without keys only if the file says so, and on loopback alone", () =>
    Effect.gen(function* () {
      const models = { fast: "anthropic/claude-haiku-4-5" }
      const use = async (baseURL: string) => expect((await fetch(`${baseURL}/models`)).status).toBe(200)
      expect(yield* serving({ models, allowAnyone: true }, use)).toMatchObject({ code: 130 })
      const refused = yield* rejecting({ models, allowAnyone: true, host: "0.0.0.0" })
      expect(refused).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("allowAnyone needs the host 127.0.0.1")
      })
      expect(yield* rejecting({ models })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("nobody may call")
      })
    })
  )

  it.live("stops with one line if a variable is missing, short or shared", () =>
    Effect.gen(function* () {
      const models = { fast: "anthropic/claude-haiku-4-5" }
      const missing = yield* rejecting({ models, callers })
      expect(missing).toMatchObject({ code: 3, stderr: "llm-connectivity: not configured yet: set ADA_KEY\n" })
      const short = yield* rejecting({ models, callers }, { ADA_KEY: "short-key" })
      expect(short).toMatchObject({ code: 2, stderr: expect.stringContaining("at least 16") })
      expect(short.stderr).not.toContain("short-key")
      const both = [...callers, { name: "eve", keyVariable: "EVE_KEY" }]
      const same = yield* rejecting({ models, callers: both }, { ADA_KEY: key, EVE_KEY: key })
      expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining("two callers have the same key") })
    })
  )
})

describe("the file", () => {
  const models = { fast: "openai/gpt-5" }
  const parse = (config: unknown) => parseConfig(JSON.stringify(config))

  it("says what is wrong, and never repeats a key that was written into it", () => {
    const wrong: ReadonlyArray<readonly [unknown, string]> = [
      [{ models: {}, allowAnyone: true }, "models is empty"],
      [{ models, callers, allowAnyone: true }, "allowAnyone makes callers useless"],
      [
        { models, callers: [{ name: "ada", keyVariable: "sk-proj-secret" }] },
        "callers[0].keyVariable must be the name"
      ],
      [{ models, callers: [{ name: "ada", key: "sk-proj-secret" }] }, "callers[0].key is not a field of the file"],
      [{ models: { fast: { modle: "openai/gpt-5" } }, callers }, "models.fast must be a model string"],
      [{ models, callers: [{ ...callers[0], models: ["slow"] }] }, 'may use "slow"'],
      [{ models, callers, limits: { concurrency: 0 } }, "limits.concurrency must be a whole number above 0"],
      [{ models, callers, budget: { total: -1 } }, "budget.total must be US dollars above 0"]
    ]
    for (const [config, problem] of wrong) {
      const parsed = parse(config)
      expect(parsed).toMatchObject({ left: expect.stringContaining(problem) })
      expect(JSON.stringify(parsed)).not.toContain("secret")
    }
    expect(parseConfig("{")).toMatchObject({ left: "it is not valid JSON" })
  })

  it("may have everything that the documentation shows", () => {
    const config = {
      models: { ...models, smart: { model: "openai/gpt-5", fallback: ["google/gemini-2.5-flash"] } },
      callers: [{ ...callers[0], models: ["fast"], limits: { concurrency: 4, requestsPerMinute: 60 } }],
      host: "0.0.0.0",
      port: 8080,
      limits: { concurrency: 16 },
      budget: { total: 100, callers: { ada: 5 }, per: "month" },
      maxRequestSize: 1_000_000
    }
    expect(parse(config)).toMatchObject({ right: config })
  })
})
