/** The size of a bundled program, minified and gzipped: its entry chunk and what that imports before it runs. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"

const floor = `
  import { FetchHttpClient } from "@effect/platform"
  import { Effect, Stream } from "effect"
  const program = Stream.runForEach(Stream.make("Hi"), (text) => Effect.log(text))
  Effect.runPromise(Effect.provide(program, FetchHttpClient.layer))`

const ours = (provider) => `
  import { FetchHttpClient } from "@effect/platform"
  import { Effect, Layer, Stream } from "effect"
  import { LLMClient, ${provider} } from "../dist/index.js"
  const program = Stream.runForEach(
    LLMClient.chatStream({ messages: [{ role: "user", content: "Hi" }] }),
    (chunk) => Effect.log(chunk.content)
  )
  const client = LLMClient.fromProvider(${provider}, { model: "m" }).pipe(
    Layer.provide(${provider}.layer({ apiKey: "k" })),
    Layer.provide(FetchHttpClient.layer)
  )
  Effect.runPromise(Effect.provide(program, client))`

const programs = {
  floor,
  openai: ours("OpenAI"),
  anthropic: ours("Anthropic"),
  google: ours("Google"),
  "the SDK openai": 'import OpenAI from "openai"; console.log(new OpenAI({ apiKey: "k" }).chat.completions)',
  "the SDK @anthropic-ai/sdk":
    'import Anthropic from "@anthropic-ai/sdk"; console.log(new Anthropic({ apiKey: "k" }).messages)',
  "ai with @ai-sdk/openai": `
    import { createOpenAI } from "@ai-sdk/openai"
    import { streamText } from "ai"
    console.log(streamText({ model: createOpenAI({ apiKey: "k" }).chat("m"), prompt: "Hi" }))`,
  "@effect/ai with @effect/ai-openai": `
    import { LanguageModel } from "@effect/ai"
    import { OpenAiClient, OpenAiLanguageModel } from "@effect/ai-openai"
    import { FetchHttpClient } from "@effect/platform"
    import { Effect, Layer, Stream } from "effect"
    const program = Stream.runForEach(LanguageModel.streamText({ prompt: "Hi" }), (part) => Effect.log(part))
    const model = OpenAiLanguageModel.layer({ model: "m" }).pipe(
      Layer.provide(OpenAiClient.layer({})),
      Layer.provide(FetchHttpClient.layer)
    )
    Effect.runPromise(Effect.provide(program, model))`
}

const resolveDir = fileURLToPath(new URL("../", import.meta.url))

/**
 * Bundles a program as an application in the browser would be.
 * @param {string} contents
 */
const bundle = (contents) =>
  build({
    stdin: { contents, resolveDir, sourcefile: "program.mjs" },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: resolveDir,
    write: false,
    metafile: true,
    logLevel: "silent"
  })

/** The entry and all chunks that it imports statically. */
const loadedOf = ({ outputs }) => {
  const entry = Object.keys(outputs).find((path) => outputs[path].entryPoint?.endsWith("program.mjs"))
  const loaded = new Set()
  const visit = (path) => {
    if (loaded.has(path)) return
    loaded.add(path)
    for (const { path: next, kind } of outputs[path].imports) if (kind === "import-statement") visit(next)
  }
  visit(entry)
  return loaded
}

/** The size of a program in KiB, gzipped. */
const sizeOf = async (contents) => {
  const { outputFiles, metafile } = await bundle(contents)
  const names = Array.from(loadedOf(metafile), (path) => path.split("/").at(-1))
  const files = outputFiles.filter(({ path }) => names.includes(path.split(/[\\/]/).at(-1)))
  return files.reduce((size, { contents: bytes }) => size + gzipSync(bytes, { level: 9 }).length, 0) / 1024
}

/** KiB by program; one that cannot be bundled for the browser says why. */
export const measureBundle = async () => {
  const entries = []
  for (const [name, contents] of Object.entries(programs)) {
    try {
      entries.push([name, { value: await sizeOf(contents), failure: undefined }])
    } catch (error) {
      entries.push([name, { value: Number.NaN, failure: String(error) }])
    }
  }
  return Object.fromEntries(entries)
}
