import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url))

const include = ["test/**/*.test.ts", "examples/**/*.test.ts"]

const exclude = [
  "test/recordings/**",
  "test/types/**",
  "test/servers/**",
  "test/mcp/**",
  "test/frontends/**",
  "test/stores/**",
  "test/web-chat/**",
  "**/node_modules/**"
]

/** Tests that measure how soon a socket closes. They run alone, after the others. */
const timed = [
  "test/policy/recovery/hedgeSocket.test.ts",
  "test/provider/closing.test.ts",
  "test/resilience/interruption.test.ts"
]

export default defineConfig({
  resolve: {
    alias: [
      { find: /^llm-connectivity$/, replacement: source("index.ts") },
      { find: /^llm-connectivity\/vendors$/, replacement: source("provider/vendors.ts") },
      { find: /^llm-connectivity\/tokens$/, replacement: source("catalog/tokens.ts") },
      { find: /^llm-connectivity\/server$/, replacement: source("server/index.ts") },
      { find: /^llm-connectivity\/tools$/, replacement: source("tools/index.ts") },
      { find: /^llm-connectivity\/batch$/, replacement: source("batch/index.ts") },
      { find: /^llm-connectivity\/runs$/, replacement: source("runs/index.ts") },
      { find: /^llm-connectivity\/browser$/, replacement: source("browser/index.ts") },
      { find: /^llm-connectivity\/progress$/, replacement: source("output/progress/index.ts") },
      { find: /^llm-connectivity\/effect-ai$/, replacement: source("interop/effect-ai/index.ts") },
      { find: /^llm-connectivity\/mcp$/, replacement: source("interop/mcp/index.ts") },
      { find: /^llm-connectivity\/redis$/, replacement: source("interop/redis/index.ts") },
      { find: /^llm-connectivity\/node$/, replacement: source("interop/node/index.ts") },
      { find: /^llm-connectivity\/durable$/, replacement: source("interop/durable/index.ts") },
      { find: /^llm-connectivity\/sql$/, replacement: source("interop/sql/index.ts") },
      { find: /^llm-connectivity\/testing$/, replacement: source("testing/index.ts") }
    ]
  },
  test: {
    // One worker imports Effect once for all of its files; a test leaves nothing behind that another could meet.
    isolate: false,
    setupFiles: ["test/support/oneWorker.ts"],
    // A hang is found later, but a test that works is not stopped on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // By default Vitest leaves one core idle, which is half of a small machine.
    maxWorkers: "100%",
    // `npm run test:http` runs the tables of faults over every client.
    provide: { everyClient: false },
    projects: [
      { extends: true, test: { name: "tests", include, exclude: [...exclude, ...timed] } },
      {
        extends: true,
        test: {
          name: "timed",
          include: timed,
          sequence: { groupOrder: 1 },
          poolOptions: { forks: { singleFork: true } }
        }
      }
    ]
  }
})
