/** The fields of chat completions requests that a server over other providers can honor. */
import {
  type FieldRules,
  listOf,
  nested,
  oneOfWords,
  only,
  onlyIf,
  refused,
  tagged,
  textOr,
  typed
} from "../../serve/fieldRules.js"
import {
  callFields,
  commonFields,
  efforts,
  functionFields,
  imageDetails,
  isEmpty,
  wordOr
} from "../../serve/openAIFields.js"

const cacheControl = nested({ type: only("ephemeral"), ttl: oneOfWords("5m", "1h") })

const textPart: FieldRules = { text: typed("string"), cache_control: cacheControl }

const userParts: { readonly [type: string]: FieldRules } = {
  text: textPart,
  image_url: {
    image_url: nested({ url: typed("string"), detail: oneOfWords(...imageDetails) }),
    cache_control: cacheControl
  },
  file: {
    file: nested({ file_data: typed("string"), filename: typed("string"), file_id: refused("Send file_data.") }),
    cache_control: cacheControl
  }
}

const texts = textOr(listOf(tagged("type", { text: textPart })))

const instructions: FieldRules = { content: texts }

const messages = listOf(
  tagged("role", {
    system: instructions,
    developer: instructions,
    user: { content: textOr(listOf(tagged("type", userParts))) },
    assistant: {
      content: textOr(listOf(tagged("type", { text: textPart, refusal: { refusal: typed("string") } }))),
      refusal: typed("string"),
      reasoning_content: typed("string"),
      annotations: onlyIf(isEmpty),
      tool_calls: listOf(
        tagged("type", {
          function: {
            id: typed("string"),
            index: typed("number"),
            function: nested(callFields),
            extra_content: typed("object")
          }
        })
      )
    },
    tool: { content: texts, tool_call_id: typed("string") }
  })
)

const responseFormat = tagged("type", {
  text: {},
  json_object: {},
  json_schema: {
    json_schema: nested({ name: typed("string"), schema: typed("object"), strict: typed("boolean") })
  }
})

/** The rules of the fields. */
export const chatFields: FieldRules = {
  ...commonFields,
  messages,
  max_completion_tokens: typed("number"),
  max_tokens: typed("number"),
  stop: textOr(listOf(typed("string"))),
  seed: typed("number"),
  stream_options: nested({ include_usage: typed("boolean"), include_obfuscation: typed("boolean") }),
  tools: listOf(tagged("type", { function: { function: nested(functionFields) } })),
  tool_choice: wordOr(tagged("type", { function: { function: nested({ name: typed("string") }) } })),
  response_format: responseFormat,
  reasoning_effort: oneOfWords(...efforts),
  n: only(1),
  frequency_penalty: only(0),
  presence_penalty: only(0),
  logit_bias: onlyIf(isEmpty),
  logprobs: only(false),
  modalities: onlyIf((value) => Array.isArray(value) && value.length === 1 && value[0] === "text"),
  verbosity: only("medium"),
  functions: refused("Use 'tools'."),
  function_call: refused("Use 'tool_choice'.")
}
