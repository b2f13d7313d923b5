/**
 * Writes docs/providers.md: what each provider supports, found by making requests and recording what it sends or rejects.
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

/** Models for providers whose support depends on the model. For other providers any name works. */
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

/** The columns of the table: a feature, and a request for each way to use it. */
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

/** The page says that all providers support these, so each is checked. */
const everywhere = (provider: string): (typeof columns)[number][1] => [
  ["maxTokens", { messages, maxTokens: 50 }],
  ["temperature", { messages, temperature: 0.5 }],
  ["topP", { messages, topP: 0.5 }],
  ["providerOptions", { messages, providerOptions: { [provider]: { extra: true } } }]
]

/** A row of both tables. */
interface Row {
  readonly name: string
  readonly cells: ReadonlyArray<string>
  readonly keys: ReadonlyArray<string>
  readonly needsKey: boolean
  readonly variable: string
  readonly baseUrl: string
}

type Source = ReturnType<typeof named>

/** A configuration with some variables, which records all that are read. */
const recordingConfig = (requested: Set<string>, known: { readonly [name: string]: string }): Layer.Layer<never> =>
  Layer.setConfigProvider(
    ConfigProvider.fromFlat(
      ConfigProvider.makeFlat({
        load: (path, primitive) => {
          const name = path.join("_")
          requested.add(name)
          const value = known[name]
          return value === undefined
            ? Either.left(ConfigError.MissingData([...path], "not set"))
            : Either.map(primitive.parse(value), (parsed) => [parsed])
        },
        enumerateChildren: () => Effect.die("providers read single variables only"),
        patch: { _tag: "Empty" }
      })
    )
  )

const whereOf = (source: Source) =>
  Effect.gen(function* () {
    const requested = new Set<string>()
    const keyless = yield* Effect.either(open(source, recordingConfig(requested, {})))
    const [key = ""] = requested
    const keyed = yield* Effect.either(open(source, recordingConfig(requested, { [key]: "key" })))
    const keys = [...requested].filter((name) => !name.endsWith("_BASE_URL"))
    const variable = [...requested].find((name) => name.endsWith("_BASE_URL")) ?? ""
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

/** The supported ways of a column. Fails if a provider neither rejects nor sends a field. */
const cellOf = (ask: Ask, name: string, ways: (typeof columns)[number][1]) =>
  Effect.gen(function* () {
    const model = models[name] ?? "model"
    const bodyOf = (request: ChatRequest) =>
      Effect.map(
        ask(({ chat }) => chat({ ...request, model })),
        ({ sent }) => (sent === undefined ? undefined : JSON.stringify(sent.body))
      )
    const plain = yield* bodyOf(text)
    const supported = yield* Effect.filter(ways, ([way, request]) =>
      Effect.flatMap(bodyOf(request), (body) =>
        body === plain && request !== text
          ? Effect.die(`${name} neither sends nor rejects: ${way}`)
          : Effect.succeed(body !== undefined)
      )
    )
    if (supported.length === 0) return "–"
    return supported.map(([way]) => way).join(", ")
  })

const rowOf = (title: string, name: string, source: Source) =>
  Effect.gen(function* () {
    const where = yield* whereOf(source)
    const [key = ""] = where.keys
    const environment = recordingConfig(new Set(), { [key]: "key", [where.variable]: "https://server.example/v1" })
    const ask = yield* open(source, environment)
    const cells = yield* Effect.forEach(columns, ([, ways]) => cellOf(ask, name, ways))
    const common = yield* cellOf(ask, name, everywhere(name))
    if (common.split(", ").length < everywhere(name).length) return yield* Effect.die(`${name} supports only ${common}`)
    const { result } = yield* ask(({ embeddings }) => Effect.succeed(embeddings?.maxBatchSize))
    const batch = Either.getOrUndefined(result)
    const row: Row = { name: title, cells: [...cells, batch === undefined ? "–" : `${batch} per request`], ...where }
    return row
  })

const responses: Source = Effect.gen(function* () {
  const client = yield* HttpClient.HttpClient
  const layer = OpenAI.layer({ apiKey: "key", api: "responses" })
  return yield* OpenAI.pipe(Effect.provide(layer), Effect.provideService(HttpClient.HttpClient, client))
})

/** A Markdown table with aligned columns. */
const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => cells[column]?.length ?? 0)))
  const lineOf = (cells: ReadonlyArray<string>): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(lineOf).join("\n")
}

const code = (word: string): string => (word === "" ? "" : `\`${word}\``)

const pageOf = (
  rows: ReadonlyArray<Row>
): string => `<!-- Generated by \`npm run docs:providers\` from what the code sends; edit scripts/provider-table.ts instead. -->

# Providers

What \`llm-connectivity\` sends to each provider. Features that a cell does not list fail with a \`ValidationError\`
before anything is sent; nothing is dropped silently. If only some models of a provider lack a feature, the provider
rejects the request, which is a \`ValidationError\` too. Every provider supports streaming, \`maxTokens\`,
\`temperature\`, \`topP\` and \`providerOptions\`.

${table(
  ["Provider", ...columns.map(([name]) => name), "Embeddings"],
  rows.map(({ name, cells }) => [name, ...cells])
)}

A model string begins with the provider's name, for example \`groq/llama-3.3-70b-versatile\`. The key and the base URL are
read from environment variables; the first one that is set is used, and an empty one counts as unset.

${table(
  ["Provider", "Key", "Base URL", "Default base URL"],
  rows
    .filter((row) => row.variable !== "")
    .map(({ name, keys, needsKey, variable, baseUrl }) => [
      name,
      keys.map(code).join(", ") + (needsKey ? "" : " (optional)"),
      code(variable),
      baseUrl === "" ? "none; set it" : code(baseUrl)
    ])
)}

\`openai (responses)\` is \`OpenAI.layer({ apiKey, api: "responses" })\`. For any other server that speaks the chat
completions protocol, use \`OpenAICompatible.make({ name, baseUrl, apiKey })\`.
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

/** The file of the page. */
export const file: string = fileURLToPath(new URL("../docs/providers.md", import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const current = await Effect.runPromise(page)
  const before = await readFile(file, "utf8").catch(() => "")
  if (current !== before) await writeFile(file, current)
}
