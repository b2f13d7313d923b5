/** The examples print what they say, and are as small as they promise. */
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Built, buildAll, expectedOf, programs, type Ran, read, root, sources, timeless } from "./examples.js"

/** What `npm start` runs. */
const start = "04-streaming/chat.ts"

const introduction = (source: string): string =>
  /^\/\*\*.*?\*\//s.exec(read(source))?.[0].replace(/\s+\*?\s*/g, " ") ?? ""

describe("every example", () => {
  it("is under 40 lines without its imports", () => {
    const lines = (source: string) => read(source).trimEnd().split("\n")
    const isImport = (line: string) => line.startsWith("import ")
    expect(sources.filter((source) => lines(source).filter((line) => !isImport(line)).length >= 40)).toEqual([])
  })

  it("begins by saying how to run it", () => {
    const command = /`(npx (tsx|vitest run) examples\/[^`]*|npm start)`/
    expect(sources.filter((source) => !command.test(introduction(source)))).toEqual([])
  })

  it("that is a program says how to run itself, and what it prints", () => {
    const isTold = (program: string) =>
      /: it prints /.test(introduction(program)) &&
      (introduction(program).includes(`\`npx tsx examples/${program}\``) || program === start)
    expect(programs.filter((program) => !isTold(program))).toEqual([])
  })
})

describe("npm start", () => {
  it("runs the streamed chat", () => {
    expect(JSON.parse(read("../package.json")).scripts.start).toBe(`tsx examples/${start}`)
  })
})

describe("the program", () => {
  let built: Built
  let ran: ReadonlyMap<string, Ran>
  let interrupted: string

  beforeAll(async () => {
    built = await buildAll()
    // Most of their time is spent waiting.
    const shares = [0, 1, 2].map((share) => programs.filter((_, index) => index % 3 === share))
    const [stopped, ...all] = await Promise.all([
      built.interrupt(start, "Tell me a long story", "Nobody knew"),
      ...shares.map(built.runAll)
    ])
    interrupted = stopped
    ran = new Map(all.flatMap((share) => Array.from(share)))
  }, 360_000)

  afterAll(() => built.remove())

  it.each(programs)("%s prints what is expected, closes everything and ends", async (program) => {
    expect(ran.get(program)?.status).toBe("0")
    await expect(timeless(ran.get(program)?.printed ?? "")).toMatchFileSnapshot(join(root, expectedOf(program)))
  })

  it(`${start} stops at once on Ctrl-C`, () => {
    expect(interrupted).toContain("Nobody knew")
    // What follows a whole answer.
    expect(interrupted).not.toContain("tokens")
  })
})
