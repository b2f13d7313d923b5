/** OpenAI's background responses, which are stored: https://platform.openai.com/docs/guides/background */
import * as Either from "effect/Either"
import { isObject, type JsonObject, parseJson } from "../../http/Json.js"
import { openAIResponses } from "../../protocol/openai-responses/serve/response.js"
import type { RequestTarget, StreamEvent, SuccessResponse } from "../../protocol/serve/WireFormat.js"
import { type Endpoint, endpointAt } from "./Endpoint.js"
import { queryOf } from "./Keys.js"

/** One response. Mutable, as it can be cancelled. */
interface StoredResponse {
  /** The complete response. */
  body: JsonObject
  /** The events of its stream; `undefined` if the response was not requested as a stream. */
  readonly events: ReadonlyArray<StreamEvent> | undefined
}

// OpenAI stores them for about ten minutes; here the oldest ones are removed.
const maxStored = 100

/** Stores all background responses. Each is complete at once; only its stream has delays. */
export class BackgroundResponses {
  private readonly stored = new Map<string, StoredResponse>()

  /** Finds the endpoint of a path, which can be a stored response. */
  endpointAt(method: string, path: string, headers: RequestTarget["headers"]): Endpoint | undefined {
    const [name = ""] = path.split("?")
    const [, id, action] = /^\/v1\/responses\/(resp_\w+)(?:\/(cancel))?$/.exec(name) ?? []
    if (id !== undefined && `${method} ${action}` === "GET undefined") return this.retrieval(id, queryOf(path))
    if (id !== undefined && `${method} ${action}` === "POST cancel") return this.cancellation(id)
    const endpoint = endpointAt(method, path, headers)
    return endpoint !== undefined && name === "/v1/responses" ? this.storing(endpoint) : endpoint
  }

  private storing(endpoint: Endpoint): Endpoint {
    return {
      ...endpoint,
      respond: (body, reply) =>
        Either.map(endpoint.respond(body, reply), (response) =>
          body["background"] === true ? this.store(response) : response
        )
    }
  }

  private store(response: SuccessResponse): SuccessResponse {
    const isStream = response.type === "stream"
    const body = isStream ? responseIn(response.events.at(-1)) : response.body
    const { stored } = this
    stored.set(String(body["id"]), { body, events: isStream ? response.events : undefined })
    for (const oldest of stored.keys()) if (stored.size > maxStored) stored.delete(oldest)
    if (isStream) return response
    return { type: "json", body: { ...body, status: "queued", output: [], usage: null, completed_at: null }, deltas: 0 }
  }

  /** A stream uses up a scripted reply, because it can fail like any other stream. */
  private retrieval(id: string, query: URLSearchParams): Endpoint {
    const isStream = query.get("stream") === "true"
    const after = Number(query.get("starting_after") ?? -1)
    return aboutResponse(isStream, () => {
      const response = this.stored.get(id)
      if (response === undefined) return notFound(id)
      if (!isStream) return json(response.body)
      const { events } = response
      const { streamType: contentType } = openAIResponses
      return events === undefined
        ? Either.left({
            kind: "invalidRequest",
            message: "This response cannot be streamed: it was not created with stream=true."
          })
        : // The index of an event is its sequence number.
          Either.right({ type: "stream", contentType, events: events.slice(after + 1) })
    })
  }

  private cancellation(id: string): Endpoint {
    return aboutResponse(false, () => {
      const response = this.stored.get(id)
      if (response === undefined) return notFound(id)
      response.body = { ...response.body, status: "cancelled", output: [], usage: null, completed_at: null }
      return json(response.body)
    })
  }
}

const aboutResponse = (isScripted: boolean, respond: Endpoint["respond"]): Endpoint => ({
  protocol: "openai-responses",
  wire: openAIResponses,
  model: "",
  isScripted,
  hasBody: false,
  respond
})

const json = (body: JsonObject): ReturnType<Endpoint["respond"]> => Either.right({ type: "json", body, deltas: 0 })

const notFound = (id: string): ReturnType<Endpoint["respond"]> =>
  Either.left({ kind: "notFound", message: `Response with id '${id}' not found.` })

/** The response in an event. */
const responseIn = (event: StreamEvent | undefined): JsonObject => {
  const data = parseJson(/^data: (.*)$/m.exec(event?.text ?? "")?.[1] ?? "")
  const response = isObject(data) ? data["response"] : undefined
  return isObject(response) ? response : {}
}
