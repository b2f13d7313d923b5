/** What is used, and from where; knip fails `npm run check` on files, exports and dependencies that nothing uses. */
import { readFileSync } from "node:fs"
import type { KnipConfig } from "knip"

const { exports }: { readonly exports: { readonly [subpath: string]: string | { readonly default: string } } } =
  JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"))

/** The source of each subpath export: what these export is used by whoever installs the library. */
const subpaths = Object.values(exports).flatMap((entry) =>
  typeof entry === "string" ? [] : [entry.default.replace("./dist/", "src/").replace(/\.js$/, ".ts")]
)

const config: KnipConfig = {
  // A type that is exported for readers, and used only by its neighbours, is no dead code.
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    ".": {
      entry: [
        ...subpaths,
        "src/cli/main.ts",
        "scripts/*.ts",
        "examples/[0-9]*/*.ts",
        "examples/web-chat/{server,page/main}.ts",
        "test/web-chat/screenshots.ts",
        "test/interop/mcp/stdioServer.mjs",
        "test/runtimes/{run,backstage,onPage,onProcess}.ts"
      ],
      vitest: { config: ["vitest*.config.ts"], entry: ["test/**/*.test.ts", "test/soak/*.ts"] },
      // Installed by the system; the tests of stores start it.
      ignoreBinaries: ["redis-server"],
      // Run by its path, on the packed package.
      ignoreDependencies: ["@arethetypeswrong/cli"]
    },
    "test/clients": { entry: ["*.test.mjs"] },
    "test/servers": { entry: ["*.test.ts", "{express,fastify,hono,next,worker,lambda,web}.ts"], project: ["*.ts"] },
    "test/mcp": {
      entry: ["*.test.ts"],
      project: ["*.ts"],
      // Run by its path, in a process of its own.
      ignoreDependencies: ["@modelcontextprotocol/server-everything"]
    },
    "test/frontends": { entry: ["*.test.ts", "{useChat,agent}.mjs"], project: ["*.{ts,mjs}"] },
    bench: { entry: ["contestants/*.mjs", "gateway/*.mjs", "harness/worker.mjs", "programs/*.mjs", "server/main.mjs"] }
  }
}

export default config
