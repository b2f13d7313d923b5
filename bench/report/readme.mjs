/** Writes the results of a run into bench/README.md and bench/results, and a summary into docs/comparison.md. */
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { availableParallelism, totalmem } from "node:os"
import { writeBlock } from "./block.mjs"
import { growthCells, growthPlot } from "./growth.mjs"
import { policyCells } from "./policies.mjs"
import { readerCells } from "./readers.mjs"
import { sizeCells } from "./sizes.mjs"
import { forMarkdown, markdown } from "./table.mjs"

const begin = "<!-- results: written by npm run bench -- --write -->"
const end = "<!-- end of results -->"

const readme = new URL("../README.md", import.meta.url)
const comparison = new URL("../../docs/comparison.md", import.meta.url)
const plots = new URL("../results/", import.meta.url)

/** A description of the machine without its name. */
export const machine = () =>
  `${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, ` +
  `Node ${process.versions.node}, ${process.platform} ${process.arch}`

/** The rows of the summary: the beginning of their name in the full table, and their name in the summary. */
const summaryRows = [
  ["CPU per delta, 16 KiB reads, chat", "CPU per delta, chat completions, full reads"],
  ["CPU per delta, one event per write, chat", "… one event per write"],
  ["CPU per delta, paced, 5 ms, chat", "… one event every 5 ms"],
  ["CPU per delta, 16 KiB reads, responses", "CPU per delta, Responses, full reads"],
  ["200 streams, rate", "200 streams at once: rate"],
  ["200 streams, peak memory", "200 streams at once: peak memory"],
  ["first chunk", "time to first chunk, ms over the baseline"],
  ["process start", "process start to first chunk, ms"],
  ["bundle over effect and Fetch, vite", "browser bundle, KiB gzip over Effect"]
]

const columns = [
  ["this library, Undici", ["undici"]],
  ["this library, fetch", ["fetch"]],
  ["official client", ["openai"]],
  ["`ai`", ["ai"]],
  ["`@effect/ai`", ["effect-ai"]]
]

/** @param {ReadonlyArray<import("./rows.mjs").Row>} rows */
const summary = (rows) =>
  markdown([
    ["", ...columns.map(([title]) => title)],
    ...summaryRows.flatMap(([beginning, title]) => {
      const row = rows.find(({ measure }) => measure.startsWith(beginning))
      if (row === undefined) return []
      const cell = (ids) => ids.map((id) => row.cells[id]?.toFixed(row.digits)).find((text) => text !== undefined) ?? ""
      return [[title, ...columns.map(([, ids]) => cell(ids))]]
    })
  ])

/** @param {any} results @param {ReadonlyArray<import("./rows.mjs").Row>} rows */
export const writeReadme = async (results, rows) => {
  await mkdir(plots, { recursive: true })
  const { readers, policies, length, concurrency, bundle } = results
  await writeFile(new URL("length.svg", plots), growthPlot("deltas in one response", length))
  await writeFile(new URL("concurrency.svg", plots), growthPlot("concurrent paced streams", concurrency))
  const text = [
    begin,
    `${new Date().toISOString().slice(0, 10)}, ${machine()}.`,
    forMarkdown(rows),
    "### Ways to read a paced response",
    markdown(readerCells(readers)),
    "### What policies add to a read",
    markdown(policyCells(policies)),
    "### Growth with the length of a response",
    markdown(growthCells("deltas", length)),
    "![CPU per delta by the length of a response](results/length.svg)",
    "### Growth with the number of streams",
    markdown(growthCells("streams", concurrency)),
    "![CPU per delta by the number of streams](results/concurrency.svg)",
    "### Bundles",
    markdown(sizeCells(bundle)),
    end
  ].join("\n\n")
  const page = await readFile(readme, "utf8")
  const [before] = page.split(begin)
  const after = page.split(end)[1] ?? "\n"
  await writeFile(readme, before + text + after)
  const measured = `${new Date().toISOString().slice(0, 10)}, ${machine()}.`
  await writeBlock(comparison, "bench", `${summary(rows)}\n\n${measured}`)
}
