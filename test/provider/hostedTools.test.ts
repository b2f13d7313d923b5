/** Hosted tools over real HTTP: what each protocol sends, and what is refused before anything is sent. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type ChatRequest, HostedTool, LLMClient } from "llm-connectivity"
import { type ProtocolName, Simulator } from "llm-connectivity/testing"
import { OpenRouter, Perplexity } from "llm-connectivity/vendors"
import { asking, bodies, protocols } from "../support/contract.js"

const messages = [{ role: "user", content: "Who won?" }] as const

const lookup = { name: "lookup", parameters: { type: "object", properties: {} } }

const location = { city: "Ulm", country: "DE" }

const search = HostedTool.webSearch()
const code = HostedTool.codeExecution()
const files = HostedTool.fileSearch({ stores: ["a", "b"], maxResults: 3 })

/** The tools and the tool choice of what was sent. */
const sent = (request: Omit<ChatRequest, "messages">) =>
  Effect.gen(function* () {
    yield* LLMClient.chat({ messages, ...request })
    const [body] = yield* bodies
    return body
  })

const tool = (name: string) => ({ type: "function", name, parameters: lookup.parameters, strict: false })

interface Row {
  readonly title: string
  readonly protocol: ProtocolName
  readonly request: Omit<ChatRequest, "messages">
  readonly body: object
}

const sentRows: ReadonlyArray<Row> = [
  {
    title: "Responses, all three and a function",
    protocol: "openai-responses",
    request: {
      tools: [HostedTool.webSearch({ allowedDomains: ["example.com"], userLocation: location }), code, files, lookup]
    },
    body: {
      tools: [
        tool("lookup"),
        {
          type: "web_search",
          filters: { allowed_domains: ["example.com"] },
          user_location: { type: "approximate", ...location }
        },
        { type: "code_interpreter", container: { type: "auto" } },
        { type: "file_search", vector_store_ids: ["a", "b"], max_num_results: 3 }
      ]
    }
  },
  {
    title: "Responses, with fields of its own and a forced tool",
    protocol: "openai-responses",
    request: {
      tools: [HostedTool.codeExecution({ providerOptions: { openai: { container: "cntr_1" }, google: { x: 1 } } })],
      toolChoice: { name: "code_execution" }
    },
    body: {
      tools: [{ type: "code_interpreter", container: "cntr_1" }],
      tool_choice: { type: "code_interpreter" }
    }
  },
  {
    title: "Anthropic, with limits, a cache mark and a forced tool",
    protocol: "anthropic-messages",
    request: {
      tools: [
        HostedTool.webSearch({ maxUses: 2, blockedDomains: ["example.com"], userLocation: location }),
        HostedTool.codeExecution({ cache: "5m" }),
        lookup
      ],
      toolChoice: { name: "web_search" }
    },
    body: {
      tools: [
        { name: "lookup", input_schema: lookup.parameters },
        {
          type: "web_search_20250305",
          name: "web_search",
          max_uses: 2,
          blocked_domains: ["example.com"],
          user_location: { type: "approximate", ...location }
        },
        { type: "code_execution_20250825", name: "code_execution", cache_control: { type: "ephemeral", ttl: "5m" } }
      ],
      tool_choice: { type: "tool", name: "web_search" }
    }
  },
  {
    title: "Gemini, all three and a function",
    protocol: "google-gemini",
    request: { tools: [search, code, files, lookup], toolChoice: "auto" },
    body: {
      tools: [
        { functionDeclarations: [{ name: "lookup", parametersJsonSchema: lookup.parameters }] },
        { googleSearch: {} },
        { codeExecution: {} },
        { fileSearch: { fileSearchStoreNames: ["a", "b"], topK: 3 } }
      ],
      toolConfig: { functionCallingConfig: { mode: "AUTO" }, includeServerSideToolInvocations: true }
    }
  },
  {
    title: "Gemini, without the choice of functions in a request without functions",
    protocol: "google-gemini",
    request: { tools: [search], toolChoice: "auto", model: "gemini-2.5-flash" },
    body: { tools: [{ googleSearch: {} }] }
  },
  {
    title: "Gemini, without hosted tools where no tool may be called",
    protocol: "google-gemini",
    request: { tools: [search, lookup], toolChoice: "none" },
    body: {
      tools: [{ functionDeclarations: [{ name: "lookup", parametersJsonSchema: lookup.parameters }] }],
      toolConfig: { functionCallingConfig: { mode: "NONE" } }
    }
  }
]

describe("hosted tools are sent", () => {
  it.effect.each(sentRows)("to $title", ({ protocol, request, body }) =>
    sent(request).pipe(
      Effect.map((all) => expect(all).toMatchObject(body)),
      asking(protocols[protocol])
    )
  )

  it.effect("to Gemini alone without a configuration of functions", () =>
    sent({ tools: [search], toolChoice: "auto" }).pipe(
      Effect.map((body) => expect(body).not.toHaveProperty("toolConfig")),
      asking(protocols["google-gemini"])
    )
  )
})

type Refused = readonly [title: string, ProtocolName, Omit<ChatRequest, "messages">, message: string]

const refusedRows: ReadonlyArray<Refused> = [
  [
    "by chat completions",
    "openai-chat",
    { tools: [search] },
    'openai has no hosted tool web_search in chat completions; use Responses: OpenAI.layer({ apiKey, api: "responses" })'
  ],
  [
    "by Anthropic, which has no file search",
    "anthropic-messages",
    { tools: [files] },
    "anthropic has no file_search; "
  ],
  [
    "by Anthropic, with two lists of domains",
    "anthropic-messages",
    { tools: [HostedTool.webSearch({ allowedDomains: ["a.org"], blockedDomains: ["b.org"] })] },
    "accepts allowedDomains or blockedDomains in web_search; leave one of them out"
  ],
  [
    "by Responses, with a limit of searches",
    "openai-responses",
    { tools: [HostedTool.webSearch({ maxUses: 1 })] },
    "does not support maxUses in web_search; limit the calls of all hosted tools with providerOptions: { openai: { max_tool_calls } }"
  ],
  [
    "by Responses, with blocked domains",
    "openai-responses",
    { tools: [HostedTool.webSearch({ blockedDomains: ["a.org"] })] },
    "does not support blockedDomains in web_search; use allowedDomains"
  ],
  [
    "by Gemini, with options of the search",
    "google-gemini",
    { tools: [HostedTool.webSearch({ userLocation: location })] },
    "Gemini does not support userLocation in web_search; leave it out"
  ],
  [
    "by Gemini before 3 beside functions",
    "google-gemini",
    { tools: [search, lookup], model: "gemini-2.5-flash" },
    "Gemini before 3 does not accept functions beside hosted tools"
  ],
  [
    "by Gemini, if forced by name",
    "google-gemini",
    { tools: [search, lookup], toolChoice: { name: "web_search" } },
    "Gemini cannot be made to call web_search; leave toolChoice out"
  ],
  [
    "by Gemini, if forced",
    "google-gemini",
    { tools: [search], toolChoice: "required" },
    "Gemini cannot be made to call a hosted tool; leave toolChoice out"
  ],
  [
    "with the name of a function",
    "openai-responses",
    { tools: [search, { ...lookup, name: "web_search" }] },
    "tools: two have the name web_search; leave one out, or rename the function"
  ],
  [
    "with a wrong option",
    "anthropic-messages",
    { tools: [lookup, HostedTool.webSearch({ maxUses: 0 })] },
    "tools[1].maxUses"
  ]
]

describe("hosted tools are refused before anything is sent", () => {
  it.effect.each(refusedRows)("%s", ([, protocol, request, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(LLMClient.chat({ messages, ...request }))
      expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining(message) })
      expect(yield* Simulator.requests).toEqual([])
    }).pipe(asking(protocols[protocol]))
  )

  it.effect.each([
    ["OpenRouter", OpenRouter, "openrouter has no hosted tool web_search in chat completions; use its plugins"],
    [
      "Perplexity",
      Perplexity,
      "perplexity has no hosted tool web_search in chat completions; leave it out, as its models"
    ]
  ] as const)("by %s, with the way out", ([, tag, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(LLMClient.chat({ messages, tools: [search] }))
      expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining(message) })
    }).pipe(
      Effect.provide(
        LLMClient.fromProvider(tag, { model: "sonar" }).pipe(
          Layer.provide(tag.layer({ apiKey: "key" })),
          Layer.provide(FetchHttpClient.layer)
        )
      )
    )
  )
})
