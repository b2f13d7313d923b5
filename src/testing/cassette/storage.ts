/** Reads and writes the file of a cassette. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { CassetteError } from "./CassetteError.js"
import type { Exchange } from "./Exchange.js"
import { parseCassette } from "./fileFormat.js"
import type { NodeModules } from "./nodeModules.js"

/** A file of exchanges. */
export interface Storage {
  readonly path: string
  /** The exchanges; `undefined` if there is no file. */
  readonly read: Effect.Effect<ReadonlyArray<Exchange> | undefined, CassetteError>
  /** Replaces the file: readers see the old text or the new one, and never a part. */
  readonly write: (text: string) => Effect.Effect<void, CassetteError>
}

const maxFileBytes = 256 * 1024 * 1024

/** Makes the storage of a path or `file:` URL. */
export const storageAt = (file: string | URL, { fs, dirname, fileURLToPath, randomUUID }: NodeModules): Storage => {
  const path = typeof file === "string" ? file : fileURLToPath(file)
  const failed = (reason: "Invalid" | "Unwritable", what: string) => (cause: unknown) =>
    new CassetteError({ reason, path, message: `the cassette ${path} cannot be ${what} (${codeOf(cause)})` })
  const read = Effect.gen(function* () {
    const { size } = yield* Effect.tryPromise({ try: () => fs.stat(path), catch: (cause) => cause })
    if (size > maxFileBytes) return yield* invalid(path, `it has more than ${maxFileBytes} bytes`)
    const text = yield* Effect.tryPromise({ try: () => fs.readFile(path, "utf8"), catch: (cause) => cause })
    return yield* Either.match(parseCassette(text), {
      onLeft: (problem) => invalid(path, problem),
      onRight: (exchanges) => Effect.succeed(exchanges)
    })
  }).pipe(
    Effect.catchIf(
      (error) => codeOf(error) === "ENOENT",
      () => Effect.succeed(undefined)
    ),
    Effect.mapError((error) => (error instanceof CassetteError ? error : failed("Invalid", "read")(error)))
  )
  const write = (text: string) => {
    const temporary = `${path}.${randomUUID()}.tmp`
    return Effect.tryPromise({
      try: () =>
        fs
          .mkdir(dirname(path), { recursive: true })
          .then(() => fs.writeFile(temporary, text, { flag: "wx" }))
          .then(() => fs.rename(temporary, path)),
      catch: failed("Unwritable", "written; check the folder and its permissions")
    }).pipe(
      Effect.tapError(() => Effect.ignore(Effect.tryPromise(() => fs.rm(temporary, { force: true })))),
      Effect.uninterruptible
    )
  }
  return { path, read, write }
}

const invalid = (path: string, problem: string) =>
  Effect.fail(
    new CassetteError({
      reason: "Invalid",
      path,
      message: `the cassette ${path} cannot be replayed: ${problem}; record it again`
    })
  )

const codeOf = (cause: unknown): string => {
  const code: unknown = typeof cause === "object" && cause !== null ? Reflect.get(cause, "code") : undefined
  return typeof code === "string" ? code : "unknown reason"
}
