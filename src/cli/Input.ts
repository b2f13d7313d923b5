/** Reads what is sent along: files, and what is piped in. */
import { fstatSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { basename, extname } from "node:path"
import { Effect, Fiber } from "effect"
import type { ContentPart } from "../domain/ContentPart.js"
import { tell } from "./Output.js"
import { misused, type Problem } from "./Problem.js"

// More is no prompt, and would be all in memory.
const mostBytes = 64 * 1024 * 1024

const images: { readonly [extension: string]: string } = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp"
}

/** Reads files as parts of a message: images and PDFs as they are, anything else as the text that it must be. */
export const readFiles = (paths: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<ContentPart>, Problem> =>
  Effect.forEach(paths, (path) => Effect.flatMap(read(path), (bytes) => partOf(path, bytes)))

const partOf = (path: string, bytes: Uint8Array): Effect.Effect<ContentPart, Problem> => {
  const extension = extname(path).toLowerCase()
  const image = images[extension]
  const data = (): string => Buffer.from(bytes).toString("base64")
  if (image !== undefined) return Effect.succeed({ type: "image", data: data(), mediaType: image })
  if (extension === ".pdf") {
    return Effect.succeed({ type: "file", data: data(), mediaType: "application/pdf", filename: basename(path) })
  }
  return Effect.map(textOf(bytes, path), (text) => ({ type: "text", text: enclosed("file", text, basename(path)) }))
}

const readTexts = (paths: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>, Problem> =>
  Effect.forEach(paths, (path) => Effect.flatMap(read(path), (bytes) => textOf(bytes, path)))

/** Reads everything that is written, named or piped in as one text; `undefined` where there is none. */
export const readAllText = (
  files: ReadonlyArray<string>,
  words: ReadonlyArray<string>
): Effect.Effect<string | undefined, Problem> =>
  Effect.map(Effect.all([readTexts(files), readPiped]), ([read, piped]) => {
    const texts = [...read, ...(piped === undefined ? [] : [piped]), ...(words.length === 0 ? [] : [words.join(" ")])]
    return texts.length === 0 ? undefined : texts.join("\n")
  })

/** Marks where a text begins and ends that is not the person's own. */
export const enclosed = (tag: "file" | "input", text: string, name?: string): string =>
  `<${tag}${name === undefined ? "" : ` name=${JSON.stringify(name)}`}>\n${text.trimEnd()}\n</${tag}>\n\n`

const read = (path: string): Effect.Effect<Uint8Array, Problem> =>
  Effect.flatMap(
    Effect.tryPromise({
      try: () => readFile(path),
      catch: (error) => misused(`cannot read ${path}: ${reasonOf(error)}`)
    }),
    (bytes) => (bytes.length > mostBytes ? misused(`${path} is larger than 64 MiB`) : Effect.succeed(bytes))
  )

const reasons: { readonly [code: string]: string } = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder"
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error"
  return reasons[code] ?? code
}

const textOf = (bytes: Uint8Array, path: string): Effect.Effect<string, Problem> =>
  Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => misused(`${path} is neither text (UTF-8), nor an image (PNG, JPEG, GIF, WebP), nor a PDF`)
  })

/** Reads what is piped in to its end; `undefined` where nothing is, or only nothing. */
export const readPiped: Effect.Effect<string | undefined, Problem> = Effect.suspend(() => {
  if (!isPiped()) return Effect.succeed(undefined)
  return Effect.gen(function* () {
    const hint = yield* Effect.fork(
      Effect.zipRight(
        Effect.sleep("3 seconds"),
        tell("reading the standard input until it ends (</dev/null if there is none)")
      )
    )
    const bytes = yield* Effect.ensuring(allOf(process.stdin), Fiber.interrupt(hint))
    const text = yield* textOf(bytes, "the standard input")
    return text.trim() === "" ? undefined : text
  })
})

/** A terminal and /dev/null have nothing to say; neither has an input that was closed. */
const isPiped = (): boolean => {
  if (process.stdin.isTTY) return false
  try {
    return !fstatSync(0).isCharacterDevice()
  } catch {
    return false
  }
}

const allOf = (input: NodeJS.ReadStream): Effect.Effect<Uint8Array, Problem> =>
  Effect.async((resume) => {
    const pieces: Array<Buffer> = []
    let length = 0
    input.on("data", (piece: Buffer) => {
      pieces.push(piece)
      length += piece.length
      if (length > mostBytes) resume(misused("the standard input is larger than 64 MiB"))
    })
    input.on("end", () => resume(Effect.succeed(Buffer.concat(pieces))))
    input.on("error", (error) => resume(misused(`cannot read the standard input: ${reasonOf(error)}`)))
    return Effect.sync(() => input.destroy())
  })
