/** How fast a response is written. All but `paced` wait for slow readers. */

/**
 * @typedef {{ bytes: import("./Bytes.mjs").Bytes, response: import("node:http").ServerResponse, count: number }} PlannedResponse
 * @typedef {(planned: PlannedResponse, millis: number) => void} Pace
 */

/** Writes 16 KiB at a time, as fast as the client reads. */
const dense = ({ bytes, response, count }) => {
  let written = 0
  response.write(bytes.opening)
  const more = () => {
    while (written < count) {
      const some = Math.min(bytes.deltasPerWrite, count - written)
      const canContinue = response.write(bytes.deltas(written, some))
      written += some
      if (!canContinue) return response.once("drain", more)
    }
    response.end(bytes.closing)
  }
  more()
}

/** Writes one event at a time, as fast as the client reads. */
const single = ({ bytes, response, count }) => {
  let written = 0
  response.write(bytes.opening)
  const more = () => {
    if (written === count) return response.end(bytes.closing)
    const canContinue = response.write(bytes.deltas(written, 1))
    written++
    if (canContinue) setImmediate(more)
    else response.once("drain", more)
  }
  setImmediate(more)
}

/** Writes one event at a time, at an interval in milliseconds. */
const paced = ({ bytes, response, count }, millis) => {
  let written = 0
  response.write(bytes.opening)
  const timer = setInterval(() => {
    if (written < count) response.write(bytes.deltas(written++, 1))
    else {
      clearInterval(timer)
      response.end(bytes.closing)
    }
  }, millis)
  response.on("close", () => clearInterval(timer))
}

/** Writes all deltas at once, and leaves the response open. */
const waiting = ({ bytes, response, count }) => {
  response.write(bytes.opening)
  response.write(bytes.deltas(0, count))
}

/** @type {{ readonly [name: string]: Pace }} */
export const paces = { dense, single, paced, waiting }
