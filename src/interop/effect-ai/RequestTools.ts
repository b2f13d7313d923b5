/** Writes a toolkit of @effect/ai and the form of its answer as our request has them. */
import type * as LanguageModel from "@effect/ai/LanguageModel"
import * as Tool from "@effect/ai/Tool"
import { Either, Schema } from "effect"
import type { ChatRequest, JsonSchema, ToolChoice, ToolDefinition } from "../../domain/ChatRequest.js"
import type { Written } from "./PromptText.js"

type Asked = Pick<LanguageModel.ProviderOptions, "tools" | "toolChoice">

/** Writes the tools and the choice among them; one that asks for a subset has had its tools taken out already. */
export const toolsOf = ({ tools, toolChoice }: Asked): Written<Pick<ChatRequest, "tools" | "toolChoice">> => {
  if (tools.length > 0) {
    return Either.map(Either.all(tools.map(toolOf)), (all) => ({ tools: all, toolChoice: choiceOf(toolChoice) }))
  }
  return toolChoice === "auto" || toolChoice === "none"
    ? Either.right({})
    : Either.left("toolChoice asks for a tool, but leaves none of the toolkit")
}

const toolOf = (tool: Tool.Any): Written<ToolDefinition> => {
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

const choiceOf = (choice: Asked["toolChoice"]): ToolChoice => {
  if (typeof choice === "string") return choice
  return "tool" in choice ? { name: choice.tool } : (choice.mode ?? "auto")
}

/** Writes the form of the answer. */
export const formatOf = (
  format: LanguageModel.ProviderOptions["responseFormat"]
): Pick<ChatRequest, "responseFormat"> =>
  format.type === "text"
    ? {}
    : {
        responseFormat: {
          type: "json",
          // Of the schema only its shape is wanted, and not the services with which it would decode.
          schema: Schema.make(format.schema.ast),
          name: format.objectName.replace(/[^\w-]/g, "_").slice(0, 64)
        }
      }
