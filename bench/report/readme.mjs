/** Puts the results of a run into the README, between its markers, and the plots beside it. */
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { availableParallelism, totalmem } from "node:os"
import { growthCells, growthPlot } from "./growth.mjs"
import { sizeCells } from "./sizes.mjs"
import { forMarkdown, markdown } from "./table.mjs"

const begin = "<!-- results: written by npm run bench -- --write -->"
const end = "<!-- end of results -->"

const readme = new URL("../README.md", import.meta.url)
const plots = new URL("../results/", import.meta.url)

/** The machine, but not whose it is. */
export const machine = () =>
  `${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, ` +
  `Node ${process.versions.node}, ${process.platform} ${process.arch}`

/** @param {any} results @param {ReadonlyArray<import("./rows.mjs").Row>} rows */
export const writeReadme = async (results, rows) => {
  await mkdir(plots, { recursive: true })
  const { length, concurrency, bundle } = results
  await writeFile(new URL("length.svg", plots), growthPlot("deltas in one answer", length))
  await writeFile(new URL("concurrency.svg", plots), growthPlot("paced streams at once", concurrency))
  const text = [
    begin,
    `${new Date().toISOString().slice(0, 10)}, ${machine()}.`,
    forMarkdown(rows),
    "### Growth with the length of an answer",
    markdown(growthCells("deltas", length)),
    "![CPU per delta by the length of an answer](results/length.svg)",
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
}
