/** The metadata that only this library reads, in both protocols. Front ends store it and send it back. */
import { isObject, type JsonObject } from "../../http/Json.js"

const name = "llm-connectivity"

/** The type of the part of a UI message that holds a message as the model wrote it. */
export const exactPartType = `data-${name}` as const

/** Fields for the metadata of a part or message. */
export const privateFields = (fields: JsonObject): { readonly [name]: JsonObject } => ({ [name]: fields })

/** The fields in the metadata of a part or message; `undefined` if it has none of this library. */
export const privateFieldsIn = (metadata: unknown): JsonObject | undefined => {
  const fields = isObject(metadata) ? metadata[name] : undefined
  return isObject(fields) ? fields : undefined
}
