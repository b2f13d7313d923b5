/** Makes requests from the options of @effect/ai: the settings, the prompt, the tools and the response format. */
import type * as LanguageModel from "@effect/ai/LanguageModel"
import { addGenAIAnnotations } from "@effect/ai/Telemetry"
import * as Tool from "@effect/ai/Tool"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type * as Tracer from "effect/Tracer"
import type { ChatRequest, JsonSchema, ToolChoice, ToolDefinition } from "../../domain/ChatRequest.js"
import { ValidationError } from "../../domain/LLMError.js"
import { messagesOf, type Written } from "./prompt.js"

/** The fields of a request besides its prompt, tools and response format. */
export interface Settings extends Omit<ChatRequest, "messages" | "tools" | "toolChoice" | "responseFormat"> {}

/** The settings of every request of a layer. */
export interface EffectAiOptions extends Settings {}

/** The settings of single calls, which override those of the layer: `Effect.provideService(EffectAi.CallSettings, { seed: 1 })`. */
export class CallSettings extends Context.Reference<CallSettings>()("llm-connectivity/EffectAi/CallSettings", {
  defaultValue: (): Settings => ({})
}) {}

/** Makes the request. */
export const requestOf = (
  options: LanguageModel.ProviderOptions,
  settings: Settings
): Effect.Effect<ChatRequest, ValidationError> =>
  Effect.gen(function* () {
    const messages = yield* messagesOf(options.prompt)
    const tools = yield* toolsOf(options)
    const request: ChatRequest = {
      ...settings,
      ...(yield* CallSettings),
      ...tools,
      ...formatOf(options.responseFormat),
      messages
    }
    annotateRequest(options.span, request)
    return request
  }).pipe(Effect.mapError((message) => new ValidationError({ provider: "", model: settings.model ?? "", message })))

/** Adds the settings of a request to the span, without its content. */
const annotateRequest = (span: Tracer.Span, request: ChatRequest): void =>
  addGenAIAnnotations(span, {
    operation: { name: "chat" },
    request: {
      model: request.model,
      maxTokens: request.maxTokens,
      temperature: request.temperature,
      topP: request.topP,
      seed: request.seed
    }
  })

type ToolOptions = Pick<LanguageModel.ProviderOptions, "tools" | "toolChoice">

/** Converts the tools and the tool choice. For a subset, @effect/ai has already removed the other tools. */
const toolsOf = ({ tools, toolChoice }: ToolOptions): Written<Pick<ChatRequest, "tools" | "toolChoice">> => {
  if (tools.length > 0) {
    return Either.map(Either.all(tools.map(toolOf)), (all) => ({ tools: all, toolChoice: choiceOf(toolChoice) }))
  }
  return toolChoice === "auto" || toolChoice === "none"
    ? Either.right({})
    : Either.left("toolChoice asks for a tool, but leaves none of the toolkit")
}

/** Describes a tool to the model. */
export const toolOf = (tool: Tool.Any): Written<ToolDefinition> => {
  const { name, parametersSchema } = tool
  if (Tool.isProviderDefined(tool)) {
    return Either.left(`the tool ${name} is one of a provider's own; give a tool with a handler in its place`)
  }
  const description = tool.description ?? Tool.getDescriptionFromSchemaAst(parametersSchema.ast)
  return Either.try({
    try: (): ToolDefinition => {
      const parameters: JsonSchema = { ...Tool.getJsonSchemaFromSchemaAst(parametersSchema.ast) }
      return { name, parameters, ...(description === undefined ? {} : { description }) }
    },
    catch: () => `JSON Schema cannot express the parameters of the tool ${name}; give them a jsonSchema annotation`
  })
}

const choiceOf = (choice: ToolOptions["toolChoice"]): ToolChoice => {
  if (typeof choice === "string") return choice
  return "tool" in choice ? { name: choice.tool } : (choice.mode ?? "auto")
}

/** Converts the response format. */
const formatOf = (format: LanguageModel.ProviderOptions["responseFormat"]): Pick<ChatRequest, "responseFormat"> =>
  format.type === "text"
    ? {}
    : {
        responseFormat: {
          type: "json",
          // Only the shape of the schema is sent; the services that decoding would need are dropped.
          schema: Schema.make(format.schema.ast),
          name: format.objectName.replace(/[^\w-]/g, "_").slice(0, 64)
        }
      }
