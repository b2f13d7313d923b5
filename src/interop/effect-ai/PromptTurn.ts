/** Writes the model's own turns of a prompt, and what tools answered to them. */
import type * as Prompt from "@effect/ai/Prompt"
import { Either } from "effect"
import { type AssistantPart, type CacheMark, type ToolCallPart, textOf } from "../../domain/ContentPart.js"
import type { AssistantMessage, ToolMessage } from "../../domain/Message.js"
import { read } from "./PartOptions.js"
import { contentOf, textPart, type Written } from "./PromptText.js"

/** Writes an assistant message, part by part. */
export const assistantOf = (
  message: Prompt.AssistantMessage,
  where: string,
  cache: CacheMark | undefined
): Written<AssistantMessage> =>
  Either.gen(function* () {
    const parts: Array<AssistantPart> = []
    const last = message.content.findLast((part) => part.type === "text")
    for (const [index, part] of message.content.entries()) {
      const at = `${where}.content[${index}]`
      const { cache: own, providerMetadata } = yield* read(
        part.options,
        at,
        part.type === "text" ? ["cache", "providerMetadata"] : ["providerMetadata"]
      )
      const metadata = providerMetadata === undefined ? {} : { providerMetadata }
      if (part.type === "text") {
        parts.push({ ...textPart(part.text, own ?? (part === last ? cache : undefined)), ...metadata })
      } else if (part.type === "reasoning") parts.push({ type: "reasoning", text: part.text, ...metadata })
      else if (part.type === "tool-call" && !part.providerExecuted) parts.push({ ...callOf(part), ...metadata })
      else return yield* Either.left(`${at} is ${foreign[part.type]}, which only the provider that made it could read`)
    }
    return { role: "assistant", content: plainOr(parts) }
  })

/** Joins texts to a string where nothing else stands beside them. */
const plainOr = (parts: ReadonlyArray<AssistantPart>): AssistantMessage["content"] =>
  parts.every((part) => part.type === "text" && part.cache === undefined && part.providerMetadata === undefined)
    ? textOf(parts)
    : parts

const foreign = {
  file: "a file of the model's",
  "tool-call": "the call of a provider's own tool",
  "tool-result": "the result of a provider's own tool"
} as const

const callOf = ({ id, name, params }: Prompt.ToolCallPart): ToolCallPart => ({
  type: "tool-call",
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
