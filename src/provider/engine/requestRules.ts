/**
 * Rules that every provider checks after its own fields: names and choice of tools, their schemas, results without a call,
 * model ids.
 */
import type { ChatRequest, JsonSchema } from "../../domain/ChatRequest.js"
import type { Message } from "../../domain/Message.js"
import { knownModels, split } from "../../domain/ModelId.js"
import { isObject } from "../../http/Json.js"
import { schemaProblem } from "../../protocol/jsonSchema.js"
import type { ToolNames } from "../../protocol/Protocol.js"

/**
 * What OpenAI and the vendors of its protocol accept:
 * https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
 */
const defaultToolNames: ToolNames = {
  pattern: /^[a-zA-Z0-9_-]{1,64}$/,
  description: 'must be 1 to 64 letters, digits, "_" or "-", without blanks'
}

/** Says what to change about the name of a tool; `undefined` if the provider accepts it. */
export const toolNameProblem = (name: string, where: string, names = defaultToolNames): string | undefined =>
  names.pattern.test(name) ? undefined : `${where}.name ${names.description}`

/** Says what to change about the parameters of a tool. An empty schema stands for no parameters. */
export const parametersProblem = (parameters: JsonSchema, where: string): string | undefined =>
  parameters["type"] === "object" || Object.keys(parameters).length === 0
    ? schemaProblem(parameters, where)
    : `${where} must describe an object: use { type: "object", properties: { … } } or fields of effect/Schema, and make other values one of its properties`

/** Says what to change about the tools, their choice and their results. `ownOptions` are the provider's own fields. */
export const requestProblem = (
  { messages, tools, toolChoice }: Pick<ChatRequest, "messages" | "tools" | "toolChoice">,
  ownOptions: { readonly [field: string]: unknown } | undefined
): string | undefined =>
  duplicateProblem(tools) ??
  choiceProblem({ tools, toolChoice }, ownOptions) ??
  (isContinued(ownOptions) ? undefined : resultProblem(messages))

/** Says which name two tools have, so that neither the model nor the application could tell them apart. */
const duplicateProblem = (tools: ChatRequest["tools"] = []): string | undefined => {
  const names = new Set<string>()
  for (const { name } of tools) {
    if (names.has(name)) return `tools: two have the name ${name}; leave one out, or rename the function`
    names.add(name)
  }
  return undefined
}

// Fields of `providerOptions` by which a provider knows tools that the request does not list.
const otherTools = ["tools", "prompt", "cachedContent"]

/** Says which tool `toolChoice` names that the request does not have. */
const choiceProblem = (
  { toolChoice, tools = [] }: Pick<ChatRequest, "toolChoice" | "tools">,
  options: { readonly [field: string]: unknown } | undefined
): string | undefined => {
  if (typeof toolChoice !== "object" || tools.some(({ name }) => name === toolChoice.name)) return undefined
  if (otherTools.some((field) => options?.[field] != null)) return undefined
  const names = tools.map(({ name }) => name)
  return names.length === 0
    ? `toolChoice names the tool ${toolChoice.name}, and tools is empty; add the tool, or leave toolChoice out`
    : `toolChoice names the tool ${toolChoice.name}, which is not in tools (${listed(names)}); correct the name, or add the tool`
}

const maxListed = 8

const listed = (names: ReadonlyArray<string>): string =>
  names.length > maxListed ? `${names.slice(0, maxListed).join(", ")}, …` : names.join(", ")

/** Says which tool message answers no call of an assistant message before it. */
const resultProblem = (messages: ReadonlyArray<Message>): string | undefined => {
  const called = new Set<unknown>()
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool" && !called.has(message.toolCallId)) {
      return `messages[${index}] is a tool message, and no assistant message before it has a tool call with its toolCallId; put response.message before it, or remove it`
    }
    if (message.role !== "assistant" || typeof message.content === "string") continue
    for (const part of message.content) {
      if (part.type === "tool-call") called.add(part.id)
      // Calls of hosted tools that the application answers.
      if (part.type === "provider" && isObject(part.data)) called.add(part.data["call_id"] ?? part.data["id"])
    }
  }
  return undefined
}

/** Fields by which Responses continues a conversation that OpenAI stores, where the calls of a result may stand. */
const continuations = ["previous_response_id", "conversation"]

/** Whether the provider has the earlier messages itself. */
const isContinued = (options: { readonly [field: string]: unknown } | undefined): boolean =>
  continuations.some((field) => options?.[field] != null)

const prefixes = new Set(knownModels.map((id) => split(id).provider))

/** Says what to write instead of a model string in place of the id of a model, for a provider whose ids have no slash. */
export const modelProblem = (model: string, provider: string): string | undefined => {
  const { provider: prefix, model: id } = split(model)
  if (!prefixes.has(prefix) && prefix !== provider) return undefined
  return prefix === provider
    ? `the ids of its models have no "${prefix}/"; set model to "${id}"`
    : `it does not serve the models of ${prefix}; choose the provider by the model string of the layer, or use OpenAICompatible.make for a gateway whose ids have a slash`
}
