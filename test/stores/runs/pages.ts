/** Readers of runs in this process, as pages are. */
import { type ChatStreamError, type RunInit, startRun } from "llm-connectivity/browser"

/** What starts a run. */
export const asking: RunInit = {
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ question: "Count" }),
  retryDelay: 4
}

/** How a reading ended. */
export interface Reading {
  readonly text: string
  readonly error: ChatStreamError | undefined
  /** When it ended, on the clock of `performance`. */
  readonly endedAt: number
}

/** Reads to the end, and tells of each text on the way. */
export const read = async (
  chunks: AsyncIterable<{ readonly content: string }>,
  onText: (text: string) => void = () => {}
): Promise<Reading> => {
  let text = ""
  let error: ChatStreamError | undefined
  try {
    for await (const { content } of chunks) {
      text += content
      onText(text)
    }
  } catch (caught) {
    error = caught as ChatStreamError
  }
  return { text, error, endedAt: performance.now() }
}

/** Starts a run and leaves it when it has come to a text. */
export const begin = async (url: string, until = ""): Promise<void> => {
  for await (const { content } of startRun(url, asking)) if (content !== "" && content.endsWith(until)) break
}
