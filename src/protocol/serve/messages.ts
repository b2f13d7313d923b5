/** Builds the messages of a parsed request the same way for every protocol, so that token counts agree. */
import { type JsonObject, parseJson } from "../../http/Json.js"
import { objects, text } from "./fields.js"
import type { ParsedMessage } from "./ParsedRequest.js"

/** A text, unless it is empty. */
export const textMessage = (
  role: ParsedMessage["role"],
  content: string,
  isCacheMark = false
): ReadonlyArray<ParsedMessage> => (content === "" ? [] : [{ role, text: content, media: 0, isCacheMark }])

/** A call that the model made. */
export const callMessage = (name: unknown, json: string): ReadonlyArray<ParsedMessage> =>
  textMessage("assistant", `${text(name) ?? ""}${compactJson(json)}`)

/** A content: a string, or parts, of which those without a text are images or files. */
export const contentMessages = (role: ParsedMessage["role"], content: unknown): ReadonlyArray<ParsedMessage> =>
  typeof content === "string"
    ? textMessage(role, content)
    : objects(content).flatMap((part) => partMessages(role, part))

const partMessages = (role: ParsedMessage["role"], part: JsonObject): ReadonlyArray<ParsedMessage> => {
  const content = text(part["text"]) ?? text(part["refusal"])
  const isCacheMark = part["cache_control"] != null
  return content === undefined ? [{ role, text: "", media: 1, isCacheMark }] : textMessage(role, content, isCacheMark)
}

/** The text of a content. */
export const textOfContent = (content: unknown): string =>
  contentMessages("user", content)
    .map((message) => message.text)
    .join("")

/** Whether the messages contain the word "JSON", which OpenAI wants where it answers in JSON without a schema. */
export const mentionsJson = (messages: ReadonlyArray<JsonObject>): boolean =>
  messages.some(({ content }) => /json/i.test(textOfContent(content)))

/** Removes blanks between the values of JSON text, as some protocols send as text what others send as an object. */
export const compactJson = (text: string): string => {
  const json = parseJson(text)
  return json === undefined ? text : JSON.stringify(json)
}
