/** How fast an answer is written; a reader who does not keep up is waited for. */

/**
 * @typedef {{ bytes: import("./Bytes.mjs").Bytes, response: import("node:http").ServerResponse, count: number }} Answer
 * @typedef {(answer: Answer, millis: number) => void} Pace
 */

/** Writes of 16 KiB, as fast as they are read. */
const dense = ({ bytes, response, count }) => {
  let written = 0
  response.write(bytes.opening)
  const more = () => {
    while (written < count) {
      const some = Math.min(bytes.deltasPerWrite, count - written)
      const canGoOn = response.write(bytes.deltas(written, some))
      written += some
      if (!canGoOn) return response.once("drain", more)
    }
    response.end(bytes.closing)
  }
  more()
}

/** One event per write, as fast as they are read. */
const single = ({ bytes, response, count }) => {
  let written = 0
  response.write(bytes.opening)
  const more = () => {
    if (written === count) return response.end(bytes.closing)
    const canGoOn = response.write(bytes.deltas(written, 1))
    written++
    if (canGoOn) setImmediate(more)
    else response.once("drain", more)
  }
  setImmediate(more)
}

/** One event per write, so many milliseconds apart. */
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

/** @type {{ readonly [name: string]: Pace }} */
export const paces = { dense, single, paced }
