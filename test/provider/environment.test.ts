/** The environment variables of every provider: those that are set to nothing, as compose files and CI do. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Stream } from "effect"
import { providerNames } from "../../src/provider/registry.js"
import { openNamed } from "../support/capture.js"
import { messages, rows } from "../support/vendors.js"

interface Names {
  readonly keys: ReadonlyArray<string>
  /** The variable of the base URL. */
  readonly variable: string
}

const variables: { readonly [provider: string]: Names } = {
  openai: { keys: ["OPENAI_API_KEY"], variable: "OPENAI_BASE_URL" },
  anthropic: { keys: ["ANTHROPIC_API_KEY"], variable: "ANTHROPIC_BASE_URL" },
  google: { keys: ["GOOGLE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"], variable: "GOOGLE_GEMINI_BASE_URL" },
  ...rows
}

const keyless = ["ollama", "lmstudio", "vllm", "llamacpp"]

/** What is sent for a request, with these variables. */
const sentWith = (name: string, environment: { readonly [name: string]: string }) =>
  Effect.flatMap(openNamed(name, environment), (ask) =>
    Effect.map(
      ask(({ chatStream }) => Stream.runDrain(chatStream({ messages, model: "m" }))),
      ({ sent }) => sent
    )
  )

const blank = (names: ReadonlyArray<string>, value: string) => Object.fromEntries(names.map((name) => [name, value]))

describe.each(providerNames)("%s", (name) => {
  const { keys = [], variable = "" } = variables[name] ?? {}
  const address = { [variable]: "https://proxy.example/v2" }

  it.effect.each(["", "  "])("says which variable is empty and what to do, or needs no key: '%s'", (value) =>
    Effect.gen(function* () {
      const opened = yield* Effect.either(sentWith(name, { ...address, ...blank(keys, value) }))
      if (keyless.includes(name)) {
        return expect(Either.map(opened, (sent) => sent?.headers["authorization"])).toEqual(Either.right(undefined))
      }
      const verb = keys.length === 1 ? "is" : "are"
      expect(Either.flip(opened).pipe(Either.map(String), Either.getOrThrow)).toContain(
        `${keys.join(" and ")} ${verb} empty; set ${keys.join(" or ")} to your API key, or run`
      )
    })
  )

  it.effect.each(["sk-canary\n", "sk canary", "sk-cänary", "„sk-canary”"])(
    "says which variable has a key that no header can hold, without quoting it: %j",
    (key) =>
      Effect.gen(function* () {
        const last = keys.at(-1) ?? ""
        const error = yield* Effect.flip(sentWith(name, { ...address, ...blank(keys, ""), [last]: key }))
        expect(error).toMatchObject({
          _tag: "ValidationError",
          provider: name,
          message: expect.stringMatching(`^${name}: ${last} contains a space, a line end .* copy the key again$`)
        })
        expect(JSON.stringify(error)).not.toMatch(/canary|cänary/)
      })
  )

  it.effect("uses the first variable that has a key", () =>
    Effect.gen(function* () {
      const last = keys.at(-1) ?? ""
      const sent = yield* sentWith(name, { ...address, ...blank(keys, ""), [last]: "secret-key" })
      expect(Object.values(sent?.headers ?? {}).join()).toContain("secret-key")
    })
  )

  it.effect("takes an empty base URL for an unset one", () =>
    Effect.gen(function* () {
      const [key = ""] = keys
      const [unset, empty] = yield* Effect.forEach([{}, { [variable]: "" }], (base) =>
        Effect.either(sentWith(name, { [key]: "secret-key", ...base }))
      )
      expect(empty).toEqual(unset)
    })
  )

  it.effect.each([" ", "\n", "/ "])("ignores what follows the base URL: %j", (rest) =>
    Effect.gen(function* () {
      const [key = ""] = keys
      const [plain, followed] = yield* Effect.forEach(["", rest], (end) =>
        sentWith(name, { [key]: "secret-key", [variable]: `https://proxy.example/v2${end}` })
      )
      expect(followed?.url).toBe(plain?.url)
    })
  )
})
