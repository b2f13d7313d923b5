/** Answers that fit a schema. */
import { Effect, ParseResult, Schema } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import { keepPartial, type LLMError, ProviderError } from "../domain/LLMError.js"

/** A whole answer and the value that it holds. */
export interface ObjectResponse<A> extends ChatResponse {
  readonly object: A
}

type Chat<Options, R> = (request: ChatRequest, options?: Options) => Effect.Effect<ChatResponse, LLMError, R>

/** Asks for JSON that fits the schema and decodes it. */
export const chatObject = <A, I, Options, R>(
  chat: Chat<Options, R>,
  schema: Schema.Schema<A, I>,
  request: ChatRequest,
  options?: Options
): Effect.Effect<ObjectResponse<A>, LLMError, R> =>
  Effect.gen(function* () {
    const response = yield* chat({ ...request, responseFormat: { type: "json", schema } }, options)
    const decoded = yield* Effect.either(Schema.decodeUnknown(Schema.parseJson(schema))(response.content))
    if (decoded._tag === "Right") return { ...response, object: decoded.right }
    return yield* keepPartial(mismatch(response, decoded.left), response)
  })

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
