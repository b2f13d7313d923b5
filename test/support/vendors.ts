/** What each vendor of OpenAI's protocol documents of itself, and requests that use what not everyone takes. */
import type { ChatRequest, ContentPart } from "llm-connectivity"

export const messages = [{ role: "user", content: "Hi" }] as const
const tools = [{ name: "look", parameters: { type: "object", properties: {} } }]
const withPart = (part: ContentPart): ChatRequest => ({
  messages: [{ role: "user", content: [{ type: "text", text: "Look" }, part] }]
})

/** What not everyone takes. */
export const features = {
  tools: { messages, tools },
  required: { messages, tools, toolChoice: "required" },
  namedTool: { messages, tools, toolChoice: { name: "look" } },
  stop: { messages, stop: "END" },
  seed: { messages, seed: 7 },
  effort: { messages, reasoning: { effort: "low" } },
  noEffort: { messages, reasoning: { effort: "none" } },
  budget: { messages, reasoning: { budgetTokens: 2000 } },
  json: { messages, responseFormat: { type: "json" } },
  schema: { messages, responseFormat: { type: "json", schema: { type: "object" } } },
  image: withPart({ type: "image", data: "aGk=", mediaType: "image/png" }),
  imageUrl: withPart({ type: "image", url: "https://images.example/a.png" }),
  file: withPart({ type: "file", data: "aGk=", mediaType: "application/pdf" }),
  fileUrl: withPart({ type: "file", url: "https://files.example/a.pdf", mediaType: "application/pdf" })
} as const satisfies { readonly [name: string]: ChatRequest }

export type Feature = keyof typeof features

export interface Row {
  readonly baseUrl: string
  /** The variables that hold the key, in their order. */
  readonly keys: ReadonlyArray<string>
  readonly variable: string
  readonly keyHeader?: string
  readonly maxTokens?: "max_completion_tokens"
  readonly usage?: "unasked"
  /** What is not sent as OpenAI takes it. */
  readonly sends?: { readonly [feature in Feature]?: object }
  readonly refuses: { readonly [feature in Feature]?: string }
  readonly embeds: boolean
}

const noSeed = { seed: "VENDOR does not support seed; leave it out" }
const noFile = "messages[0].content[1]: VENDOR does not accept file parts; send their text"
const file = { file: noFile, fileUrl: noFile }
const imageUrl = { imageUrl: "messages[0].content[1]: VENDOR does not accept image URLs; send data and mediaType" }
const budget = { budget: "VENDOR does not support reasoning.budgetTokens; use reasoning.effort" }
const named = { namedTool: 'VENDOR does not support a tool name in toolChoice; use "required"' }
const json = { json: "VENDOR does not support JSON mode without a schema; add a schema to responseFormat" }

const noTools = "VENDOR does not support tools; leave them out"
const onlyAuto = "VENDOR does not support a toolChoice other than auto; leave it out"

const local = { refuses: {}, embeds: true } as const

export const rows: { readonly [name: string]: Row } = {
  azure: {
    baseUrl: "",
    keys: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
    variable: "AZURE_OPENAI_BASE_URL",
    keyHeader: "api-key",
    maxTokens: "max_completion_tokens",
    refuses: { ...budget, fileUrl: "messages[0].content[1]: VENDOR does not accept file URLs; send data" },
    embeds: true
  },
  groq: {
    baseUrl: "https://api.groq.com/openai/v1",
    keys: ["GROQ_API_KEY"],
    variable: "GROQ_BASE_URL",
    maxTokens: "max_completion_tokens",
    refuses: { ...budget, ...file },
    embeds: false
  },
  deepseek: {
    baseUrl: "https://api.deepseek.com",
    keys: ["DEEPSEEK_API_KEY"],
    variable: "DEEPSEEK_BASE_URL",
    sends: {
      effort: { thinking: { type: "enabled" }, reasoning_effort: "low" },
      noEffort: { thinking: { type: "disabled" } }
    },
    refuses: {
      ...budget,
      ...file,
      ...noSeed,
      schema: "VENDOR does not support a schema in responseFormat; leave it out and describe it in the prompt"
    },
    embeds: false
  },
  mistral: {
    baseUrl: "https://api.mistral.ai/v1",
    keys: ["MISTRAL_API_KEY"],
    variable: "MISTRAL_BASE_URL",
    usage: "unasked",
    sends: { seed: { random_seed: 7 }, required: { tool_choice: "any" } },
    refuses: { ...budget, ...file },
    embeds: true
  },
  xai: {
    baseUrl: "https://api.x.ai/v1",
    keys: ["XAI_API_KEY"],
    variable: "XAI_BASE_URL",
    maxTokens: "max_completion_tokens",
    refuses: { ...budget, ...file },
    embeds: false
  },
  openrouter: {
    baseUrl: "https://openrouter.ai/api/v1",
    keys: ["OPENROUTER_API_KEY"],
    variable: "OPENROUTER_BASE_URL",
    sends: {
      effort: { reasoning: { effort: "low" } },
      noEffort: { reasoning: { effort: "none" } },
      budget: { reasoning: { max_tokens: 2000 } }
    },
    refuses: {},
    embeds: true
  },
  together: {
    baseUrl: "https://api.together.ai/v1",
    keys: ["TOGETHER_API_KEY"],
    variable: "TOGETHER_BASE_URL",
    usage: "unasked",
    refuses: { ...budget, ...file },
    embeds: true
  },
  fireworks: {
    baseUrl: "https://api.fireworks.ai/inference/v1",
    keys: ["FIREWORKS_API_KEY"],
    variable: "FIREWORKS_BASE_URL",
    refuses: { ...budget, ...file },
    embeds: true
  },
  cerebras: {
    baseUrl: "https://api.cerebras.ai/v1",
    keys: ["CEREBRAS_API_KEY"],
    variable: "CEREBRAS_BASE_URL",
    maxTokens: "max_completion_tokens",
    refuses: { ...budget, ...file, ...imageUrl },
    embeds: false
  },
  perplexity: {
    baseUrl: "https://api.perplexity.ai",
    keys: ["PERPLEXITY_API_KEY"],
    variable: "PERPLEXITY_BASE_URL",
    usage: "unasked",
    refuses: {
      ...budget,
      ...file,
      ...json,
      ...noSeed,
      tools: noTools,
      required: noTools,
      namedTool: noTools
    },
    embeds: false
  },
  huggingface: {
    baseUrl: "https://router.huggingface.co/v1",
    keys: ["HF_TOKEN", "HUGGINGFACE_API_KEY"],
    variable: "HUGGINGFACE_BASE_URL",
    refuses: { ...budget, ...file },
    embeds: false
  },
  ollama: {
    ...local,
    baseUrl: "http://localhost:11434/v1",
    keys: ["OLLAMA_API_KEY"],
    variable: "OLLAMA_BASE_URL",
    refuses: {
      ...budget,
      ...file,
      ...imageUrl,
      required: onlyAuto,
      namedTool: onlyAuto
    }
  },
  lmstudio: {
    ...local,
    baseUrl: "http://localhost:1234/v1",
    keys: ["LMSTUDIO_API_KEY"],
    variable: "LMSTUDIO_BASE_URL",
    refuses: { ...budget, ...file, ...json, ...named }
  },
  vllm: {
    ...local,
    baseUrl: "http://localhost:8000/v1",
    keys: ["VLLM_API_KEY"],
    variable: "VLLM_BASE_URL",
    refuses: { ...budget, ...file }
  },
  llamacpp: {
    ...local,
    baseUrl: "http://localhost:8080/v1",
    keys: ["LLAMACPP_API_KEY"],
    variable: "LLAMACPP_BASE_URL",
    refuses: { ...budget, ...file, ...named }
  }
}

/** As OpenAI takes them. */
export const asOpenAI: { readonly [feature in Feature]?: object } = {
  required: { tool_choice: "required" },
  namedTool: { tool_choice: { type: "function", function: { name: "look" } } },
  stop: { stop: ["END"] },
  seed: { seed: 7 },
  effort: { reasoning_effort: "low" },
  noEffort: { reasoning_effort: "none" },
  json: { response_format: { type: "json_object" } },
  schema: { response_format: { type: "json_schema" } }
}
