/** The rules of fields that OpenAI's two chat APIs share, for a server over other providers. */
import { isObject } from "../../http/Json.js"
import { type FieldRule, type FieldRules, oneOfWords, only, typed } from "./fieldRules.js"

/** The reasoning efforts that a request can have. */
export const efforts = ["none", "minimal", "low", "medium", "high", "xhigh"] as const

/** The resolutions at which a model can see an image. */
export const imageDetails = ["auto", "low", "high"] as const

/** Whether a list or object is empty. */
export const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0

/** The description of a function. */
export const functionFields: FieldRules = {
  name: typed("string"),
  description: typed("string"),
  parameters: typed("object"),
  strict: typed("boolean")
}

/** A call of a function. */
export const callFields: FieldRules = { name: typed("string"), arguments: typed("string") }

/** Accepts a word of a tool choice, or the choice of one function. */
export const wordOr =
  (named: FieldRule): FieldRule =>
  (value, path) =>
    typeof value === "string" ? oneOfWords("auto", "none", "required")(value, path) : named(value, path)

/** Fields that both APIs have. Those after `stream` change nothing in an answer of another provider. */
export const commonFields: FieldRules = {
  model: typed("string"),
  temperature: typed("number"),
  top_p: typed("number"),
  parallel_tool_calls: typed("boolean"),
  stream: typed("boolean"),
  user: typed("string"),
  safety_identifier: typed("string"),
  prompt_cache_key: typed("string"),
  metadata: typed("object"),
  service_tier: only("auto", "default"),
  store: only(false),
  top_logprobs: only(0)
}
