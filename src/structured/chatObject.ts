/** Requests an object, and lets the model correct an answer that does not fit the schema. */
import * as Effect from "effect/Effect"
import { type ChatRequest, invalidRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { LLMError } from "../domain/LLMError.js"
import type { Message } from "../domain/Message.js"
import * as Usage from "../domain/Usage.js"
import { codecOf, type ObjectCodec, type ObjectSchema } from "./ObjectSchema.js"
import { decodeResponse, mismatch, type ObjectResponse, withJsonFormat } from "./objects.js"
import { type SchemaProblem, textOfProblems } from "./SchemaProblem.js"

/** How an answer that does not fit is corrected. */
export interface RepairOptions {
  /** How many more requests the model gets to correct its answer, 10 at most. */
  readonly times: number
}

const maxTimes = 10

/** Requests an object by `chat`, which runs once per attempt. */
export const chatObject = <A, I, R>(
  chat: (request: ChatRequest) => Effect.Effect<ChatResponse, LLMError, R>,
  schema: ObjectSchema<A, I>,
  request: ChatRequest,
  { times }: RepairOptions = { times: 0 }
): Effect.Effect<ObjectResponse<A>, LLMError, R> =>
  Effect.suspend(() => {
    if (!Number.isInteger(times) || times < 0 || times > maxTimes) {
      return Effect.fail(
        invalidRequest(`repair.times must be a whole number from 0 to ${maxTimes}`, "", request?.model)
      )
    }
    const codec = codecOf(schema)
    return Effect.flatMap(withJsonFormat(codec, request), (first) => attempt(chat, codec, first, times))
  })

const attempt = <A, R>(
  chat: (request: ChatRequest) => Effect.Effect<ChatResponse, LLMError, R>,
  codec: ObjectCodec<A>,
  request: ChatRequest,
  remaining: number,
  before?: Attempts
): Effect.Effect<ObjectResponse<A>, LLMError, R> =>
  Effect.flatMap(chat(request), (response) => {
    const total = { ...response, ...totalOf(before, response) }
    return Effect.matchEffect(decodeResponse(codec, total), {
      onSuccess: (object) => Effect.succeed({ ...total, object }),
      onFailure: (problems) =>
        remaining > 0 && isCorrectable(response)
          ? attempt(chat, codec, corrected(request, response, problems), remaining - 1, total)
          : Effect.fail(mismatch(total, problems))
    })
  })

/** What all attempts so far have taken. */
type Attempts = Pick<ObjectResponse<unknown>, "attempts" | "usage" | "cost">

const totalOf = (before: Attempts | undefined, { usage, cost }: ChatResponse): Attempts =>
  before === undefined
    ? { attempts: 1, usage, cost }
    : {
        attempts: before.attempts + 1,
        usage: before.usage === null || usage === null ? (before.usage ?? usage) : Usage.sum(before.usage, usage),
        cost: before.cost === null || cost === null ? null : before.cost + cost
      }

/** An answer that was cut, filtered or waits for tools would end the same way again. */
const isCorrectable = ({ finishReason }: ChatResponse): boolean => finishReason === "stop" || finishReason === "other"

const corrected = (
  request: ChatRequest,
  { message }: ChatResponse,
  problems: ReadonlyArray<SchemaProblem>
): ChatRequest => {
  const correction: Message = {
    role: "user",
    content: `Your answer does not fit the JSON Schema:\n${textOfProblems(problems)}\nAnswer again, with the complete corrected JSON only.`
  }
  // Providers reject messages without content.
  const answer = message.content === "" ? [] : [message]
  return { ...request, messages: [...request.messages, ...answer, correction] }
}
