/** Formats bundle sizes as a table. */

const labels = {
  effect: "effect, Stream and FetchHttpClient",
  schema: "the same with one Schema and one error class",
  OpenAI: "us, OpenAI",
  Anthropic: "us, Anthropic",
  Google: "us, Google",
  openai: "openai",
  anthropic: "@anthropic-ai/sdk",
  ai: "ai with @ai-sdk/openai",
  "effect-ai": "@effect/ai with @effect/ai-openai"
}

/** @param {Record<string, Record<string, { value: number }>>} bundle by bundler */
export const sizeCells = (bundle) => {
  const bundlers = Object.keys(bundle)
  const names = Object.keys(labels).filter((name) => bundle[bundlers[0]][name] !== undefined)
  return [
    ["minified and gzipped, KiB", ...bundlers],
    ...names.map((name) => [labels[name], ...bundlers.map((bundler) => bundle[bundler][name].value.toFixed(1))])
  ]
}
