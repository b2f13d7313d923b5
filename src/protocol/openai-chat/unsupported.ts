/** What a vendor of chat completions does not take: refused here, as the vendor itself may just leave it out. */
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { type AssistantPart, type FilePart, type ImagePart, partsOf } from "../../domain/ContentPart.js"
import type { Differences, Refusal } from "./differences.js"

/** Says what of a request the vendor does not take, and what to do instead. */
export const refusalOf = (request: ChatRequest, differences: Differences): string | undefined => {
  const refused = asked(request, differences).find(([isAsked]) => isAsked)
  return refused === undefined ? refusedPart(request, differences) : `${differences.provider} takes no ${refused[1]}`
}

const asked = (
  { tools, toolChoice, stop, seed, responseFormat }: ChatRequest,
  { refuses = [], seedField, jsonMode, jsonSchema }: Differences
): ReadonlyArray<readonly [boolean, string]> => {
  const forces = toolChoice !== undefined && toolChoice !== "auto"
  const schema = responseFormat?.type === "json" ? responseFormat.schema : undefined
  return [
    [refuses.includes("tools") && (tools ?? []).length > 0, "tools; leave them out"],
    [refuses.includes("toolChoice") && forces, "toolChoice but auto; leave it out"],
    [refuses.includes("namedTool") && typeof toolChoice === "object", 'tool by name in toolChoice; write "required"'],
    [refuses.includes("stop") && stop !== undefined, "stop texts; leave stop out"],
    [seedField === null && seed !== undefined, "seed; leave it out"],
    [
      jsonSchema === false && schema !== undefined,
      "schema in responseFormat; leave it out and describe it in the prompt"
    ],
    [
      jsonMode === false && responseFormat?.type === "json" && schema === undefined,
      "responseFormat of JSON without a schema; give one"
    ]
  ]
}

const refusedPart = ({ messages }: ChatRequest, { provider, refuses = [] }: Differences): string | undefined => {
  for (const [index, { role, content }] of messages.entries()) {
    const parts: ReadonlyArray<AssistantPart> = partsOf<AssistantPart>(content)
    for (const [at, part] of parts.entries()) {
      if (part.type !== "image" && part.type !== "file") continue
      const where = `messages[${index}].content[${at}]`
      if (role !== "user") {
        const name = role === "tool" ? "a tool's result" : "an assistant message"
        return `${where}: ${provider} takes no ${part.type} parts in ${name}; send text, or move it into a user message`
      }
      const instead = insteadOf(part, refuses)
      if (instead !== undefined) return `${where}: ${provider} takes no ${instead}`
    }
  }
  return undefined
}

const insteadOf = (part: ImagePart | FilePart, refuses: ReadonlyArray<Refusal>): string | undefined => {
  const isLink = part.url !== undefined && !/^data:/i.test(part.url)
  const { all, links } = refusals[part.type]
  if (refuses.includes(all.what)) return all.instead
  return isLink && refuses.includes(links.what) ? links.instead : undefined
}

const refusals = {
  image: {
    all: { what: "images", instead: "image parts; send text" },
    links: { what: "imageUrls", instead: "addresses of images; send data and mediaType" }
  },
  file: {
    all: { what: "files", instead: "file parts; send their text" },
    links: { what: "fileUrls", instead: "addresses of files; send data" }
  }
} as const
