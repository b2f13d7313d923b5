/** Puts together what a person says: the prompt, and what is sent along with it. */
import type { ContentPart } from "../../domain/ContentPart.js"
import { enclosed } from "../Input.js"

/** What was sent along stands before the question about it. */
export const contentOf = (
  prompt: string,
  piped: string | undefined,
  files: ReadonlyArray<ContentPart>
): string | ReadonlyArray<ContentPart> => {
  if (prompt === "" && files.length === 0) return (piped ?? "").trim()
  const along: ReadonlyArray<ContentPart> =
    piped === undefined ? files : [...files, { type: "text", text: enclosed("input", piped) }]
  return joined([...along, ...(prompt === "" ? [] : [{ type: "text", text: prompt } as const])])
}

/** One text where there is nothing else. */
export const joined = (parts: ReadonlyArray<ContentPart>): string | ReadonlyArray<ContentPart> => {
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []))
  return texts.length === parts.length ? texts.join("").trim() : parts
}
