/**
 * Writes docs/providers.md: what each provider takes, by asking each and looking at what it sends or refuses.
 *
 *   npx tsx scripts/provider-table.ts
 */
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { HttpClient } from "@effect/platform"
import { ConfigError, ConfigProvider, Effect, Either, Layer } from "effect"
import { type ChatRequest, type ContentPart, OpenAI } from "../src/index.js"
import { providerNames } from "../src/provider/registry.js"
import { type Ask, named, open } from "../test/support/capture.js"

/** Models with which the providers of several generations are asked; the others only pass the name on. */
const models: { readonly [provider: string]: string } = {
  openai: "gpt-5-mini",
  anthropic: "claude-sonnet-5",
  google: "gemini-3-flash-preview"
}

const messages = [{ role: "user", content: "Hi" }] as const
const tools = [{ name: "look", parameters: { type: "object", properties: {} } }]
const schema = { type: "object", properties: {}, additionalProperties: false }

const withPart = (part: ContentPart): ChatRequest => ({ messages: [{ role: "user", content: [part] }] })

const text: ChatRequest = { messages }

/** The columns: what is asked for, and the word for each way to ask that is taken. */
const columns: ReadonlyArray<readonly [string, ReadonlyArray<readonly [string, ChatRequest]>]> = [
  ["Text", [["yes", text]]],
  [
    "Reasoning",
    [
      ["effort", { messages, reasoning: { effort: "low" } }],
      ["budget", { messages, reasoning: { budgetTokens: 2000 } }]
    ]
  ],
  [
    "Tools",
    [
      ["auto", { messages, tools }],
      ["required", { messages, tools, toolChoice: "required" }],
      ["by name", { messages, tools, toolChoice: { name: "look" } }]
    ]
  ],
  [
    "Images",
    [
      ["data", withPart({ type: "image", data: "aGk=", mediaType: "image/png" })],
      ["URL", withPart({ type: "image", url: "https://images.example/a.png" })]
    ]
  ],
  [
    "Files",
    [
      ["data", withPart({ type: "file", data: "aGk=", mediaType: "application/pdf" })],
      ["URL", withPart({ type: "file", url: "https://files.example/a.pdf", mediaType: "application/pdf" })]
    ]
  ],
  ["JSON", [["yes", { messages, responseFormat: { type: "json" } }]]],
  ["JSON Schema", [["yes", { messages, responseFormat: { type: "json", schema } }]]],
  ["Seed", [["yes", { messages, seed: 7 }]]],
  ["Stop", [["yes", { messages, stop: "END" }]]]
]

/** What the page says of every provider, and so is asked of every one. */
const everywhere = (provider: string): (typeof columns)[number][1] => [
  ["maxTokens", { messages, maxTokens: 50 }],
  ["temperature", { messages, temperature: 0.5 }],
  ["topP", { messages, topP: 0.5 }],
  ["providerOptions", { messages, providerOptions: { [provider]: { extra: true } } }]
]

/** One row of both tables. */
interface Row {
  readonly name: string
  readonly cells: ReadonlyArray<string>
  readonly keys: ReadonlyArray<string>
  readonly needsKey: boolean
  readonly variable: string
  readonly baseUrl: string
}

type Source = ReturnType<typeof named>

/** A configuration that writes down what it is asked for, and has some of it. */
const watched = (asked: Set<string>, known: { readonly [name: string]: string }): Layer.Layer<never> =>
  Layer.setConfigProvider(
    ConfigProvider.fromFlat(
      ConfigProvider.makeFlat({
        load: (path, primitive) => {
          const name = path.join("_")
          asked.add(name)
          const value = known[name]
          return value === undefined
            ? Either.left(ConfigError.MissingData([...path], "not set"))
            : Either.map(primitive.parse(value), (parsed) => [parsed])
        },
        enumerateChildren: () => Effect.die("no provider asks for more than a variable"),
        patch: { _tag: "Empty" }
      })
    )
  )

const whereOf = (source: Source) =>
  Effect.gen(function* () {
    const asked = new Set<string>()
    const keyless = yield* Effect.either(open(source, watched(asked, {})))
    const [key = ""] = asked
    const keyed = yield* Effect.either(open(source, watched(asked, { [key]: "key" })))
    const keys = [...asked].filter((name) => !name.endsWith("_BASE_URL"))
    const variable = [...asked].find((name) => name.endsWith("_BASE_URL")) ?? ""
    const sent = Either.isRight(keyed)
      ? (yield* keyed.right(({ chat }) => chat({ ...text, model: "model" }))).sent
      : undefined
    return {
      keys,
      needsKey: Either.isLeft(keyless),
      variable,
      baseUrl:
        sent === undefined ? "" : sent.url.replace(/\/(?:v1\/messages|models\/.*|chat\/completions|responses)$/, "")
    }
  })

/** What of a column is taken. What is neither refused nor sent would be dropped in silence, which must not be. */
const cellOf = (ask: Ask, name: string, ways: (typeof columns)[number][1]) =>
  Effect.gen(function* () {
    const model = models[name] ?? "model"
    const bodyOf = (request: ChatRequest) =>
      Effect.map(
        ask(({ chat }) => chat({ ...request, model })),
        ({ sent }) => (sent === undefined ? undefined : JSON.stringify(sent.body))
      )
    const plain = yield* bodyOf(text)
    const taken = yield* Effect.filter(ways, ([way, request]) =>
      Effect.flatMap(bodyOf(request), (body) =>
        body === plain && request !== text
          ? Effect.die(`${name} drops it in silence: ${way}`)
          : Effect.succeed(body !== undefined)
      )
    )
    if (taken.length === 0) return "–"
    return taken.map(([way]) => way).join(", ")
  })

const rowOf = (title: string, name: string, source: Source) =>
  Effect.gen(function* () {
    const where = yield* whereOf(source)
    const [key = ""] = where.keys
    const environment = watched(new Set(), { [key]: "key", [where.variable]: "https://server.example/v1" })
    const ask = yield* open(source, environment)
    const cells = yield* Effect.forEach(columns, ([, ways]) => cellOf(ask, name, ways))
    const common = yield* cellOf(ask, name, everywhere(name))
    if (common.split(", ").length < everywhere(name).length) return yield* Effect.die(`${name} only takes ${common}`)
    const { result } = yield* ask(({ embed }) => Effect.succeed(embed?.batchSize))
    const batch = Either.getOrUndefined(result)
    const row: Row = { name: title, cells: [...cells, batch === undefined ? "–" : `${batch} a request`], ...where }
    return row
  })

const responses: Source = Effect.gen(function* () {
  const client = yield* HttpClient.HttpClient
  const layer = OpenAI.layer({ apiKey: "key", api: "responses" })
  return yield* OpenAI.pipe(Effect.provide(layer), Effect.provideService(HttpClient.HttpClient, client))
})

/** A table with its columns aligned, as the formatter wants it. */
const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => cells[column]?.length ?? 0)))
  const lineOf = (cells: ReadonlyArray<string>): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(lineOf).join("\n")
}

const code = (word: string): string => (word === "" ? "" : `\`${word}\``)

const pageOf = (
  rows: ReadonlyArray<Row>
): string => `<!-- Made by \`npm run docs:providers\` from what the code sends; edit scripts/provider-table.ts instead. -->

# Providers

What \`llm-connectivity\` carries to each provider. What a cell leaves out is a \`ValidationError\` before anything is
sent, never dropped in silence; what a single model of a provider does not take, the provider says itself, and that is a
\`ValidationError\` too. Every provider streams, and every one takes \`maxTokens\`, \`temperature\`, \`topP\` and
\`providerOptions\`.

${table(
  ["Provider", ...columns.map(([name]) => name), "Embeddings"],
  rows.map(({ name, cells }) => [name, ...cells])
)}

A model string names the provider first, for instance \`groq/llama-3.3-70b-versatile\`. Its key and its address come from
the environment; the first variable that is set counts.

${table(
  ["Provider", "Key", "Address", "Default address"],
  rows
    .filter((row) => row.variable !== "")
    .map(({ name, keys, needsKey, variable, baseUrl }) => [
      name,
      keys.map(code).join(", ") + (needsKey ? "" : " (may be left out)"),
      code(variable),
      baseUrl === "" ? "none: set your own" : code(baseUrl)
    ])
)}

\`openai (responses)\` is \`OpenAI.layer({ apiKey, api: "responses" })\`. Any other server that speaks chat completions is
\`OpenAICompatible.make({ name, baseUrl, apiKey })\`.
`

/** The page as it should be. */
export const page: Effect.Effect<string> = Effect.orDie(
  Effect.gen(function* () {
    const rows = yield* Effect.forEach(providerNames, (name) => rowOf(name, name, named(name)))
    const [first, ...others] = rows
    const second = yield* rowOf("openai (responses)", "openai", responses)
    return pageOf(first === undefined ? [second] : [first, second, ...others])
  })
)

/** The page as it is. */
export const file: string = fileURLToPath(new URL("../docs/providers.md", import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = await Effect.runPromise(page)
  const before = await readFile(file, "utf8").catch(() => "")
  if (made !== before) await writeFile(file, made)
}
