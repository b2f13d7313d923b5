/** Writes docs/resilience.md from the table of faults that test/resilience proves; `npm run docs:resilience` runs it. */
import { readFileSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import type { ProtocolName } from "../src/testing/index.js"
import { isTriedAgain, type Outcome, type Row, table } from "../test/resilience/faults.js"

const kindOf = ({ error }: Outcome): string => {
  if (error === undefined) return "complete"
  const details = [error.reason, error.clock].filter((each) => each !== undefined)
  return `\`${error._tag}\`${details.length === 0 ? "" : ` (${details.join(", ")})`}`
}

const textOf = ({ text, lacksUsage }: Outcome): string => {
  const shown =
    text === "" ? "nothing" : text === "endless" ? "all that came" : text.endsWith(".") ? "all" : "the beginning"
  return lacksUsage === true ? `${shown}, without usage` : shown
}

const protocolNames: { readonly [Each in ProtocolName]: string } = {
  "openai-chat": "OpenAI's chat completions",
  "openai-responses": "OpenAI's Responses",
  "anthropic-messages": "Anthropic",
  "google-gemini": "Gemini"
}

const exceptionsOf = (row: Row): string =>
  (row.exceptions ?? [])
    .map(({ protocols = [], clients = [], outcome, because }) => {
      const where = [
        ...protocols.map((protocol) => protocolNames[protocol]),
        ...(clients.length === 0 ? [] : [`the ${clients.join(" and ")} client${clients.length === 1 ? "" : "s"}`])
      ].join(", ")
      return `With ${where}: ${kindOf(outcome)}, ${textOf(outcome)}; ${because}.`
    })
    .join(" ")

/** What to tell the Simulator, as one writes it. */
const replyOf = ({ reply }: Row): string =>
  `\`${inspect(reply, { depth: null, breakLength: Number.POSITIVE_INFINITY }).replaceAll("'", '"')}\``

const rowOf = (row: Row): string =>
  `| ${[
    row.name,
    kindOf(row.streamed),
    textOf(row.streamed),
    isTriedAgain(row.streamed) ? "yes" : "–",
    row.whole === undefined ? "–" : kindOf(row.whole),
    exceptionsOf(row),
    replyOf(row)
  ].join(" | ")} |`

const tables = table
  .map(
    ({ title, rows }) =>
      `### ${title}\n\n| What happens | A stream | The reader sees | Retried | A whole answer | Except | The Simulator's reply |\n|---|---|---|---|---|---|---|\n${rows.map(rowOf).join("\n")}`
  )
  .join("\n\n")

const faults = table.reduce((sum, { rows }) => sum + rows.length, 0)

/** A test that the suite runs, but for its sentence of what it is. */
const example = readFileSync(new URL("../test/resilience/example.test.ts", import.meta.url), "utf8").replace(
  /^.*\n/,
  ""
)

/** The page as it should be. */
export const page = `<!-- Made by \`npm run docs:resilience\` from test/resilience/faults.ts; edit that or scripts/resilience-table.ts. -->

# Resilience

A stream of \`llm-connectivity\` ends with exactly one chunk that has a finish reason, or it fails with an error that says what to do. Below are the ${faults} faults that we know and what you get, for OpenAI's chat completions and Responses, Anthropic and Google, over the Fetch, Node and Undici clients. \`test/resilience\` runs all of it against real sockets; this page is written from the same table.

## What holds whatever happens

- **Complete or error.** Before the first finish reason no end of the connection is a quiet one: it is a \`NetworkError\` with reason \`Truncated\`. After it, a clean end is complete and a reset is \`Truncated\`.
- **The same error** inside a stream (after HTTP 200) and as a response.
- **Never twice.** Retries and fallbacks act only until the first content, reasoning or tool call has been shown. "Retried" below says whether the default policy tries again.
- **The socket closes** when you interrupt, \`take\`, fail or run out of time.
- **Bounded.** An event is at most 8 Mi characters (\`maxEventSize\`), an answer at most 1 GiB (\`maxAnswerBytes\`; one in a single piece at most 256 MiB), the body of an error is read to 64 KiB, and a slow reader slows the socket.

## The four clocks

| clock | from | to | default |
|---|---|---|---|
| \`headers\` | sending | the response's headers | 60 s |
| \`firstContent\` | sending | the first content, reasoning or tool call; keep-alives do not count | 120 s |
| \`idle\` | one network read | the next; keep-alives count | 60 s |
| \`total\` | sending | the end | off for a stream, 10 minutes for a whole answer |

A whole answer has only the \`total\` clock. They stand still while your program holds the stream. One that runs out is a \`NetworkError\` with reason \`Timeout\` and its \`clock\`. Set them for a layer or a call with \`timeouts\`; \`Infinity\` switches one off.

## What is tried again

\`RateLimitError\` three times after 1, 2 and 4 seconds, \`NetworkError\` three times after 2, 3 and 4.5 seconds, each plus up to a quarter, and never sooner than the provider asks (\`retry-after-ms\`, \`retry-after\` in seconds or as a date, Google's \`RetryInfo\`, the words of the message). \`x-should-retry\` wins over the status. A hint beyond \`maxRetryDelay\` (120 seconds) fails at once and carries the hint. \`retryBudget\` bounds the retries of many calls together, and \`fallback\` asks someone else.

## The faults

${tables}

## Try it yourself

The Simulator, a server on loopback that speaks as the providers do, serves all of these to your own tests. Give it the reply from the last column of the table, for one request after the other; positions are \`afterChunks\`, \`afterBytes\` and \`afterFinish\`, and several faults can be combined in a list. What it saw is in \`Simulator.requests\`, which also tells when each connection closed and by whom.

\`\`\`ts
${example}\`\`\`
`

/** The page as it is. */
export const file: string = fileURLToPath(new URL("../docs/resilience.md", import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const before = await readFile(file, "utf8").catch(() => "")
  if (page !== before) await writeFile(file, page)
}
