/** Node's own modules, loaded when a layer is built: importing the library does not need Node. */
import * as Effect from "effect/Effect"

/** What cassettes use of Node, which Bun and Deno have too. */
export const nodeModules = Effect.map(
  Effect.promise(() =>
    Promise.all([
      import("node:fs/promises"),
      import("node:path"),
      import("node:url"),
      import("node:crypto"),
      import("node:zlib")
    ])
  ),
  ([fs, { dirname }, { fileURLToPath }, { createHash, randomUUID }, { gzipSync }]) => ({
    fs,
    dirname,
    fileURLToPath,
    randomUUID,
    gzip: (bytes: Uint8Array): Uint8Array => gzipSync(bytes),
    // Synchronous: on a `TestClock`, a request must reach its first pause before the test adjusts the clock.
    sha256: (text: string): string => createHash("sha256").update(text).digest("hex")
  })
)

/** The modules that are loaded. */
export type NodeModules = Effect.Effect.Success<typeof nodeModules>
