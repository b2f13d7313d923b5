/** What happens to the assistants, and how to say in a few words what came of it. */

/**
 * @typedef {object} Ran What was seen of an assistant.
 * @property {ReadonlyArray<{ city: string, id: string }>} calls How often the tool ran.
 * @property {ReadonlyArray<string>} results What the model was told of the tool, in the last request.
 * @property {number} requests
 * @property {unknown} [error]
 *
 * @typedef {object} Scenario
 * @property {string} title
 * @property {ReadonlyArray<unknown>} script The replies of the Simulator.
 * @property {(assistant: import("./assistants.mjs").Assistant) => Promise<unknown>} run
 * @property {() => Promise<string>} [execute]
 * @property {(ran: Ran) => string} describe
 */

const call = (args = { city: "Lisbon" }) => ({ toolCalls: [{ id: "call_1", name: "weather", arguments: args }] })
const calls = (times) => Array.from({ length: times }, () => call())
const ask = (assistant) => assistant.ask()
const end = (error, ended = "**ends as if complete**") => (error === undefined ? ended : "an error")

/** @type {ReadonlyArray<Scenario>} */
export const scenarios = [
  {
    title: "No limit given: requests of a question with one call",
    script: [call(), "It is warm."],
    run: (assistant) => assistant.ask(false),
    describe: ({ requests }) => (requests === 1 ? "**1, so no answer**" : String(requests))
  },
  {
    title: "`execute` fails",
    script: [call(), "No idea."],
    execute: () => Promise.reject(new Error("canary")),
    run: ask,
    describe: ({ error, results }) =>
      error !== undefined ? "an error" : results.join().includes("canary") ? "the model is told its message" : "goes on"
  },
  {
    title: "The first request is rejected",
    script: [{ error: "authentication" }],
    run: ask,
    describe: ({ error }) => end(error)
  },
  {
    title: "The request after the tool is rejected",
    script: [call(), { error: "authentication" }],
    run: ask,
    describe: ({ error }) => end(error)
  },
  {
    title: "The request after the tool fails once: runs of the tool",
    script: [call(), { error: "server" }, "It is warm."],
    run: ask,
    describe: ({ calls }) => String(calls.length)
  },
  {
    title: "Arguments do not fit",
    script: [call({ town: 1 }), "Sorry."],
    run: ask,
    describe: ({ calls, results }) => (calls.length === 0 && results.length > 0 ? "the model is told" : "runs")
  },
  {
    title: "The same call again and again: runs of the tool",
    script: calls(20),
    run: ask,
    describe: ({ calls }) => String(calls.length)
  },
  {
    title: "Calls in two loops with one id of the provider: ids for `execute`",
    script: [call(), "It is warm.", call(), "It is warm."],
    run: async (assistant) => [await assistant.ask(), await assistant.ask()],
    describe: ({ calls }) => (new Set(calls.map(({ id }) => id)).size === 2 ? "two" : "**one**")
  },
  {
    title: "An approval with other arguments",
    script: [call(), "Done."],
    run: async (assistant) => {
      const { approve } = await assistant.askForApproval()
      await approve((json) => json.replaceAll("Lisbon", "Madrid"))
    },
    describe: ({ calls }) => (calls.some(({ city }) => city === "Madrid") ? "**runs**" : "refused")
  },
  {
    title: "An approval used twice: runs of the tool",
    script: [call(), "Done.", "Done."],
    run: async (assistant) => {
      const { approve } = await assistant.askForApproval()
      await approve()
      await approve()
    },
    describe: ({ calls }) => (calls.length === 1 ? "1" : `**${calls.length}**`)
  }
]
