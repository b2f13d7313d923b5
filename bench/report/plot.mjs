/** Draws a plot with two logarithmic axes as SVG. */

const width = 640
const height = 360
const box = { left: 60, right: 470, top: 20, bottom: 310 }
const colours = ["#444444", "#1f77b4", "#d62728", "#9467bd", "#2ca02c", "#ff7f0e", "#8c564b"]

const decadesOf = (values) => ({
  from: Math.floor(Math.log10(Math.min(...values))),
  to: Math.ceil(Math.log10(Math.max(...values)))
})

/** Maps a value to a position in the box, by its logarithm. */
const scale =
  ({ from, to }, start, end) =>
  (value) =>
    start + ((Math.log10(value) - from) / Math.max(1, to - from)) * (end - start)

const powers = ({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index))

const text = (x, y, words, anchor = "middle") => `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`

const line = (x1, y1, x2, y2) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#dddddd"/>`

/**
 * @param {{ x: string, y: string }} titles
 * @param {ReadonlyArray<{ label: string, points: ReadonlyArray<{ x: number, micros: number }> }>} series
 */
export const plot = (titles, series) => {
  const points = series.flatMap((each) => each.points)
  const xs = decadesOf(points.map(({ x }) => x))
  const ys = decadesOf(points.map(({ micros }) => micros))
  const x = scale(xs, box.left, box.right)
  const y = scale(ys, box.bottom, box.top)
  const axes = [
    ...powers(xs).flatMap((value) => [
      line(x(value), box.top, x(value), box.bottom),
      text(x(value), box.bottom + 18, value.toLocaleString("en"))
    ]),
    ...powers(ys).flatMap((value) => [
      line(box.left, y(value), box.right, y(value)),
      text(box.left - 8, y(value) + 4, String(value), "end")
    ]),
    text((box.left + box.right) / 2, height - 12, titles.x),
    `<g transform="rotate(-90 16 165)">${text(16, 165, titles.y)}</g>`
  ]
  const lines = series.flatMap(({ label, points: own }, index) => {
    const colour = colours[index % colours.length]
    const at = box.top + 10 + index * 22
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${own.map((point) => `${x(point.x).toFixed(1)},${y(point.micros).toFixed(1)}`).join(" ")}"/>`,
      ...own.map(
        (point) => `<circle cx="${x(point.x).toFixed(1)}" cy="${y(point.micros).toFixed(1)}" r="3" fill="${colour}"/>`
      ),
      `<rect x="${box.right + 16}" y="${at - 5}" width="14" height="4" fill="${colour}"/>`,
      text(box.right + 38, at + 1, label, "start")
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...axes,
    ...lines,
    "</svg>\n"
  ].join("\n")
}
