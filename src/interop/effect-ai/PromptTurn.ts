/** Writes the model's own turns of a prompt, and what tools answered to them. */
import type * as Prompt from "@effect/ai/Prompt"
import { Either } from "effect"
import type { CacheMark, TextPart } from "../../domain/ContentPart.js"
import type { AssistantMessage, ProviderData, ToolCall, ToolMessage } from "../../domain/Message.js"
import { type PartOptions, read } from "./PartOptions.js"
import { contentOf, textPart, type Written } from "./PromptText.js"

/** Writes a turn of the model. */
export const assistantOf = (
  message: Prompt.AssistantMessage,
  where: string,
  options: PartOptions
): Written<AssistantMessage> =>
  Either.gen(function* () {
    const texts: Array<TextPart> = []
    const toolCalls: Array<ToolCall> = []
    const providerData: Array<ProviderData> = [...(options.providerData ?? [])]
    const last = message.content.findLast((part) => part.type === "text")
    let reasoning = ""
    for (const [index, part] of message.content.entries()) {
      const at = `${where}.content[${index}]`
      const own = yield* read(part.options, at, part.type === "text" ? ["cache", "providerData"] : ["providerData"])
      providerData.push(...(own.providerData ?? []))
      if (part.type === "text")
        texts.push(textPart(part.text, own.cache ?? (part === last ? options.cache : undefined)))
      else if (part.type === "reasoning") reasoning += part.text
      else if (part.type === "tool-call" && !part.providerExecuted) toolCalls.push(callOf(part))
      else return yield* Either.left(`${at} is ${foreign[part.type]}, which only the provider that made it could read`)
    }
    return {
      role: "assistant",
      content: contentOf(texts),
      ...(reasoning === "" ? {} : { reasoning }),
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
      ...(providerData.length === 0 ? {} : { providerData })
    }
  })

const foreign = {
  file: "a file of the model's",
  "tool-call": "the call of a provider's own tool",
  "tool-result": "the result of a provider's own tool"
} as const

const callOf = ({ id, name, params }: Prompt.ToolCallPart): ToolCall => ({
  id,
  name,
  arguments: params === undefined ? "" : JSON.stringify(params)
})

/** Writes what tools answered, one message each. */
export const resultsOf = (
  message: Prompt.ToolMessage,
  where: string,
  cache: CacheMark | undefined
): Written<ReadonlyArray<ToolMessage>> =>
  Either.all(
    message.content.map((part, index) =>
      Either.map(read(part.options, `${where}.content[${index}]`, ["cache"]), (own): ToolMessage => {
        const mark = own.cache ?? (index === message.content.length - 1 ? cache : undefined)
        return { role: "tool", toolCallId: part.id, content: contentOf([textPart(resultOf(part), mark)]) }
      })
    )
  )

/** A failure says so in its text, as not every provider has another place for it. */
const resultOf = ({ result, isFailure }: Prompt.ToolResultPart): string => {
  if (isFailure) return JSON.stringify({ error: result })
  return typeof result === "string" ? result : (JSON.stringify(result) ?? "")
}
