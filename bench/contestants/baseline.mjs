/** The baseline: bare `fetch`, a split at blank lines, and `JSON.parse`. */
import { post, readings, Splitter } from "./requests.mjs"

/** @returns {import("./index.mjs").ReadResponse} */
export const open = (origin, wire) => async (plan, onDelta) => {
  const reading = readings[wire]
  const response = await post(origin, reading, plan)
  const splitter = new Splitter()
  const reader = response.body.getReader()
  const onEvent = (event) => {
    if (reading.textOf(event)) onDelta()
  }
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    splitter.push(value, onEvent)
  }
}
