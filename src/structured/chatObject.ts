/** Answers that fit a schema. */
import { Effect, ParseResult, Schema } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import { keepPartial, ProviderError } from "../domain/LLMError.js"

/** A whole answer and the value that it holds. */
export interface ObjectResponse<A> extends ChatResponse {
  /** The content, decoded by the schema. */
  readonly object: A
}

/** Writes the request for JSON that fits a schema. */
export const asking = <A, I>(schema: Schema.Schema<A, I>, request: ChatRequest): ChatRequest => ({
  ...request,
  responseFormat: { type: "json", schema }
})

/** Makes the decoder of the answers to it. */
export const decoder = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknown(Schema.parseJson(schema))
  return (response: ChatResponse): Effect.Effect<ObjectResponse<A>, ProviderError> =>
    Effect.matchEffect(decode(response.content), {
      onSuccess: (object) => Effect.succeed({ ...response, object }),
      onFailure: (error) => Effect.fail(keepPartial(mismatch(response, error), response))
    })
}

/** Says where the answer does not fit, but not what stands there. */
const mismatch = (response: ChatResponse, error: ParseResult.ParseError): ProviderError => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const path = issue?.path.map(String).join(".") ?? ""
  const where = path === "" ? "the answer as a whole" : path
  const why = response.finishReason === "stop" ? "" : ` (it finished with ${response.finishReason})`
  return new ProviderError({
    provider: response.provider,
    model: response.model,
    message: `${response.provider}/${response.model} gave an answer that does not fit the schema: ${where}${why}`
  })
}
