/** The routes of the web chat: the page and its answers. */
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { chat } from "./chat.js"
import { guarded } from "./guard.js"

const path = (name: string): string => fileURLToPath(new URL(`page/${name}`, import.meta.url))

const file = (name: string) => Effect.promise(() => readFile(path(name)))

/** The modules of the page, and `llm-connectivity/browser`, as one script. */
const script = Effect.map(
  Effect.promise(() => build({ entryPoints: [path("main.ts")], bundle: true, format: "esm", write: false })),
  ({ outputFiles }) => outputFiles[0]?.contents ?? new Uint8Array()
)

const page = (route: `/${string}`, contentType: string, bytes: Uint8Array) =>
  HttpRouter.makeRoute("GET", route, Effect.succeed(HttpServerResponse.uint8Array(bytes, { contentType })))

/** Reads and bundles the page once, and serves all routes. */
export const app = Effect.gen(function* () {
  const routes = HttpRouter.fromIterable([
    page("/", "text/html; charset=utf-8", yield* file("index.html")),
    page("/style.css", "text/css; charset=utf-8", yield* file("style.css")),
    page("/icon.svg", "image/svg+xml", yield* file("icon.svg")),
    page("/main.js", "text/javascript; charset=utf-8", yield* script)
  ]).pipe(HttpRouter.concat(chat))
  return guarded(
    Effect.catchTag(routes, "RouteNotFound", () => HttpServerResponse.text("There is no such page.", { status: 404 }))
  )
})
