/** Keeps a test file from changing what the files after it, in the same worker, get: `fetch` and `it.effect`. */
import { it } from "@effect/vitest"
import { onTestClock } from "./onTestClock.js"

// Node's own `fetch` uses the connections of whoever is loaded first: Node, or the package undici. This loads Node's, as
// in a program that imports no undici.
void globalThis.Headers

// `layer` of @effect/vitest replaces `it.effect` for the whole worker: all files after it then share one test clock. With
// this it throws; `shared` of test/support/shared.ts shares a layer between the tests of a file.
for (const name of ["effect", "scoped"] as const) {
  Object.defineProperty(it, name, { value: onTestClock, writable: false, configurable: true })
}
