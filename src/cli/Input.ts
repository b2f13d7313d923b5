/** Reads files and the standard input, and makes a message of them and the prompt. */
import { fstatSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { basename, extname } from "node:path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { ContentPart } from "../domain/ContentPart.js"
import { type CommandError, usageError } from "./CommandError.js"
import { printNotice } from "./Output.js"

// Everything is read into memory, and no model takes a larger prompt.
const maxBytes = 64 * 1024 * 1024

/** Media types of image files. */
const imageTypes: { readonly [extension: string]: string } = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp"
}

/** Reads files as parts of a message: images and PDFs as data, everything else as UTF-8 text. */
export const readFiles = (paths: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<ContentPart>, CommandError> =>
  Effect.forEach(paths, (path) => Effect.flatMap(read(path), (bytes) => partOf(path, bytes)))

const partOf = (path: string, bytes: Uint8Array): Effect.Effect<ContentPart, CommandError> => {
  const extension = extname(path).toLowerCase()
  const imageType = imageTypes[extension]
  const data = (): string => Buffer.from(bytes).toString("base64")
  if (imageType !== undefined) return Effect.succeed({ type: "image", data: data(), mediaType: imageType })
  if (extension === ".pdf") {
    return Effect.succeed({ type: "file", data: data(), mediaType: "application/pdf", filename: basename(path) })
  }
  return Effect.map(textOf(bytes, path), (text) => ({ type: "text", text: enclose("file", text, basename(path)) }))
}

/** Reads files as UTF-8 text. */
export const readTexts = (paths: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>, CommandError> =>
  Effect.forEach(paths, (path) => Effect.flatMap(read(path), (bytes) => textOf(bytes, path)))

/** Joins the texts of files, the standard input and the operands; `undefined` if there are none. */
export const readAllText = (
  files: ReadonlyArray<string>,
  operands: ReadonlyArray<string>
): Effect.Effect<string | undefined, CommandError> =>
  Effect.map(Effect.all([readTexts(files), readPiped]), ([read, piped]) => {
    const prompt = operands.length === 0 ? [] : [operands.join(" ")]
    const texts = [...read, ...(piped === undefined ? [] : [piped]), ...prompt]
    return texts.length === 0 ? undefined : texts.join("\n")
  })

/** Marks a text as attached, so that the model can tell it from the prompt. */
const enclose = (tag: "file" | "input", text: string, name?: string): string =>
  `<${tag}${name === undefined ? "" : ` name=${JSON.stringify(name)}`}>\n${text.trimEnd()}\n</${tag}>\n\n`

const read = (path: string): Effect.Effect<Uint8Array, CommandError> =>
  Effect.flatMap(
    Effect.tryPromise({
      try: () => readFile(path),
      catch: (error) => usageError(`cannot read ${path}: ${describeReadError(error)}`)
    }),
    (bytes) => (bytes.length > maxBytes ? usageError(`${path} is larger than 64 MiB`) : Effect.succeed(bytes))
  )

const reasons: { readonly [code: string]: string } = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EISDIR: "it is a directory"
}

const describeReadError = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error"
  return reasons[code] ?? code
}

const textOf = (bytes: Uint8Array, path: string): Effect.Effect<string, CommandError> =>
  Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => usageError(`${path} is neither text (UTF-8), nor an image (PNG, JPEG, GIF, WebP), nor a PDF`)
  })

/** Reads the standard input to its end; `undefined` if nothing is piped in, or only white space. */
export const readPiped: Effect.Effect<string | undefined, CommandError> = Effect.suspend(() => {
  if (!isPiped()) return Effect.succeed(undefined)
  return Effect.gen(function* () {
    const hint = yield* Effect.fork(
      Effect.zipRight(
        Effect.sleep("3 seconds"),
        printNotice("waiting for the end of the standard input (add </dev/null if there is no input)")
      )
    )
    const bytes = yield* Effect.ensuring(readAll(process.stdin), Fiber.interrupt(hint))
    const text = yield* textOf(bytes, "the standard input")
    return text.trim() === "" ? undefined : text
  })
})

/** Whether the standard input is a pipe or a file, rather than a terminal, /dev/null or closed. */
const isPiped = (): boolean => {
  if (process.stdin.isTTY) return false
  try {
    return !fstatSync(0).isCharacterDevice()
  } catch {
    return false
  }
}

const readAll = (input: NodeJS.ReadStream): Effect.Effect<Uint8Array, CommandError> =>
  Effect.async((resume) => {
    const reads: Array<Buffer> = []
    let length = 0
    input.on("data", (bytes: Buffer) => {
      reads.push(bytes)
      length += bytes.length
      if (length > maxBytes) resume(usageError("the standard input is larger than 64 MiB"))
    })
    input.on("end", () => resume(Effect.succeed(Buffer.concat(reads))))
    input.on("error", (error) => resume(usageError(`cannot read the standard input: ${describeReadError(error)}`)))
    return Effect.sync(() => input.destroy())
  })

/** The content of a user message: files and the standard input first, then the prompt that refers to them. */
export const messageContent = (
  prompt: string,
  piped: string | undefined,
  files: ReadonlyArray<ContentPart>
): string | ReadonlyArray<ContentPart> => {
  if (prompt === "" && files.length === 0) return (piped ?? "").trim()
  const attached: ReadonlyArray<ContentPart> =
    piped === undefined ? files : [...files, { type: "text", text: enclose("input", piped) }]
  return joinText([...attached, ...(prompt === "" ? [] : [{ type: "text", text: prompt } as const])])
}

/** Joins parts into one string if all of them are text. */
export const joinText = (parts: ReadonlyArray<ContentPart>): string | ReadonlyArray<ContentPart> => {
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []))
  return texts.length === parts.length ? texts.join("").trim() : parts
}
