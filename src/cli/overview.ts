/** The help page of the command as a whole. It imports no code, so that it prints at once. */
import type { Page } from "./Help.js"

/** What each command does. */
export const summaries = {
  chat: "Send a prompt to a model and stream its response; without a prompt, start a conversation",
  models: "List models with their prices, limits and capabilities",
  tokens: "Count the tokens of a text",
  cost: "Estimate what a prompt and its response cost, or price given token counts",
  batch: "Run many requests as the provider's own batch, within a day and at half the price",
  serve: "Serve models of any provider by OpenAI's API, as a file says",
  simulate: "Serve simulated providers on this machine, optionally with faults"
} as const

/** The page of `llm-connectivity --help`. */
export const overview: Page = {
  usage: "llm-connectivity <command> [options]",
  paragraphs: [
    "Sends prompts to any LLM from the terminal and streams the response; lists prices and capabilities of models; and " +
      "simulates providers for tests.",
    "A model is named provider/model, such as openai/gpt-4o-mini. Its API key is read from the provider's environment " +
      "variable (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, …); no option takes a key. Without any key, a " +
      "simulated model responds."
  ],
  sections: [
    { title: "Commands", rows: Object.entries(summaries) },
    {
      title: "Options",
      rows: [
        ["<command> --help", "Show the options and examples of a command"],
        ["--version", "Show the version"]
      ]
    },
    {
      title: "Examples",
      rows: [
        ['llm-connectivity chat "Why is the sky blue?"', ""],
        ['git diff | llm-connectivity chat -m anthropic/claude-sonnet-4-5 "Review this"', ""],
        ["llm-connectivity chat", ""],
        ["llm-connectivity models --can tools haiku", ""],
        ["llm-connectivity serve --config gateway.json", ""]
      ]
    },
    {
      title: "Exit codes",
      rows: [
        ["0", "Success, also if the reader of the output left early"],
        ["1", "Unexpected error: a bug, or the output cannot be written"],
        ["2", "The command line is wrong"],
        ["3", "The API key is missing or wrong"],
        ["4", "The account has no credit or quota left"],
        ["5", "Rate limit exceeded, or the provider is overloaded"],
        ["6", "Connection failed, timeout, server error, or the response was truncated"],
        ["7", "The model does not exist or is not available to the account"],
        ["8", "The prompt and the response exceed the model's context window"],
        ["9", "The request is invalid"],
        ["10", "Any other error of the provider"],
        ["130, 143", "Stopped by Ctrl-C (SIGINT), or by SIGTERM"]
      ]
    }
  ]
}
