/** The fields of Responses requests that a server over other providers can honor. */
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

/** Read by their content, so their ids and states change nothing. */
const identity: FieldRules = { id: typed("string"), status: typed("string") }

const isList = onlyIf(Array.isArray)

const inputParts: { readonly [type: string]: FieldRules } = {
  input_text: { text: typed("string") },
  input_image: { image_url: typed("string"), detail: oneOfWords(...imageDetails), file_id: refused("Send image_url.") },
  input_file: { file_data: typed("string"), filename: typed("string"), file_id: refused("Send file_data.") }
}

const messageParts: { readonly [type: string]: FieldRules } = {
  ...inputParts,
  output_text: { text: typed("string"), annotations: isList, logprobs: isList },
  refusal: { refusal: typed("string") }
}

const items = tagged(
  "type",
  {
    message: {
      ...identity,
      role: oneOfWords("user", "assistant", "system", "developer"),
      content: textOr(listOf(tagged("type", messageParts)))
    },
    function_call: { ...identity, ...callFields, call_id: typed("string"), extra_content: typed("object") },
    function_call_output: { ...identity, call_id: typed("string"), output: textOr(listOf(tagged("type", inputParts))) },
    reasoning: {
      ...identity,
      summary: listOf(tagged("type", { summary_text: { text: typed("string") } })),
      content: onlyIf(isEmpty),
      encrypted_content: typed("string")
    }
  },
  "message"
)

const schemaFields: FieldRules = {
  name: typed("string"),
  description: typed("string"),
  schema: typed("object"),
  strict: typed("boolean")
}

/** The rules of the fields. */
export const responseFields: FieldRules = {
  ...commonFields,
  input: textOr(listOf(items)),
  instructions: typed("string"),
  max_output_tokens: typed("number"),
  tools: listOf(tagged("type", { function: functionFields })),
  tool_choice: wordOr(tagged("type", { function: { name: typed("string") } })),
  text: nested({
    format: tagged("type", { text: {}, json_object: {}, json_schema: schemaFields }),
    verbosity: only("medium")
  }),
  reasoning: nested({
    effort: oneOfWords(...efforts),
    summary: oneOfWords("auto", "concise", "detailed"),
    generate_summary: oneOfWords("auto", "concise", "detailed")
  }),
  include: listOf(oneOfWords("reasoning.encrypted_content")),
  stream_options: nested({ include_obfuscation: typed("boolean") }),
  truncation: only("disabled"),
  background: only(false),
  previous_response_id: refused("This server stores nothing: send the whole conversation as 'input'."),
  conversation: refused("This server stores nothing: send the whole conversation as 'input'."),
  prompt: refused("Send 'instructions' and 'input'."),
  max_tool_calls: refused()
}
