/** The page that explains the command as a whole; it loads nothing, so that it is there at once. */
import type { Page } from "./Help.js"

/** What each command is for. */
export const summaries = {
  chat: "Ask a model and stream its answer; without a prompt, talk with it",
  models: "List models with their prices, limits and capabilities",
  tokens: "Count the tokens of a text",
  cost: "Say what a prompt and its answer would cost, or what given tokens do",
  simulate: "Serve simulated providers on this machine, with faults if wanted"
} as const

/** What `llm-connectivity --help` shows. */
export const overview: Page = {
  usage: "llm-connectivity <command> [options]",
  paragraphs: [
    "Asks any LLM from the terminal and streams what it answers; says what models cost and can do; and simulates the " +
      "providers for tests.",
    "A model is named provider/model, such as openai/gpt-4o-mini. Its key is read from the provider's variable " +
      "(OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, …) and is never an option. Without any key, a simulated " +
      "model answers."
  ],
  sections: [
    { title: "Commands", rows: Object.entries(summaries) },
    {
      title: "Options",
      rows: [
        ["<command> --help", "Explain a command, its options and examples"],
        ["--version", "Show the version"]
      ]
    },
    {
      title: "Examples",
      rows: [
        ['llm-connectivity chat "Why is the sky blue?"', ""],
        ['git diff | llm-connectivity chat -m anthropic/claude-sonnet-4-5 "Review this"', ""],
        ["llm-connectivity chat", ""],
        ["llm-connectivity models --can tools haiku", ""]
      ]
    },
    {
      title: "Exit codes",
      rows: [
        ["0", "It went well, also where the reader of the output left early"],
        ["1", "A bug of ours"],
        ["2", "The command line is wrong"],
        ["3", "The key is missing or wrong"],
        ["4", "The account is out of money or quota"],
        ["5", "The provider refuses for now: too many requests, or too little capacity"],
        ["6", "No connection, a timeout, a server in trouble, or an answer that broke off"],
        ["7", "No such model, or not for this account"],
        ["8", "The prompt and the answer do not fit the model"],
        ["9", "The request is wrong"],
        ["10", "Anything else that the provider said"],
        ["130, 143", "Stopped by Ctrl-C (SIGINT), or by SIGTERM"]
      ]
    }
  ]
}
